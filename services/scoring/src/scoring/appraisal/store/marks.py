"""Marks in PostgreSQL: none is ever deleted, one an indicator and unit counts."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sqlalchemy import Row, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from scoring.appraisal.domain.given import Given, GivenOf
from scoring.appraisal.domain.marks import Mark, MarkId
from scoring.appraisal.domain.numbers import plain
from scoring.appraisal.domain.schemes import CycleKey, IndicatorKey, UnitCode
from scoring.appraisal.store.tables import marks


class SqlMarks:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def give(self, mark: Mark) -> None:
        """Two marks of the same indicator and unit at once: the later one waits here, and then counts."""
        place = f"mark/{mark.cycle}/{mark.unit}/{mark.indicator}"
        await self._session.execute(text("select pg_advisory_xact_lock(hashtextextended(:place, 0))"), {"place": place})
        former = (marks.c.cycle == mark.cycle) & (marks.c.unit == mark.unit) & (marks.c.indicator == mark.indicator) & marks.c.counts
        await self._session.execute(update(marks).where(former).values(counts=False))
        await self._session.execute(
            insert(marks).values(
                id=mark.id,
                cycle=mark.cycle,
                unit=mark.unit,
                indicator=mark.indicator,
                mark=Decimal(plain(mark.mark)),
                reason=mark.reason,
                assessor=mark.assessor,
                marked_at=mark.marked_at,
                counts=True,
            )
        )

    async def given(self, cycle: CycleKey, *, assessor: str | None) -> Sequence[tuple[Mark, bool]]:
        wanted = select(marks).where(marks.c.cycle == cycle).order_by(marks.c.marked_at.desc(), marks.c.id.desc())
        rows = await self._session.execute(wanted if assessor is None else wanted.where(marks.c.assessor == assessor))
        return [(_mark(row), row.counts) for row in rows]


class SqlJudgements:
    """What counts now of all that people gave."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def given(self, cycle: CycleKey, units: Collection[UnitCode]) -> Mapping[UnitCode, GivenOf]:
        rows = await self._session.execute(select(marks).where(marks.c.cycle == cycle, marks.c.unit.in_(units), marks.c.counts))
        found: dict[UnitCode, dict[IndicatorKey, Given]] = defaultdict(dict)
        for mark in map(_mark, rows):
            found[mark.unit][mark.indicator] = mark.given
        return found


def _mark(row: Row[Any]) -> Mark:
    return Mark(
        id=MarkId(row.id),
        cycle=CycleKey(row.cycle),
        unit=UnitCode(row.unit),
        indicator=IndicatorKey(row.indicator),
        mark=Fraction(row.mark),
        reason=row.reason,
        assessor=row.assessor,
        marked_at=row.marked_at,
    )
