"""Events and measures as tests write them: only what matters is named."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from kit.workdays import shipped
from scoring.ledger.domain.contributions import Counted, Cycle
from scoring.ledger.domain.facts import Event, Feed, Message, event_of, parse
from scoring.ledger.domain.measures import parse_measure
from scoring.ledger.domain.values import Kind

CASES = Feed(slug="case-system", uri="urn:source:case-system")
MORNING = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
CASE = Kind.of(
    "case",
    {
        "status": "text",
        "amount": "number",
        "urgent": "boolean",
        "filed_on": "date",
        "closed_on": "date",
        "due_on": "date",
        "heard_at": "instant",
    },
)
KEPT = {"type": "date", "history": True}
KEEPING = {"case": Kind.of("case", {**CASE.attributes, "due_on": KEPT, "status": {"type": "text", "history": True}})}
KINDS = {"case": CASE, "complaint": Kind.of("complaint", {"status": "text"})}
YEAR = Cycle("2026-01", "2026-12", ZoneInfo("Asia/Shanghai"))


def observed(id_: str, *, subject: str = "case-1", minute: int = 0, **data: object) -> dict[str, Any]:
    """`set` and `unit` are given as keywords."""
    return {
        "specversion": "1.0",
        "id": id_,
        "source": CASES.uri,
        "type": "feed.record_observed.v1",
        "subject": subject,
        "time": (MORNING + timedelta(minutes=minute)).isoformat(),
        "data": {"kind": "case", "set": {}} | data,
    }


def withdrawn(id_: str, *, subject: str = "case-1", minute: int = 0) -> dict[str, Any]:
    return observed(id_, subject=subject, minute=minute) | {"type": "feed.record_withdrawn.v1", "data": {}}


def event(document: Mapping[str, Any]) -> Event:
    return event_of(parse(json.dumps(document).encode()))


def message(value: bytes | None, *, key: bytes | None = b"case-1", headers: Mapping[str, str] | None = None) -> Message:
    pairs = tuple((name, content.encode()) for name, content in (headers or {}).items())
    return Message("feed.case-system", 0, 7, 0, key, value, pairs)


def counted(number: int = 1, kinds: Mapping[str, Kind] = KINDS, /, **document: object) -> Counted:
    return Counted(number, parse_measure("m", {"kind": "case", "at": "closed_on"} | document, kinds=kinds), YEAR, shipped())
