"""Units, groups and cycles in PostgreSQL."""

from collections.abc import Sequence

from sqlalchemy import Row, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from scoring.appraisal.domain.faults import NotFound
from scoring.appraisal.domain.inputs import Month
from scoring.appraisal.domain.schemes import Cycle, CycleKey, Group, GroupKey, Unit, UnitCode
from scoring.appraisal.domain.words import Text
from scoring.appraisal.store.tables import cycles, groups, units


class SqlRegistry:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def put_group(self, group: Group) -> None:
        values = {"key": group.key, "name": group.name}
        await self._session.execute(insert(groups).values(values).on_conflict_do_update(index_elements=["key"], set_=values))

    async def groups(self) -> Sequence[Group]:
        rows = await self._session.execute(select(groups).order_by(groups.c.place))
        return [Group(key=GroupKey(row.key), name=row.name) for row in rows]

    async def put_unit(self, unit: Unit) -> bool:
        """The lock lets foreign keys pass: a settle pass that holds the feed's control row must not wait for a rename that wants it."""
        values = {"code": unit.code, "name": unit.name, "group": unit.group}
        held = (await self._session.execute(select(units).where(units.c.code == unit.code).with_for_update(key_share=True))).one_or_none()
        if held is not None and _unit(held) == unit:
            return False
        await self._session.execute(insert(units).values(values).on_conflict_do_update(index_elements=["code"], set_=values))
        return True

    async def unit(self, code: UnitCode) -> Unit:
        row = (await self._session.execute(select(units).where(units.c.code == code))).one_or_none()
        if row is None:
            raise NotFound(Text(f"单位 {code}", f"unit {code}"))
        return _unit(row)

    async def units(self) -> Sequence[Unit]:
        return [_unit(row) for row in await self._session.execute(select(units).order_by(units.c.code))]

    async def put_cycle(self, cycle: Cycle) -> None:
        values = {"key": cycle.key, "name": cycle.name, "start": cycle.start, "end": cycle.end}
        await self._session.execute(insert(cycles).values(values).on_conflict_do_update(index_elements=["key"], set_=values))

    async def cycle(self, key: CycleKey) -> Cycle:
        row = (await self._session.execute(select(cycles).where(cycles.c.key == key))).one_or_none()
        if row is None:
            raise NotFound(Text(f"考核周期 {key}", f"cycle {key}"))
        return _cycle(row)

    async def cycles(self) -> Sequence[Cycle]:
        return [_cycle(row) for row in await self._session.execute(select(cycles).order_by(cycles.c.key))]


def _unit(row: Row[tuple[object, ...]]) -> Unit:
    return Unit(code=UnitCode(row.code), name=row.name, group=GroupKey(row.group))


def _cycle(row: Row[tuple[object, ...]]) -> Cycle:
    return Cycle(key=CycleKey(row.key), name=row.name, start=Month(row.start), end=Month(row.end))
