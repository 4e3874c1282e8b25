"""Locked figures and adjustments in PostgreSQL: written once, never changed."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sqlalchemy import ColumnElement, Row, Table, and_, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from scoring.appraisal.domain.adjustments import Adjustment, AdjustmentId, Locked, LockedOf, Place, Positions
from scoring.appraisal.domain.confirmations import Confirmation, Figure
from scoring.appraisal.domain.faults import NotFound
from scoring.appraisal.domain.inputs import MeasureKey, Month, MonthTotal
from scoring.appraisal.domain.numbers import plain
from scoring.appraisal.domain.schemes import CycleKey, UnitCode, Version
from scoring.appraisal.domain.words import Text
from scoring.appraisal.store.tables import adjustments, locked_figures, locks


class SqlLocks:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def lock(self, confirmation: Confirmation, version: Version, figures: Sequence[Figure], positions: Positions) -> None:
        where = {"cycle": confirmation.cycle, "version": version, "unit": confirmation.unit, "period": confirmation.period}
        await self._session.execute(insert(locks).values(**where, positions=list(positions), locked_at=confirmation.changed_at))
        rows = [
            {**where, "measure": one.measure, "month": one.month, "n": one.held.n, "total": Decimal(plain(one.held.total))}
            for one in figures
        ]
        if rows:
            await self._session.execute(insert(locked_figures), rows)

    async def of(self, cycle: CycleKey, version: Version, units: Collection[UnitCode]) -> Mapping[UnitCode, LockedOf]:
        figures, made = (_of(table, cycle, version, units) for table in (locked_figures, adjustments))
        by_place: dict[Place, list[Adjustment]] = defaultdict(list)
        for row in await self._session.execute(select(adjustments).where(made).order_by(adjustments.c.id)):
            by_place[_place(row)].append(_adjustment(row))
        found: dict[UnitCode, dict[Place, Locked]] = defaultdict(dict)
        for row in await self._session.execute(select(locked_figures).where(figures)):
            place = _place(row)
            found[place.unit][place] = Locked(_total(row), tuple(by_place[place]))
        return found

    async def held(self, place: Place) -> tuple[LockedOf, Positions]:
        """Two who adjust one figure at once: the second waits here and then sees what the first did."""
        row = (await self._session.execute(select(locked_figures).where(_at(locked_figures, place)).with_for_update())).one_or_none()
        if row is None:
            raise NotFound(
                Text(f"{place.unit} 的度量 {place.measure} 在 {place.month} 的锁定数据", f"locked figure {place.measure} {place.month}")
            )
        made = (await self._session.execute(select(adjustments).where(_at(adjustments, place)).order_by(adjustments.c.id))).all()
        locked = {place: Locked(_total(row), tuple(map(_adjustment, made)))}
        return locked, made[-1].positions if made else await self._stood(place, row.period)

    async def adjust(self, adjustment: Adjustment, positions: Positions) -> None:
        place = adjustment.place
        await self._session.execute(
            insert(adjustments).values(
                id=adjustment.id,
                cycle=place.cycle,
                version=place.version,
                unit=place.unit,
                measure=place.measure,
                month=place.month,
                n=adjustment.moved.n,
                total=Decimal(plain(adjustment.moved.total)),
                reason=adjustment.reason,
                records=list(adjustment.records),
                positions=list(positions),
                recorded_by=adjustment.recorded_by,
                recorded_at=adjustment.recorded_at,
            )
        )

    async def stood(self, cycle: CycleKey, version: Version, unit: UnitCode) -> Sequence[tuple[Positions, Collection[Place]]]:
        mine = [_of(table, cycle, version, [unit]) for table in (locks, locked_figures, adjustments)]
        taken = {row.period: row.positions for row in await self._session.execute(select(locks).where(mine[0]))}
        last = {_place(row): row for row in await self._session.execute(select(adjustments).where(mine[2]).order_by(adjustments.c.id))}
        periods: dict[str, list[Place]] = defaultdict(list)
        for row in await self._session.execute(select(locked_figures).where(mine[1])):
            if _place(row) not in last:
                periods[row.period].append(_place(row))
        return [(taken[period], places) for period, places in periods.items()] + [(row.positions, [place]) for place, row in last.items()]

    async def _stood(self, place: Place, period: str) -> Positions:
        here = and_(_of(locks, place.cycle, place.version, [place.unit]), locks.c.period == period)
        found: Positions = (await self._session.execute(select(locks.c.positions).where(here))).scalar_one()
        return found


def _of(table: Table, cycle: CycleKey, version: Version, units: Collection[UnitCode]) -> ColumnElement[bool]:
    return and_(table.c.cycle == cycle, table.c.version == version, table.c.unit.in_(units))


def _at(table: Table, place: Place) -> ColumnElement[bool]:
    return and_(_of(table, place.cycle, place.version, [place.unit]), table.c.measure == place.measure, table.c.month == place.month)


def _place(row: Row[Any]) -> Place:
    return Place(
        cycle=CycleKey(row.cycle),
        version=Version(row.version),
        unit=UnitCode(row.unit),
        measure=MeasureKey(row.measure),
        month=Month(row.month),
    )


def _total(row: Row[Any]) -> MonthTotal:
    return MonthTotal(row.n, Fraction(row.total))


def _adjustment(row: Row[Any]) -> Adjustment:
    return Adjustment(
        id=AdjustmentId(row.id),
        place=_place(row),
        moved=_total(row),
        reason=row.reason,
        recorded_by=row.recorded_by,
        recorded_at=row.recorded_at,
        records=row.records,
    )
