"""What a system says about a record, and how it is written as a CloudEvent."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from contracts.feed import BATCH_CLOSED, RECORD_OBSERVED, RECORD_WITHDRAWN
from demo.bureau import Source

Value = str | int | bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """These attributes of a record now have these values; `unit` is the source's own code."""

    source: Source
    id: str
    subject: str
    time: datetime
    kind: str
    unit: str | None = None
    set: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawn:
    source: Source
    id: str
    subject: str
    time: datetime
    reason: str


Fact = Observed | Withdrawn


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """Bytes that a system hands over at an instant, through the door of its source; `usable` is what the sender believes."""

    source: Source
    id: str
    at: datetime
    key: bytes
    value: bytes
    usable: bool = True


def envelope(fact: Fact) -> dict[str, object]:
    match fact:
        case Observed():
            unit = {} if fact.unit is None else {"unit": fact.unit}
            return _event(fact, RECORD_OBSERVED, {"kind": fact.kind, **unit, "set": dict(fact.set)})
        case Withdrawn():
            return _event(fact, RECORD_WITHDRAWN, {"reason": fact.reason})


def _event(fact: Fact, kind: str, content: Mapping[str, object]) -> dict[str, object]:
    return {
        "specversion": "1.0",
        "id": fact.id,
        "source": fact.source.uri,
        "type": kind,
        "subject": fact.subject,
        "time": fact.time.isoformat(),
        "datacontenttype": "application/json",
        "data": content,
    }


def written(event: Mapping[str, object]) -> bytes:
    return json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()


def message_of(fact: Fact, at: datetime) -> Message:
    return Message(source=fact.source, id=fact.id, at=at, key=fact.subject.encode(), value=written(envelope(fact)))


def closed_batch(source: Source, day: date, ids: Iterable[str], at: datetime) -> Message:
    """The control message of a source's day: how many events have a `time` on it, and the digest of their sorted ids."""
    held = sorted(ids)
    event = {
        "specversion": "1.0",
        "id": f"{source.slug}-batch-{day}",
        "source": source.uri,
        "type": BATCH_CLOSED,
        "time": at.isoformat(),
        "datacontenttype": "application/json",
        "data": {"day": str(day), "count": len(held), "digest": hashlib.sha256("\n".join(held).encode()).hexdigest()},
    }
    return Message(source=source, id=str(event["id"]), at=at, key=str(day).encode(), value=written(event))
