"""Scores, their history, crossed lines and what waits to be settled, in PostgreSQL."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final

from sqlalchemy import ColumnElement, Table, and_, delete, func, literal, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from scoring.appraisal.domain.lights import Light
from scoring.appraisal.domain.schemes import CycleKey, IndicatorKey, UnitCode, Version, count_name
from scoring.appraisal.domain.settling import Crossing, Settled, Settlement
from scoring.appraisal.domain.traces import Trace
from scoring.appraisal.handlers.work import PastScore
from scoring.appraisal.store.tables import crossings, lights, schemes, score_history, scores, unsettled

SETTLER: Final = "appraisal/settler"  # the advisory lock of whoever settles


class SqlScores:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def own_the_settling(self) -> bool:
        taken = await self._session.execute(text("select pg_try_advisory_xact_lock(hashtextextended(:lock, 0))"), {"lock": SETTLER})
        return bool(taken.scalar())

    async def unsettle(self, cycle: CycleKey, version: Version, units: Iterable[UnitCode]) -> None:
        rows = [{"cycle": cycle, "version": version, "unit": unit} for unit in sorted(units)]
        if rows:
            await self._session.execute(insert(unsettled), rows)

    async def take_unsettled(self, most: int) -> Collection[tuple[str, UnitCode]]:
        chosen = select(unsettled.c.id).order_by(unsettled.c.id).limit(most)
        taken = delete(unsettled).where(unsettled.c.id.in_(chosen)).returning(unsettled.c.cycle, unsettled.c.version, unsettled.c.unit)
        return {(count_name(CycleKey(row.cycle), Version(row.version)), UnitCode(row.unit)) for row in await self._session.execute(taken)}

    async def waiting(self) -> int:
        return (await self._session.execute(select(func.count()).select_from(unsettled))).scalar_one()

    async def reckoned_through(self, cycle: CycleKey, version: Version) -> str | None:
        row = (await self._session.execute(select(schemes.c.reckoned_through).where(_of(schemes, cycle, version)))).one()
        return None if row.reckoned_through is None else str(row.reckoned_through)

    async def reckon_through(self, cycle: CycleKey, version: Version, upto: str) -> None:
        await self._session.execute(update(schemes).where(_of(schemes, cycle, version)).values(reckoned_through=upto))

    async def held(self, cycle: CycleKey, version: Version, units: Collection[UnitCode]) -> Mapping[UnitCode, Mapping[IndicatorKey, Trace]]:
        wanted = select(scores.c.unit, scores.c.indicator, scores.c.trace).where(_of(scores, cycle, version), scores.c.unit.in_(units))
        found: dict[UnitCode, dict[IndicatorKey, Trace]] = defaultdict(dict)
        for row in await self._session.execute(wanted):
            found[UnitCode(row.unit)][IndicatorKey(row.indicator)] = row.trace
        return found

    async def crossed(self, cycle: CycleKey, version: Version, units: Collection[UnitCode]) -> Mapping[UnitCode, Collection[Crossing]]:
        found: dict[UnitCode, set[Crossing]] = defaultdict(set)
        wanted = select(crossings).where(_of(crossings, cycle, version), crossings.c.unit.in_(units))
        for row in await self._session.execute(wanted):
            found[UnitCode(row.unit)].add((IndicatorKey(row.indicator), row.line))
        return found

    async def hand_on(self, cycle: CycleKey, before: Version, after: Version, lines: Mapping[Crossing, Crossing]) -> None:
        names = [column.name for column in scores.c]
        values = [literal(after) if name == "version" else scores.c[name] for name in names]
        await self._session.execute(insert(scores).from_select(names, select(*values).where(_of(scores, cycle, before))))
        rows = await self._session.execute(select(crossings).where(_of(crossings, cycle, before)))
        held = [(row._asdict(), (IndicatorKey(row.indicator), row.line)) for row in rows]
        handed = [{**row, "version": after, "indicator": lines[line][0], "line": lines[line][1]} for row, line in held if line in lines]
        if handed:
            await self._session.execute(insert(crossings), handed)

    async def lights(self, cycle: CycleKey, units: Collection[UnitCode]) -> Mapping[UnitCode, Mapping[IndicatorKey, Light]]:
        found: dict[UnitCode, dict[IndicatorKey, Light]] = defaultdict(dict)
        for row in await self._session.execute(select(lights).where(lights.c.cycle == cycle, lights.c.unit.in_(units))):
            found[UnitCode(row.unit)][IndicatorKey(row.indicator)] = Light(row.light)
        return found

    async def write(self, cycle: CycleKey, version: Version, unit: UnitCode, settlement: Settlement, *, at: datetime) -> None:
        where = {"cycle": cycle, "version": version, "unit": unit}
        await self._write_scores(where, settlement.scores, at)
        if settlement.gone:
            here = _of(scores, cycle, version) & (scores.c.unit == unit) & scores.c.indicator.in_(settlement.gone)
            await self._session.execute(delete(scores).where(here))
        news = [
            where
            | {
                "indicator": settled.score.indicator,
                "points": _decimal(settled.trace["result"]),
                "was": _decimal(settled.was),
                "trace": settled.trace,
                "at": at,
            }
            for settled in settlement.scores
            if settled.is_news
        ]
        if news:
            await self._session.execute(insert(score_history), news)
        await self._write_crossings(where, settlement, at)
        await self._write_lights(cycle, unit, settlement.lights, at)

    async def history(self, cycle: CycleKey, unit: UnitCode, indicator: IndicatorKey) -> Sequence[PastScore]:
        table = score_history
        here = and_(table.c.cycle == cycle, table.c.unit == unit, table.c.indicator == indicator)
        return [
            PastScore(number=row.id, version=Version(row.version), trace=row.trace, at=row.at)
            for row in await self._session.execute(select(table).where(here).order_by(table.c.id))
        ]

    async def _write_scores(self, where: Mapping[str, object], settled: Sequence[Settled], at: datetime) -> None:
        if not settled:
            return
        rows = [
            {
                **where,
                "indicator": one.score.indicator,
                "standing": one.score.standing.value,
                "points": _decimal(one.trace["result"]),
                "trace": one.trace,
                "settled_at": at,
            }
            for one in settled
        ]
        written = insert(scores).values(rows)
        changed = {name: written.excluded[name] for name in ("standing", "points", "trace", "settled_at")}
        await self._session.execute(written.on_conflict_do_update(index_elements=list(scores.primary_key), set_=changed))

    async def _write_lights(self, cycle: CycleKey, unit: UnitCode, turned: Mapping[IndicatorKey, Light], at: datetime) -> None:
        if not turned:
            return
        rows = [
            {"cycle": cycle, "unit": unit, "indicator": key, "light": light.value, "turned_at": at} for key, light in sorted(turned.items())
        ]
        written = insert(lights).values(rows)
        changed = {name: written.excluded[name] for name in ("light", "turned_at")}
        await self._session.execute(written.on_conflict_do_update(index_elements=list(lights.primary_key), set_=changed))

    async def _write_crossings(self, where: Mapping[str, object], settlement: Settlement, at: datetime) -> None:
        rows = [{**where, "indicator": key, "line": line, "crossed_at": at} for key, line in sorted(settlement.crossed)]
        if rows:
            await self._session.execute(insert(crossings), rows)
        for key, line in sorted(settlement.recovered):
            here = [crossings.c[name] == value for name, value in {**where, "indicator": key, "line": line}.items()]
            await self._session.execute(delete(crossings).where(*here))


def _of(table: Table, cycle: CycleKey, version: Version) -> ColumnElement[bool]:
    return and_(table.c.cycle == cycle, table.c.version == version)


def _decimal(written: str | None) -> Decimal | None:
    return None if written is None else Decimal(written)
