"""The Protocols that the appraisal's handlers need, and the bundle of them for one transaction."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, TypeAlias
from zoneinfo import ZoneInfo

from kit.auth import Principal
from kit.clock import Clock
from kit.outbox import Raw
from scoring.appraisal.domain.appointments import Appointment
from scoring.appraisal.domain.changes import Change
from scoring.appraisal.domain.given import GivenOf
from scoring.appraisal.domain.inputs import MeasureKey, Month, Totals
from scoring.appraisal.domain.lights import Light
from scoring.appraisal.domain.marks import Held, Mark, MarkId, Place, SelfAssessment, Succession
from scoring.appraisal.domain.members import Member
from scoring.appraisal.domain.overrides import Override, OverrideId
from scoring.appraisal.domain.schemes import Cycle, CycleKey, Group, IndicatorKey, Scheme, State, Unit, UnitCode, Version
from scoring.appraisal.domain.settling import Crossing, Settlement
from scoring.appraisal.domain.traces import Trace
from scoring.appraisal.handlers.claiming import Claims, Proofs
from scoring.appraisal.handlers.closing import Closing
from scoring.ledger.domain.progress import Progress
from scoring.ledger.domain.values import Kind

Traces: TypeAlias = Mapping[IndicatorKey, Trace]
"""A unit's traces by indicator."""


class Registry(Protocol):
    """Units, groups and cycles."""

    async def put_group(self, group: Group) -> None: ...

    async def groups(self) -> Sequence[Group]:
        """As they were registered: 甲组 before 乙组, whatever their keys."""

    async def put_unit(self, unit: Unit) -> bool:
        """Whether anything changed; the row stays locked until the transaction ends."""

    async def unit(self, code: UnitCode) -> Unit:
        """Raises `NotFound`."""

    async def units(self) -> Sequence[Unit]: ...

    async def put_cycle(self, cycle: Cycle) -> None: ...

    async def cycle(self, key: CycleKey) -> Cycle:
        """Raises `NotFound`."""

    async def cycles(self) -> Sequence[Cycle]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptScheme:
    """A version of a scheme as it is kept; what it says never changes, its state does."""

    cycle: CycleKey
    version: Version
    state: State
    scheme: Scheme
    made_by: str
    made_at: datetime
    activated_at: datetime | None


class Schemes(Protocol):
    async def add(self, *, text: str, document: Mapping[str, Any], cycle: CycleKey, made_by: str, made_at: datetime) -> Version: ...

    async def version(self, cycle: CycleKey, version: Version) -> KeptScheme:
        """Locked until the transaction ends; raises `NotFound`."""

    async def versions(self, cycle: CycleKey) -> Sequence[KeptScheme]: ...

    async def text(self, cycle: CycleKey, version: Version) -> str:
        """As it was sent; raises `NotFound`."""

    async def active(self, cycle: CycleKey) -> KeptScheme:
        """Raises `NotFound`."""

    async def all_active(self) -> Sequence[KeptScheme]: ...

    async def coming(self) -> Sequence[KeptScheme]:
        """The revisions of all cycles that were activated and did not take over yet."""

    async def chain(self, cycle: CycleKey) -> Sequence[KeptScheme]:
        """The versions that were ever active, the oldest first, the active one last."""

    async def hold(self, cycle: CycleKey) -> None:
        """Nobody else adds or activates a version of this cycle until the transaction ends."""

    async def put(self, kept: KeptScheme, state: State, *, at: datetime) -> None:
        """The version has this state from now on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialMade:
    """That a draft was tried out: by whom, when, over how many records and how long it took."""

    by: str
    at: datetime
    records: int
    milliseconds: int


class Trials(Protocol):
    async def add(self, cycle: CycleKey, version: Version, made: TrialMade) -> None: ...

    async def last(self, cycle: CycleKey, version: Version) -> TrialMade | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftFigures:
    """The totals of measures that nobody counts yet, of how many records, and how long it took."""

    totals: Mapping[UnitCode, Totals]
    records: int
    milliseconds: int


class Drafts(Protocol):
    async def counted(self, measures: Mapping[str, Any], *, cycle: Cycle, zone: ZoneInfo) -> DraftFigures:
        """Over all records, in constant memory."""


@dataclass(frozen=True, slots=True)
class ReadOnly:
    """The work of a transaction that sees one instant and can write nothing, and what draft measures come to at that instant."""

    work: "Work"
    drafts: Drafts


class Snapshots(Protocol):
    def opened(self) -> AbstractAsyncContextManager[ReadOnly]:
        """On a connection of its own, for as long as it takes."""


class Kinds(Protocol):
    async def all(self) -> Mapping[str, Kind]: ...


class Marks(Protocol):
    async def held(self, places: Collection[Place]) -> Mapping[Place, Held]:
        """What stands in each place, locked until the transaction ends."""

    async def keep(self, successions: Iterable[Succession]) -> None: ...

    async def mark(self, known: MarkId) -> Mark:
        """Raises `NotFound`."""

    async def given(self, cycle: CycleKey, *, reader: str, indicators: Collection[IndicatorKey] | None) -> Sequence[Mark]:
        """The newest first: the reader's own ones, drafts included, and the others' of these indicators (`None`: of all)."""


class Appointments(Protocol):
    async def put(self, appointment: Appointment) -> None: ...

    async def of(self, cycle: CycleKey, subject: str) -> Appointment | None: ...

    async def all(self, cycle: CycleKey) -> Sequence[Appointment]: ...


class SelfAssessments(Protocol):
    async def put(self, said: SelfAssessment) -> None: ...

    async def of(self, cycle: CycleKey, unit: UnitCode, indicator: IndicatorKey) -> SelfAssessment | None: ...


class Members(Protocol):
    async def put(self, member: Member) -> None: ...

    async def of(self, units: Collection[UnitCode] | None) -> Mapping[UnitCode, Sequence[Member]]:
        """Of these units, or of all; in the order of their keys."""


class Overrides(Protocol):
    async def add(self, override: Override) -> None: ...

    async def locked(self, known: OverrideId) -> Override:
        """With its place, until the transaction ends; raises `NotFound`."""

    async def keep(self, override: Override) -> None: ...

    async def in_force(self, cycle: CycleKey, units: Collection[UnitCode]) -> Mapping[UnitCode, Mapping[IndicatorKey, Override]]: ...

    async def all(self, cycle: CycleKey) -> Sequence[Override]: ...


class Judgements(Protocol):
    """What people gave that counts now, whichever way they gave it."""

    async def given(self, cycle: CycleKey, units: Collection[UnitCode]) -> Mapping[UnitCode, GivenOf]: ...


class Figures(Protocol):
    """The ledger's totals and its marks of what moved."""

    async def begin_counting(self, count: str, measures: Mapping[str, Any], *, cycle: Cycle, zone: ZoneInfo) -> None:
        """Have the measures counted over all records, beside the running feed; asked again it changes nothing."""

    async def under_way(self) -> Sequence[Progress]:
        """The counts that are not whole yet. After `are_still` none begins or ends before this transaction does."""

    async def are_still(self) -> bool:
        """Whether no records are being counted anew for other units; if so, none will be until this transaction ends."""

    async def totals(self, count: str, units: Collection[UnitCode], *, through: Month) -> Mapping[UnitCode, Totals]: ...

    async def take_moved(self, most: int) -> Collection[tuple[str, UnitCode]]:
        """Counts and units that moved since they were last taken; taken with the transaction."""

    async def waiting(self) -> int:
        """How many marks wait to be taken."""


class Scores(Protocol):
    async def own_the_settling(self) -> bool:
        """Whether this transaction is the one that settles; held until it ends."""

    async def unsettle(self, cycle: CycleKey, version: Version, units: Iterable[UnitCode]) -> None: ...

    async def take_unsettled(self, most: int) -> Collection[tuple[str, UnitCode]]: ...

    async def waiting(self) -> int: ...

    async def reckoned_through(self, cycle: CycleKey, version: Version) -> str | None:
        """A month, or a day where milestones fall due."""

    async def reckon_through(self, cycle: CycleKey, version: Version, upto: str) -> None: ...

    async def held(
        self, cycle: CycleKey, version: Version, units: Collection[UnitCode]
    ) -> Mapping[UnitCode, Mapping[IndicatorKey, Trace]]: ...

    async def crossed(self, cycle: CycleKey, version: Version, units: Collection[UnitCode]) -> Mapping[UnitCode, Collection[Crossing]]: ...

    async def hand_on(self, cycle: CycleKey, before: Version, after: Version, lines: Mapping[Crossing, Crossing]) -> None:
        """A version's scores and crossed lines become those of the next one; `lines` says which line of it each one is."""

    async def lights(self, cycle: CycleKey, units: Collection[UnitCode]) -> Mapping[UnitCode, Mapping[IndicatorKey, Light]]:
        """Those that are not green, whatever version of the scheme turned them."""

    async def write(self, cycle: CycleKey, version: Version, unit: UnitCode, settlement: Settlement, *, at: datetime) -> None: ...

    async def history(self, cycle: CycleKey, unit: UnitCode, indicator: IndicatorKey) -> Sequence["PastScore"]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PastScore:
    """`number` is the line's own for good."""

    number: int
    version: Version
    trace: Trace
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedRecord:
    """A record that contributes to a measure, with what it adds."""

    source: str
    subject: str
    unit_code: str
    month: Month
    n: str
    total: str
    attributes: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page may hold fewer records than asked for, even none: there are more as long as `after` is not none."""

    records: Sequence[CountedRecord]
    after: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """Which of the records behind a total are wanted: none of it means all; `text` is part of a subject."""

    since: Month | None = None
    month: Month | None = None
    source: str | None = None
    attribute: str | None = None
    value: str | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FactPage:
    facts: Sequence[Mapping[str, object]]
    after: str | None


class Records(Protocol):
    async def counted(
        self, count: str, measure: MeasureKey, unit: UnitCode, *, through: Month, sought: Sought, after: str | None, most: int
    ) -> Page:
        """The records behind a unit's total, in the order of their keys; `after` is what the page before gave."""

    async def units_of(self, source: str, subject: str) -> Collection[UnitCode]:
        """The units that hold or once held a record; none for a record that is not there."""

    async def facts(self, source: str, subject: str, *, after: str | None, most: int) -> FactPage:
        """The facts behind a record in the order of their stamps."""

    async def arrived(
        self, kinds: Collection[str], unit: UnitCode, *, since: datetime | None, until: datetime, after: str | None, most: int
    ) -> FactPage:
        """The facts received after `since` and not after `until` of records that the unit holds or is known to have held, as they came."""


class PlatformFeed(Protocol):
    """The source through which the platform reports on what it observed itself."""

    async def register(self) -> None:
        """Its source and its kinds, where they are not there yet."""

    async def know(self, unit: UnitCode) -> None:
        """Its facts name a unit by the unit's own code."""


class Outbox(Protocol):
    async def add(self, fact: Change) -> None: ...

    async def add_raw(self, message: Raw) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """Everything that one transaction works with."""

    registry: Registry
    schemes: Schemes
    trials: Trials
    snapshots: Snapshots
    kinds: Kinds
    marks: Marks
    appointments: Appointments
    self_assessments: SelfAssessments
    overrides: Overrides
    claims: Claims
    proofs: Proofs
    members: Members
    judgements: Judgements
    figures: Figures
    scores: Scores
    records: Records
    closing: Closing
    platform: PlatformFeed
    outbox: Outbox
    clock: Clock


@dataclass(frozen=True, slots=True)
class Desk:
    """The work of a request, and who asks."""

    work: Work
    caller: Principal
