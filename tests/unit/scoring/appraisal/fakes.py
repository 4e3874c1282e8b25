"""The appraisal's Protocols in memory."""
# ruff: noqa: ARG002 - a fake takes what its Protocol names

from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from kit.outbox import Raw
from kit.testing import FixedClock
from scoring.appraisal.domain.changes import Change
from scoring.appraisal.domain.faults import NotFound
from scoring.appraisal.domain.inputs import MeasureKey, Month, Totals
from scoring.appraisal.domain.lights import Light
from scoring.appraisal.domain.scheme_documents import checked_scheme
from scoring.appraisal.domain.schemes import Cycle, CycleKey, Group, IndicatorKey, Scheme, State, Unit, UnitCode, Version, count_name
from scoring.appraisal.domain.settling import Crossing, Settlement
from scoring.appraisal.domain.words import Text
from scoring.appraisal.handlers.closing import Closing
from scoring.appraisal.handlers.work import DraftFigures, FactPage, KeptScheme, Page, PastScore, ReadOnly, Sought, Traces, TrialMade, Work
from scoring.ledger.domain.progress import Progress
from scoring.ledger.domain.values import Kind
from tests.unit.scoring.appraisal.bureau import CYCLE, DOCUMENT, WORLD
from tests.unit.scoring.appraisal.closing_fakes import closing_of
from tests.unit.scoring.appraisal.people_fakes import (
    FakeAppointments,
    FakeClaims,
    FakeJudgements,
    FakeMarks,
    FakeMembers,
    FakeOverrides,
    FakeSelfAssessments,
)

NOON = datetime(2026, 6, 15, 4, tzinfo=UTC)


@dataclass
class FakeRegistry:
    known_units: dict[UnitCode, Unit] = field(default_factory=dict)
    known_groups: dict[str, Group] = field(default_factory=dict)
    known_cycles: dict[CycleKey, Cycle] = field(default_factory=lambda: {CYCLE.key: CYCLE})

    async def put_group(self, group: Group) -> None:
        self.known_groups[group.key] = group

    async def groups(self) -> Sequence[Group]:
        return list(self.known_groups.values())

    async def put_unit(self, unit: Unit) -> bool:
        before = self.known_units.get(unit.code)
        self.known_units[unit.code] = unit
        return before != unit

    async def unit(self, code: UnitCode) -> Unit:
        return self.known_units[code]

    async def units(self) -> Sequence[Unit]:
        return list(self.known_units.values())

    async def put_cycle(self, cycle: Cycle) -> None:
        self.known_cycles[cycle.key] = cycle

    async def cycle(self, key: CycleKey) -> Cycle:
        return self.known_cycles[key]

    async def cycles(self) -> Sequence[Cycle]:
        return list(self.known_cycles.values())


@dataclass
class FakeSchemes:
    kept: list[KeptScheme] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)

    def holds(self, held: Scheme, state: State = State.ACTIVE, text: str = DOCUMENT) -> None:
        self.texts.append(text)
        at = NOON if state is State.ACTIVE else None
        version = Version(len(self.kept) + 1)
        self.kept.append(
            KeptScheme(cycle=held.cycle, version=version, state=state, scheme=held, made_by="x", made_at=NOON, activated_at=at)
        )

    async def add(self, *, text: str, document: Mapping[str, Any], cycle: CycleKey, made_by: str, made_at: datetime) -> Version:
        self.holds(checked_scheme(document), State.DRAFT, text)
        return self.kept[-1].version

    async def version(self, cycle: CycleKey, version: Version) -> KeptScheme:
        return self.kept[version - 1]

    async def versions(self, cycle: CycleKey) -> Sequence[KeptScheme]:
        return [kept for kept in self.kept if kept.cycle == cycle]

    async def text(self, cycle: CycleKey, version: Version) -> str:
        return self.texts[version - 1]

    async def active(self, cycle: CycleKey) -> KeptScheme:
        for kept in await self.all_active():
            if kept.cycle == cycle:
                return kept
        raise NotFound(Text("方案", "scheme"))

    async def all_active(self) -> Sequence[KeptScheme]:
        return [kept for kept in self.kept if kept.state is State.ACTIVE]

    async def coming(self) -> Sequence[KeptScheme]:
        return [kept for kept in self.kept if kept.state is State.COMING]

    async def chain(self, cycle: CycleKey) -> Sequence[KeptScheme]:
        return [kept for kept in await self.versions(cycle) if kept.state in {State.SUPERSEDED, State.ACTIVE}]

    async def hold(self, cycle: CycleKey) -> None:
        assert cycle

    async def put(self, kept: KeptScheme, state: State, *, at: datetime) -> None:
        self.kept[kept.version - 1] = replace(kept, state=state, activated_at=None if state is State.DRAFT else kept.activated_at or at)


@dataclass
class FakeTrials:
    made: dict[tuple[CycleKey, Version], TrialMade] = field(default_factory=dict)

    async def add(self, cycle: CycleKey, version: Version, made: TrialMade) -> None:
        self.made[cycle, version] = made

    async def last(self, cycle: CycleKey, version: Version) -> TrialMade | None:
        return self.made.get((cycle, version))


@dataclass
class FakeFigures:
    still: bool = True
    begun: list[str] = field(default_factory=list)
    moved: set[tuple[str, UnitCode]] = field(default_factory=set)
    of_units: dict[UnitCode, Totals] = field(default_factory=dict)

    async def begin_counting(self, count: str, measures: Mapping[str, Any], *, cycle: Cycle, zone: ZoneInfo) -> None:
        self.begun.append(count)

    async def under_way(self) -> Sequence[Progress]:
        return [Progress(count=count, records=0, expected=10, per_second=0) for count in self.begun]

    async def are_still(self) -> bool:
        return self.still

    async def totals(self, count: str, units: Collection[UnitCode], *, through: Month) -> Mapping[UnitCode, Totals]:
        return {unit: self.of_units[unit] for unit in units if unit in self.of_units}

    async def take_moved(self, most: int) -> Collection[tuple[str, UnitCode]]:
        taken, self.moved = self.moved, set()
        return taken

    async def waiting(self) -> int:
        return len(self.moved)


@dataclass
class FakeScores:
    is_free: bool = True
    months: dict[Version, str] = field(default_factory=dict)
    unsettled: set[tuple[str, UnitCode]] = field(default_factory=set)
    written: dict[UnitCode, Settlement] = field(default_factory=dict)
    handed_on: list[tuple[Version, Version, Mapping[Crossing, Crossing]]] = field(default_factory=list)

    async def own_the_settling(self) -> bool:
        return self.is_free

    async def unsettle(self, cycle: CycleKey, version: Version, units: Iterable[UnitCode]) -> None:
        self.unsettled |= {(count_name(cycle, version), unit) for unit in units}

    async def take_unsettled(self, most: int) -> Collection[tuple[str, UnitCode]]:
        taken, self.unsettled = self.unsettled, set()
        return taken

    async def waiting(self) -> int:
        return len(self.unsettled)

    async def reckoned_through(self, cycle: CycleKey, version: Version) -> str | None:
        return self.months.get(version)

    async def reckon_through(self, cycle: CycleKey, version: Version, upto: str) -> None:
        self.months[version] = upto

    async def held(self, cycle: CycleKey, version: Version, units: Collection[UnitCode]) -> Mapping[UnitCode, Traces]:
        return {
            unit: {settled.score.indicator: settled.trace for settled in self.written[unit].scores}
            for unit in units
            if unit in self.written
        }

    async def crossed(self, cycle: CycleKey, version: Version, units: Collection[UnitCode]) -> Mapping[UnitCode, Collection[Crossing]]:
        return {unit: self.written[unit].crossed for unit in units if unit in self.written}

    async def hand_on(self, cycle: CycleKey, before: Version, after: Version, lines: Mapping[Crossing, Crossing]) -> None:
        self.handed_on.append((before, after, lines))

    async def lights(self, cycle: CycleKey, units: Collection[UnitCode]) -> Mapping[UnitCode, Mapping[IndicatorKey, Light]]:
        return {unit: self.written[unit].lights for unit in units if unit in self.written}

    async def write(self, cycle: CycleKey, version: Version, unit: UnitCode, settlement: Settlement, *, at: datetime) -> None:
        self.written[unit] = settlement

    async def history(self, cycle: CycleKey, unit: UnitCode, indicator: IndicatorKey) -> Sequence[PastScore]:
        return []


@dataclass
class FakeRest:
    """Kinds, records and the platform's feed."""

    known: list[UnitCode] = field(default_factory=list)
    holders: set[UnitCode] = field(default_factory=set)
    asked: list[tuple[str, MeasureKey, Month]] = field(default_factory=list)

    async def all(self) -> Mapping[str, Kind]:
        return WORLD.kinds

    async def counted(
        self, count: str, measure: MeasureKey, unit: UnitCode, *, through: Month, sought: Sought, after: str | None, most: int
    ) -> Page:
        self.asked.append((count, measure, through))
        return Page(records=[], after=None)

    async def units_of(self, source: str, subject: str) -> Collection[UnitCode]:
        return self.holders

    async def facts(self, source: str, subject: str, *, after: str | None, most: int) -> FactPage:
        return FactPage(facts=[{"id": "f-1"}] if self.holders else [], after=None)

    async def arrived(
        self, kinds: Collection[str], unit: UnitCode, *, since: datetime | None, until: datetime, after: str | None, most: int
    ) -> FactPage:
        return FactPage(facts=[], after=None)

    async def register(self) -> None:
        self.known.clear()

    async def know(self, unit: UnitCode) -> None:
        self.known.append(unit)


@dataclass
class FakeOutbox:
    said: list[Change] = field(default_factory=list)
    raw: list[Raw] = field(default_factory=list)

    async def add(self, fact: Change) -> None:
        self.said.append(fact)

    async def add_raw(self, message: Raw) -> None:
        self.raw.append(message)


@dataclass
class FakeSnapshots:
    """The same office, and drafts whose measures come to what the figures hold."""

    office: "Office"

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[ReadOnly]:
        yield ReadOnly(self.office.work, self)

    async def counted(self, measures: Mapping[str, Any], *, cycle: Cycle, zone: ZoneInfo) -> DraftFigures:
        return DraftFigures(totals=self.office.figures.of_units, records=7, milliseconds=1)


@dataclass
class Office:
    """All of them, and the work that they make together."""

    registry: FakeRegistry = field(default_factory=FakeRegistry)
    schemes: FakeSchemes = field(default_factory=FakeSchemes)
    trials: FakeTrials = field(default_factory=FakeTrials)
    figures: FakeFigures = field(default_factory=FakeFigures)
    scores: FakeScores = field(default_factory=FakeScores)
    marks: FakeMarks = field(default_factory=FakeMarks)
    appointments: FakeAppointments = field(default_factory=FakeAppointments)
    self_assessments: FakeSelfAssessments = field(default_factory=FakeSelfAssessments)
    overrides: FakeOverrides = field(default_factory=FakeOverrides)
    claims: FakeClaims = field(default_factory=FakeClaims)
    members: FakeMembers = field(default_factory=FakeMembers)
    rest: FakeRest = field(default_factory=FakeRest)
    outbox: FakeOutbox = field(default_factory=FakeOutbox)
    clock: FixedClock = field(default_factory=lambda: FixedClock(NOON))
    closing: Closing = field(init=False)

    def __post_init__(self) -> None:
        self.closing = closing_of(self.figures.of_units)

    @property
    def work(self) -> Work:
        return Work(
            registry=self.registry,
            schemes=self.schemes,
            trials=self.trials,
            snapshots=FakeSnapshots(self),
            kinds=self.rest,
            marks=self.marks,
            appointments=self.appointments,
            self_assessments=self.self_assessments,
            overrides=self.overrides,
            claims=self.claims,
            proofs=self.claims,
            members=self.members,
            judgements=FakeJudgements(self.marks, self.claims),
            figures=self.figures,
            scores=self.scores,
            records=self.rest,
            closing=self.closing,
            platform=self.rest,
            outbox=self.outbox,
            clock=self.clock,
        )
