"""What a source posts in one history: few records, many facts about each, so that everything meets everything."""

import hashlib
import json
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, Final

TOPIC: Final = "feed.case-system"
SUBJECTS: Final = ("c1", "c2", "c3", "c4")
BEGIN: Final = datetime(2026, 3, 2, 1, tzinfo=UTC)
DAY: Final = "2026-03-02"


@dataclass(frozen=True, slots=True)
class Letter:
    key: bytes
    value: bytes
    partition: int | None


@dataclass(slots=True)
class Letters:
    """`events` are different ones, `posted` all messages in order with their copies."""

    events: list[dict[str, Any]] = field(default_factory=list)
    posted: list[Letter] = field(default_factory=list)
    copies: Counter[str] = field(default_factory=Counter)
    controls: set[str] = field(default_factory=set)
    strange: set[str] = field(default_factory=set)

    @classmethod
    def drawn(cls, dice: Random) -> "Letters":
        made = cls()
        for number in range(dice.randint(4, 16)):
            made.post(_fact(f"e{number:02}", dice), dice)
            usual = [event for event in made.events if event["id"] not in made.strange]
            while usual and dice.random() < 0.25:
                made.post(dice.choice(usual), dice)
        if dice.random() < 0.3:
            made.post(made.closing(dice), dice)
        return made

    @property
    def facts(self) -> list[dict[str, Any]]:
        return [event for event in self.events if event["id"] not in self.controls]

    def post(self, event: dict[str, Any], dice: Random) -> None:
        """A copy may come by another partitioner."""
        if not self.copies[event["id"]]:
            self.events.append(event)
        if event["data"].get("kind") == "review":
            self.strange.add(event["id"])
        self.copies[event["id"]] += 1
        partition = dice.randrange(3) if self.copies[event["id"]] > 1 or dice.random() < 0.2 else None
        self.posted.append(Letter(event["subject"].encode(), json.dumps(event).encode(), partition))

    def closing(self, dice: Random) -> dict[str, Any]:
        """The source's own count of the day, sometimes wrong."""
        ids = sorted(event["id"] for event in self.facts)[: dice.choice([None, None, 1])]
        self.controls.add("z-closed")
        data = {"day": DAY, "count": len(ids), "digest": hashlib.sha256("\n".join(ids).encode()).hexdigest()}
        return _event("z-closed", "feed.batch_closed.v1", "day", 0, data)

    def is_right(self, id_: str, aside: Collection[str]) -> bool:
        """Whether a closing counts what is held in the end."""
        closing = next(event for event in self.events if event["id"] == id_)
        ids = sorted(event["id"] for event in self.facts if event["id"] not in aside)
        return bool(closing["data"]["digest"] == hashlib.sha256("\n".join(ids).encode()).hexdigest())

    def counted(self, aside: Collection[str]) -> list[tuple[int, int, int, int]]:
        """Received, applied, duplicates, quarantined: each message in exactly one of the last three, a closing in none when it is new."""
        strange = len(aside)
        applied = sum(event["id"] not in aside for event in self.facts)
        taken = sum(event["id"] not in aside for event in self.events)
        return [(len(self.posted), applied, len(self.posted) - strange - taken, strange)]


def _fact(id_: str, dice: Random) -> dict[str, Any]:
    subject, minute = dice.choice(SUBJECTS), dice.randrange(6)
    if dice.random() < 0.1:
        return _event(id_, "feed.record_withdrawn.v1", subject, minute, {})
    if dice.random() < 0.05:
        return _event(id_, "feed.record_observed.v1", "r1", minute, {"kind": "review", "set": {"status": "open"}})
    attributes = {
        "status": dice.choice(["open", "closed", "closed"]),
        "amount": f"{dice.randrange(100)}.{dice.randrange(100):02}",
        "closed_on": dice.choice(["2026-03-02", "2026-03-09", "2026-04-01", "2025-12-31", None]),
    }
    some = {name: value for name, value in attributes.items() if dice.random() < 0.7}
    unit = {"unit": dice.choice(["east", "east", "west", "north"])} if dice.random() < 0.7 else {}
    return _event(id_, "feed.record_observed.v1", subject, minute, {"kind": "case", "set": some} | unit)


def _event(id_: str, of: str, subject: str, minute: int, data: dict[str, Any]) -> dict[str, Any]:
    time = (BEGIN + timedelta(minutes=minute)).isoformat()
    return {"specversion": "1.0", "id": id_, "source": "urn:source:case-system", "type": of, "subject": subject, "time": time, "data": data}
