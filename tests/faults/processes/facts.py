"""The systems that report: seeded facts with corrections, transfers, withdrawals and late ones; what they said is remembered whole."""

import random
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from contracts.feed import RECORD_OBSERVED, RECORD_WITHDRAWN
from tests.faults.processes.world import CALLS, CASES, CYCLE, DILIGENCE, UNITS, Source

CASES_KNOWN: Final = 500
CALLS_KNOWN: Final = 250
LATE: Final = 0.05  # of the facts happened long before they were reported
WITHDRAWN: Final = 0.02
MOVED: Final = 0.05  # of the observations hand the record to another unit
MONTHS: Final = 4  # the first months of the cycle, in which deadlines lie


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One event about a record; without values it is a withdrawal."""

    source: Source
    id: str
    subject: str
    at: datetime
    kind: str
    unit: str | None
    values: dict[str, Any] | None

    def event(self) -> dict[str, Any]:
        said = {"specversion": "1.0", "id": self.id, "source": self.source.uri, "subject": self.subject, "time": self.at.isoformat()}
        if self.values is None:
            return {**said, "type": RECORD_WITHDRAWN, "data": {"reason": "重复登记"}}
        unit = {} if self.unit is None else {"unit": self.source.code_of(self.unit)}
        return {**said, "type": RECORD_OBSERVED, "data": {"kind": self.kind, **unit, "set": self.values}}


@dataclass(slots=True)
class Systems:
    """`said` is the generator's own list: everything that was said, each fact once, in the order of saying."""

    dice: random.Random
    said: list[Fact] = field(default_factory=list)
    owners: dict[str, str] = field(default_factory=dict)

    def cases(self, number: int, today: date) -> list[Fact]:
        return [self._said(CASES, f"case-{self.dice.randrange(CASES_KNOWN)}", "case", today) for _ in range(number)]

    def calls(self, number: int, today: date) -> list[Fact]:
        return [self._said(CALLS, f"call-{self.dice.randrange(CALLS_KNOWN)}", "call", today) for _ in range(number)]

    def _said(self, source: Source, subject: str, kind: str, today: date) -> Fact:
        is_new = subject not in self.owners
        is_moved = is_new or self.dice.random() < MOVED
        if is_moved:
            self.owners[subject] = self.dice.choice(UNITS)
        is_withdrawn = not is_moved and self.dice.random() < WITHDRAWN
        values = None if is_withdrawn else self._values(kind, self.owners[subject], all_of_them=is_new)
        fact = Fact(
            source=source,
            id=f"{source.slug}-{len(self.said):07}",
            subject=subject,
            at=self._instant(today),
            kind=kind,
            unit=self.owners[subject] if is_moved else None,
            values=values,
        )
        self.said.append(fact)
        return fact

    def _instant(self, today: date) -> datetime:
        """Some instants come again: then the ids decide which fact wins."""
        day = today - timedelta(days=self.dice.randrange(1, 20)) if self.dice.random() < LATE else today
        return datetime.combine(day, time(1), UTC) + timedelta(minutes=self.dice.randrange(480))

    def _values(self, kind: str, unit: str, *, all_of_them: bool) -> dict[str, Any]:
        due = date(int(CYCLE), self.dice.randrange(1, MONTHS + 1), self.dice.randrange(1, 29))
        done = due + timedelta(days=-self.dice.randrange(5) if self.dice.random() < DILIGENCE[unit] else self.dice.randrange(1, 20))
        if kind == "call":
            every: dict[str, Any] = {"due_on": str(due), "answered_on": str(done), "satisfied": self.dice.random() < DILIGENCE[unit]}
        else:
            hours = f"{self.dice.randrange(1, 10)}.{self.dice.randrange(100):02}"
            every = {"due_on": str(due), "closed_on": str(done), "status": "closed", "hours": hours}
            every["status"] = self.dice.choice(("closed", "closed", "closed", "open"))
        return every if all_of_them else {name: value for name, value in every.items() if self.dice.random() < 0.6}
