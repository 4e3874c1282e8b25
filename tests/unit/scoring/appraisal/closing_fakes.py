"""The closing of periods in memory: just enough for settling and for a unit's confirmation."""
# ruff: noqa: ARG002 - a fake takes what its Protocol names

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from scoring.appraisal.domain.adjustments import Adjustment, Locked, LockedOf, Place, Positions
from scoring.appraisal.domain.confirmations import Confirmation, Dispute, DisputeId, Figure, Opened, State
from scoring.appraisal.domain.inputs import Month, Totals
from scoring.appraisal.domain.periods import PeriodKey
from scoring.appraisal.domain.schemes import Cycle, CycleKey, UnitCode, Version
from scoring.appraisal.domain.statements import Contribution, RecordName, Statement, StatementId
from scoring.appraisal.domain.statements import State as StatementState
from scoring.appraisal.handlers.closing import Closing, MovedRecord, Snapshot


@dataclass
class FakeConfirmations:
    periods: dict[str, Opened] = field(default_factory=dict)
    units: dict[tuple[str, UnitCode], Confirmation] = field(default_factory=dict)
    raised: dict[DisputeId, Dispute] = field(default_factory=dict)

    async def open(self, opened: Opened, units: Collection[UnitCode]) -> None:
        self.periods[opened.period.key] = opened
        for unit in units:
            made = Confirmation(
                cycle=opened.cycle,
                period=opened.period.key,
                unit=unit,
                state=State.OPEN,
                basis=None,
                changed_by=opened.opened_by,
                changed_at=opened.opened_at,
            )
            self.units.setdefault((opened.period.key, unit), made)

    async def opened(self, cycle: Cycle) -> Sequence[Opened]:
        return list(self.periods.values())

    async def of_period(self, cycle: CycleKey, period: PeriodKey) -> Sequence[Confirmation]:
        return [one for (key, _), one in self.units.items() if key == period]

    async def of_unit(self, cycle: CycleKey, unit: UnitCode) -> Sequence[Confirmation]:
        return [one for (_, code), one in self.units.items() if code == unit]

    async def held(self, cycle: CycleKey, period: PeriodKey, unit: UnitCode) -> Confirmation:
        return self.units[period, unit]

    async def lapsed(self, cycle: CycleKey, *, today: date, most: int) -> Sequence[Confirmation]:
        due = {State.OPEN, State.DECIDED}
        return [one for one in self.units.values() if one.state in due and self.periods[one.period].has_passed(today)]

    async def write(self, confirmation: Confirmation) -> None:
        self.units[confirmation.period, confirmation.unit] = confirmation

    async def dispute(self, dispute: Dispute) -> None:
        self.raised[dispute.id] = dispute

    async def disputes(self, cycle: CycleKey, period: PeriodKey, unit: UnitCode | None) -> Sequence[Dispute]:
        return [one for one in self.raised.values() if one.period == period and unit in (None, one.unit)]

    async def disputed(self, dispute: DisputeId) -> Dispute:
        return self.raised[dispute]

    async def decide(self, dispute: Dispute) -> None:
        self.raised[dispute.id] = dispute


@dataclass
class FakeLocks:
    locked: dict[UnitCode, dict[Place, Locked]] = field(default_factory=lambda: defaultdict(dict))

    async def lock(self, confirmation: Confirmation, version: Version, figures: Sequence[Figure], positions: Positions) -> None:
        for one in figures:
            place = Place(cycle=confirmation.cycle, version=version, unit=confirmation.unit, measure=one.measure, month=one.month)
            self.locked[confirmation.unit][place] = Locked(one.held)

    async def of(self, cycle: CycleKey, version: Version, units: Collection[UnitCode]) -> Mapping[UnitCode, LockedOf]:
        return {unit: self.locked[unit] for unit in units if unit in self.locked}

    async def held(self, place: Place) -> tuple[LockedOf, Positions]:
        return {place: self.locked[place.unit][place]}, []

    async def adjust(self, adjustment: Adjustment, positions: Positions) -> None:
        held = self.locked[adjustment.place.unit]
        held[adjustment.place] = Locked(held[adjustment.place].confirmed, (*held[adjustment.place].adjustments, adjustment))

    async def stood(self, cycle: CycleKey, version: Version, unit: UnitCode) -> Sequence[tuple[Positions, Collection[Place]]]:
        return [([], list(self.locked[unit]))]


@dataclass
class FakeStatements:
    kept: dict[StatementId, Statement] = field(default_factory=dict)

    async def add(self, statement: Statement) -> None:
        self.kept[statement.id] = statement

    async def held(self, statement: StatementId) -> Statement:
        return self.kept[statement]

    async def write(self, statement: Statement) -> None:
        self.kept[statement.id] = statement

    async def of(self, cycle: CycleKey, units: Sequence[UnitCode] | None) -> Sequence[Statement]:
        return [one for one in self.kept.values() if units is None or one.unit in units]

    async def approved(self, cycle: CycleKey, units: Collection[UnitCode]) -> Sequence[Statement]:
        return [one for one in self.kept.values() if one.unit in units and one.state is StatementState.APPROVED]


@dataclass
class FakePast:
    of_units: Mapping[UnitCode, Totals]
    adds: list[Contribution] = field(default_factory=list)
    records: set[tuple[UnitCode, str, str]] = field(default_factory=set)

    async def snapshot(self, count: str, unit: UnitCode, *, through: Month) -> Snapshot:
        return Snapshot(self.of_units.get(unit, {}), [])

    async def since(self, count: str, place: Place, positions: Positions, *, most: int) -> Sequence[MovedRecord]:
        return []

    async def contributions(
        self, count: str, unit: UnitCode, records: Collection[RecordName], *, at: Positions | None
    ) -> Sequence[Contribution]:
        return [each for each in self.adds if each.record in records]

    async def holds(self, unit: UnitCode, *, source: str, subject: str) -> bool:
        return (unit, source, subject) in self.records


def closing_of(of_units: Mapping[UnitCode, Totals]) -> Closing:
    return Closing(FakeConfirmations(), FakeLocks(), FakeStatements(), FakePast(of_units))
