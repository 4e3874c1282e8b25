"""Fakes of the Protocols of feedback.handlers, in memory."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from itertools import count
from zoneinfo import ZoneInfo

from feedback.domain import facts
from feedback.domain.deductions import Decision, Deduction, DeductionId
from feedback.domain.errors import NoSuchDeduction, NoSuchItem
from feedback.domain.ladder import Stage
from feedback.domain.rectification import Rectification
from feedback.domain.states import ENDED
from feedback.domain.words import CycleKey, IndicatorKey, ItemId, Person, UnitCode
from feedback.handlers import Line, Progress, Sought, Story, Work
from kit.testing import FixedClock
from kit.workdays import Calendar, shipped
from tests.unit.feedback.builders import MONDAY, OFFICE, POLICY

ZONE = ZoneInfo("Asia/Shanghai")


@dataclass(slots=True)
class FakeItems:
    kept: dict[ItemId, Rectification] = field(default_factory=dict)
    seen: dict[ItemId, tuple[date, str | None]] = field(default_factory=dict)
    remembered: list[facts.ItemFact] = field(default_factory=list)

    async def locked(self, item: ItemId) -> Rectification:
        if item not in self.kept:
            raise NoSuchItem(item)
        return self.kept[item]

    async def locked_unlooked(self, item: ItemId, day: date) -> Rectification | None:
        return None if item in self.seen and self.seen[item][0] == day else self.kept.get(item)

    async def open_matter(self, unit: UnitCode, indicator: IndicatorKey, cause: str) -> Rectification | None:
        same = (each for each in self.kept.values() if (each.unit, each.indicator, each.cause) == (unit, indicator, cause))
        return next((each for each in same if each.state not in ENDED), None)

    async def save(self, item: Rectification) -> None:
        self.kept[item.id] = item
        self.seen.pop(item.id, None)

    async def looked(self, item: ItemId, day: date, *, blocked: str | None = None) -> None:
        self.seen[item] = (day, blocked)

    async def look_again(self) -> None:
        self.seen.clear()

    async def remember(self, fact: facts.ItemFact) -> None:
        self.remembered.append(fact)


@dataclass(slots=True)
class FakeNumbers:
    last: dict[CycleKey, int] = field(default_factory=dict)

    async def next(self, cycle: CycleKey) -> int:
        self.last[cycle] = self.last.get(cycle, 0) + 1
        return self.last[cycle]


@dataclass(slots=True)
class FakeStages:
    kept: dict[tuple[ItemId, date, Stage], bool] = field(default_factory=dict)

    async def told(self, item: ItemId, due_on: date) -> frozenset[Stage]:
        return frozenset(stage for kept, due, stage in self.kept if (kept, due) == (item, due_on))

    async def add(self, fact: facts.StageReached) -> None:
        rows = {(fact.item.id, fact.due_on, stage): stage is not fact.stage for stage in (*fact.skipped, fact.stage)}
        assert not rows.keys() & self.kept.keys(), "the ledger's key"
        self.kept |= rows


@dataclass(slots=True)
class FakeProofs:
    kept: set[tuple[ItemId, str, UnitCode | None]] = field(default_factory=set)

    async def add(self, item: ItemId, *, evidence: str, revision: int, unit: UnitCode | None, on: date) -> None:
        assert revision > 0
        assert on >= MONDAY
        self.kept.add((item, evidence, unit))

    async def count(self, item: Rectification) -> int:
        return sum(kept == item.id and unit in {None, item.unit} for kept, _evidence, unit in self.kept)


@dataclass(slots=True)
class FakeDeductions:
    kept: dict[DeductionId, Deduction] = field(default_factory=dict)

    async def locked(self, deduction: DeductionId) -> Deduction:
        if deduction not in self.kept:
            raise NoSuchDeduction(deduction)
        return self.kept[deduction]

    async def of_matter(self, matter: str) -> Deduction | None:
        return next((each for each in self.kept.values() if each.matter == matter), None)

    async def save(self, deduction: Deduction) -> None:
        self.kept[deduction.id] = deduction


@dataclass(slots=True)
class FakeYears:
    known: Calendar = field(default_factory=shipped)

    async def calendar(self) -> Calendar:
        return self.known

    async def enter(self, year: int, *, holidays: Collection[date], workdays: Collection[date], by: Person) -> None:
        assert by
        self.known = self.known.with_year(year, holidays, workdays)


@dataclass(slots=True)
class FakeOutbox:
    said: list[facts.Fact] = field(default_factory=list)

    async def add(self, fact: facts.Fact) -> None:
        self.said.append(fact)


@dataclass(slots=True)
class FakeReading:
    items_kept: FakeItems
    deductions_kept: FakeDeductions

    async def items(self, sought: Sought) -> list[Rectification]:
        return list(self.items_kept.kept.values())[: sought.limit]

    async def story(self, item: ItemId) -> Story:
        nothing: list[Line] = []
        found = await self.items_kept.locked(item)
        return Story(item=found, findings=nothing, history=nothing, stages=nothing, proofs=nothing)

    async def deductions(self, *, decision: Decision | None, cycle: CycleKey | None) -> list[Deduction]:
        assert cycle is None
        return [each for each in self.deductions_kept.kept.values() if decision in {None, each.decision}]

    async def progress(self, day: date) -> Progress:
        return Progress(day=day, pending=0, earliest=None, unsent=0, blocked={})


@dataclass(slots=True)
class Desk:
    """A `Work` of fakes whose person and day a test changes."""

    items: FakeItems = field(default_factory=FakeItems)
    stages: FakeStages = field(default_factory=FakeStages)
    proofs: FakeProofs = field(default_factory=FakeProofs)
    deductions: FakeDeductions = field(default_factory=FakeDeductions)
    years: FakeYears = field(default_factory=FakeYears)
    outbox: FakeOutbox = field(default_factory=FakeOutbox)
    numbers: FakeNumbers = field(default_factory=FakeNumbers)
    day: date = MONDAY

    def work(self, who: Person = OFFICE, units: frozenset[UnitCode] | None = None) -> Work:
        ids = count(len(self.items.kept) + len(self.deductions.kept) + 1)
        return Work(
            items=self.items,
            numbers=self.numbers,
            stages=self.stages,
            proofs=self.proofs,
            deductions=self.deductions,
            years=self.years,
            reading=FakeReading(self.items, self.deductions),
            outbox=self.outbox,
            clock=FixedClock(datetime.combine(self.day, time(9), ZONE).astimezone(UTC)),
            zone=ZONE,
            policy=POLICY,
            new_id=lambda: f"id-{next(ids)}",
            who=who,
            units=units,
        )

    def put(self, item: Rectification, **changed: object) -> ItemId:
        kept = replace(item, **changed)  # type: ignore[arg-type]  # whatever field a test names
        self.items.kept[kept.id] = kept
        return kept.id

    def said(self) -> list[str]:
        return [type(fact).__name__ for fact in self.outbox.said]
