"""Overrides in PostgreSQL: none is ever deleted, at most one holds for an indicator of a unit."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sqlalchemy import Row, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from scoring.appraisal.domain.faults import NotFound
from scoring.appraisal.domain.numbers import plain
from scoring.appraisal.domain.overrides import HOLDS, Override, OverrideId, State
from scoring.appraisal.domain.schemes import CycleKey, IndicatorKey, UnitCode
from scoring.appraisal.domain.words import Text
from scoring.appraisal.store.tables import overrides


class SqlOverrides:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, override: Override) -> None:
        await self._session.execute(insert(overrides).values(_row(override)))

    async def locked(self, known: OverrideId) -> Override:
        """The place is locked before the row is read: of two who decide at once on one place the second sees what the first did."""
        wanted = select(overrides).where(overrides.c.id == known)
        row = (await self._session.execute(wanted)).one_or_none()
        if row is None:
            raise NotFound(Text(f"得分调整 {known}", f"override {known}"))
        place = f"override/{row.cycle}/{row.unit}/{row.indicator}"
        await self._session.execute(text("select pg_advisory_xact_lock(hashtextextended(:place, 0))"), {"place": place})
        return _override((await self._session.execute(wanted)).one())

    async def keep(self, override: Override) -> None:
        await self._session.execute(update(overrides).where(overrides.c.id == override.id).values(_row(override)))

    async def in_force(self, cycle: CycleKey, units: Collection[UnitCode]) -> Mapping[UnitCode, Mapping[IndicatorKey, Override]]:
        holds = overrides.c.state.in_(HOLDS)
        found: dict[UnitCode, dict[IndicatorKey, Override]] = defaultdict(dict)
        for row in await self._session.execute(select(overrides).where(overrides.c.cycle == cycle, overrides.c.unit.in_(units), holds)):
            found[UnitCode(row.unit)][IndicatorKey(row.indicator)] = _override(row)
        return found

    async def all(self, cycle: CycleKey) -> Sequence[Override]:
        rows = await self._session.execute(select(overrides).where(overrides.c.cycle == cycle).order_by(overrides.c.id.desc()))
        return [_override(row) for row in rows]


def _row(override: Override) -> dict[str, Any]:
    return {**asdict(override), "points": Decimal(plain(override.points)), "evidence": list(override.evidence)}


def _override(row: Row[Any]) -> Override:
    return Override(
        id=OverrideId(row.id),
        cycle=CycleKey(row.cycle),
        unit=UnitCode(row.unit),
        indicator=IndicatorKey(row.indicator),
        points=Fraction(row.points),
        reason=row.reason,
        evidence=tuple(row.evidence),
        proposed_by=row.proposed_by,
        proposed_at=row.proposed_at,
        state=State(row.state),
        asked_by=row.asked_by,
        approved_by=row.approved_by,
        approved_at=row.approved_at,
        lifting=row.lifting,
        decided_by=row.decided_by,
    )
