"""The Protocols behind the closing of a period: who confirmed what, what is locked, and what the ledger said then."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from scoring.appraisal.domain.adjustments import Adjustment, Closed, LockedOf, Place, Positions
from scoring.appraisal.domain.confirmations import Confirmation, Dispute, DisputeId, Figure, Opened
from scoring.appraisal.domain.inputs import Month, MonthTotal, Totals
from scoring.appraisal.domain.periods import PeriodKey
from scoring.appraisal.domain.schemes import Cycle, CycleKey, UnitCode, Version, count_name
from scoring.appraisal.domain.statements import Contribution, RecordName, Statement, StatementId


class Confirmations(Protocol):
    """Periods opened for confirmation, where each unit stands with them, and what is disputed."""

    async def open(self, opened: Opened, units: Collection[UnitCode]) -> None:
        """Opened again it gets another date; units that stand in it already stay as they are."""

    async def opened(self, cycle: Cycle) -> Sequence[Opened]:
        """In the order of their months."""

    async def of_period(self, cycle: CycleKey, period: PeriodKey) -> Sequence[Confirmation]: ...

    async def of_unit(self, cycle: CycleKey, unit: UnitCode) -> Sequence[Confirmation]: ...

    async def held(self, cycle: CycleKey, period: PeriodKey, unit: UnitCode) -> Confirmation:
        """Locked until the transaction ends; raises `NotFound`."""

    async def lapsed(self, cycle: CycleKey, *, today: date, most: int) -> Sequence[Confirmation]:
        """Open or decided after their date; locked until the transaction ends, those that somebody else holds left out."""

    async def write(self, confirmation: Confirmation) -> None: ...

    async def dispute(self, dispute: Dispute) -> None: ...

    async def disputes(self, cycle: CycleKey, period: PeriodKey, unit: UnitCode | None) -> Sequence[Dispute]:
        """The oldest first; of one unit or of all."""

    async def disputed(self, dispute: DisputeId) -> Dispute:
        """Raises `NotFound`."""

    async def decide(self, dispute: Dispute) -> None: ...


class Locks(Protocol):
    """Locked figures and their adjustments."""

    async def lock(self, confirmation: Confirmation, version: Version, figures: Sequence[Figure], positions: Positions) -> None: ...

    async def of(self, cycle: CycleKey, version: Version, units: Collection[UnitCode]) -> Mapping[UnitCode, LockedOf]: ...

    async def held(self, place: Place) -> tuple[LockedOf, Positions]:
        """One figure, held until the transaction ends, and where the ledger stood when it last moved; raises `NotFound`."""

    async def adjust(self, adjustment: Adjustment, positions: Positions) -> None: ...

    async def stood(self, cycle: CycleKey, version: Version, unit: UnitCode) -> Sequence[tuple[Positions, Collection[Place]]]:
        """Where the ledger stood when each locked figure of a unit last moved; figures that moved together in one entry."""


class Statements(Protocol):
    async def add(self, statement: Statement) -> None: ...

    async def held(self, statement: StatementId) -> Statement:
        """Locked until the transaction ends; raises `NotFound`."""

    async def write(self, statement: Statement) -> None: ...

    async def of(self, cycle: CycleKey, units: Sequence[UnitCode] | None) -> Sequence[Statement]:
        """The oldest first; of these units or of all."""

    async def approved(self, cycle: CycleKey, units: Collection[UnitCode]) -> Sequence[Statement]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedRecord:
    """What a record adds now and what it added then, and the facts that came since."""

    source: str
    subject: str
    moved: MonthTotal
    facts: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A unit's totals and how far the ledger had come, read as of one instant."""

    totals: Totals
    positions: Positions


class Past(Protocol):
    """What the ledger holds at an instant, and what moved since one."""

    async def snapshot(self, count: str, unit: UnitCode, *, through: Month) -> Snapshot: ...

    async def since(self, count: str, place: Place, positions: Positions, *, most: int) -> Sequence[MovedRecord]:
        """The records whose part in this figure changed by facts that came after these positions."""

    async def contributions(
        self, count: str, unit: UnitCode, records: Collection[RecordName], *, at: Positions | None
    ) -> Sequence[Contribution]:
        """What these records add to the unit's totals now, or added when the ledger stood there."""

    async def holds(self, unit: UnitCode, *, source: str, subject: str) -> bool:
        """Whether the record stands for this unit now."""


@dataclass(frozen=True, slots=True)
class Closing:
    """All of it, for one transaction."""

    confirmations: Confirmations
    locks: Locks
    statements: Statements
    past: Past

    async def of(self, cycle: CycleKey, version: Version, units: Collection[UnitCode]) -> Mapping[UnitCode, Closed]:
        """What settling has to take into account; units without anything are absent."""
        locked = await self.locks.of(cycle, version, units)
        stated: dict[UnitCode, list[Statement]] = defaultdict(list)
        for statement in await self.statements.approved(cycle, units):
            stated[statement.unit].append(statement)
        found = {}
        for unit in {*locked, *stated}:
            held, some = locked.get(unit, {}), tuple(stated[unit])
            named = await self._named(cycle, version, unit, held, some) if some else ()
            found[unit] = Closed(held, some, tuple(named))
        return found

    async def _named(
        self, cycle: CycleKey, version: Version, unit: UnitCode, locked: LockedOf, statements: Sequence[Statement]
    ) -> Sequence[Contribution]:
        """What counts of the named records: in open months what they add now, in a locked one what its figure holds of them."""
        count, records = count_name(cycle, version), {record for each in statements for record in each.records}
        closed = {(place.measure, place.month) for place in locked}
        now = await self.past.contributions(count, unit, records, at=None)
        found = [each for each in now if (each.measure, each.month) not in closed]
        for positions, places in await self.locks.stood(cycle, version, unit) if closed else ():
            here = {(place.measure, place.month) for place in places}
            then = await self.past.contributions(count, unit, records, at=positions)
            found += [each for each in then if (each.measure, each.month) in here]
        return sorted(found, key=lambda each: (each.record.source, each.record.subject, each.measure, each.month))
