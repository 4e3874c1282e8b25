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
from scoring.appraisal.domain.appointments import Appointment
from scoring.appraisal.domain.changes import Change
from scoring.appraisal.domain.faults import NotFound
from scoring.appraisal.domain.given import GivenOf
from scoring.appraisal.domain.inputs import MeasureKey, Month, Totals
from scoring.appraisal.domain.marks import OVER, PRIVATE, Held, Mark, MarkId, Place, SelfAssessment, Succession, given_of
from scoring.appraisal.domain.marks import State as MarkState
from scoring.appraisal.domain.members import Member
from scoring.appraisal.domain.overrides import HOLDS, Override, OverrideId
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

    async def write(self, cycle: CycleKey, version: Version, unit: UnitCode, settlement: Settlement, *, at: datetime) -> None:
        self.written[unit] = settlement

    async def history(self, cycle: CycleKey, unit: UnitCode, indicator: IndicatorKey) -> Sequence[PastScore]:
        return []


@dataclass
class FakeMarks:
    known: dict[MarkId, Mark] = field(default_factory=dict)

    @property
    def given_marks(self) -> list[Mark]:
        return list(self.known.values())

    async def held(self, places: Collection[Place]) -> Mapping[Place, Held]:
        return {place: self._held([mark for mark in self.known.values() if mark.place == place]) for place in places}

    def _held(self, marks: list[Mark]) -> Held:
        given = [mark for mark in marks if mark.state not in PRIVATE | OVER]
        return Held(
            current=given[-1] if given else None,
            counting=next((mark for mark in given if mark.counts), None),
            drafts=tuple(mark for mark in marks if mark.state is MarkState.DRAFT),
        )

    async def keep(self, successions: Iterable[Succession]) -> None:
        for one in successions:
            self.known |= {mark.id: mark for mark in (*one.former, one.mark)}

    async def mark(self, known: MarkId) -> Mark:
        return self.known[known]

    async def given(self, cycle: CycleKey, *, reader: str, indicators: Collection[IndicatorKey] | None) -> Sequence[Mark]:
        return [
            mark
            for mark in reversed(self.given_marks)
            if mark.assessor == reader or (mark.state not in PRIVATE and (indicators is None or mark.indicator in indicators))
        ]


@dataclass
class FakeAppointments:
    known: dict[str, Appointment] = field(default_factory=dict)

    async def put(self, appointment: Appointment) -> None:
        self.known[appointment.subject] = appointment

    async def of(self, cycle: CycleKey, subject: str) -> Appointment | None:
        return self.known.get(subject)

    async def all(self, cycle: CycleKey) -> Sequence[Appointment]:
        return list(self.known.values())


@dataclass
class FakeSelfAssessments:
    known: dict[Place, SelfAssessment] = field(default_factory=dict)

    async def put(self, said: SelfAssessment) -> None:
        self.known[Place(said.cycle, said.unit, said.indicator)] = said

    async def of(self, cycle: CycleKey, unit: UnitCode, indicator: IndicatorKey) -> SelfAssessment | None:
        return self.known.get(Place(cycle, unit, indicator))


@dataclass
class FakeMembers:
    known: dict[UnitCode, dict[str, Member]] = field(default_factory=dict)

    async def put(self, member: Member) -> None:
        self.known.setdefault(member.unit, {})[member.key] = member

    async def of(self, units: Collection[UnitCode] | None) -> Mapping[UnitCode, Sequence[Member]]:
        return {unit: list(team.values()) for unit, team in self.known.items() if units is None or unit in units}


@dataclass
class FakeOverrides:
    known: dict[OverrideId, Override] = field(default_factory=dict)

    async def add(self, override: Override) -> None:
        self.known[override.id] = override

    async def locked(self, known: OverrideId) -> Override:
        return self.known[known]

    async def keep(self, override: Override) -> None:
        self.known[override.id] = override

    async def in_force(self, cycle: CycleKey, units: Collection[UnitCode]) -> Mapping[UnitCode, Mapping[IndicatorKey, Override]]:
        holding = [override for override in self.known.values() if override.state in HOLDS]
        return {unit: {override.indicator: override for override in holding if override.unit == unit} for unit in units}

    async def all(self, cycle: CycleKey) -> Sequence[Override]:
        return list(self.known.values())


@dataclass
class FakeJudgements:
    marks: FakeMarks

    async def given(self, cycle: CycleKey, units: Collection[UnitCode]) -> Mapping[UnitCode, GivenOf]:
        counting: dict[tuple[UnitCode, IndicatorKey], list[Mark]] = {}
        for mark in self.marks.given_marks:
            if mark.counts:
                counting.setdefault((mark.unit, mark.indicator), []).append(mark)
        return {unit: {key: given_of(several) for (of, key), several in counting.items() if of == unit} for unit in units}


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
            members=self.members,
            judgements=FakeJudgements(self.marks),
            figures=self.figures,
            scores=self.scores,
            records=self.rest,
            closing=self.closing,
            platform=self.rest,
            outbox=self.outbox,
            clock=self.clock,
        )
