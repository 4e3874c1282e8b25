"""Appointments of assessors and self-assessments of units in PostgreSQL."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from scoring.appraisal.domain.appointments import Appointment
from scoring.appraisal.domain.marks import SelfAssessment
from scoring.appraisal.domain.numbers import plain
from scoring.appraisal.domain.schemes import CycleKey, IndicatorKey, UnitCode
from scoring.appraisal.store.tables import assessors, self_assessments


class SqlAppointments:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def put(self, appointment: Appointment) -> None:
        values = {
            "name": appointment.name,
            "trained_on": appointment.trained_on,
            "departments": sorted(appointment.departments),
            "indicators": sorted(appointment.indicators),
            "own_unit": appointment.own_unit,
        }
        made = insert(assessors).values(cycle=appointment.cycle, subject=appointment.subject, **values)
        await self._session.execute(made.on_conflict_do_update(index_elements=[assessors.c.cycle, assessors.c.subject], set_=values))

    async def of(self, cycle: CycleKey, subject: str) -> Appointment | None:
        row = await self._session.execute(select(assessors).where(assessors.c.cycle == cycle, assessors.c.subject == subject))
        found = row.one_or_none()
        return None if found is None else _appointment(found)

    async def all(self, cycle: CycleKey) -> Sequence[Appointment]:
        rows = await self._session.execute(select(assessors).where(assessors.c.cycle == cycle).order_by(assessors.c.subject))
        return [_appointment(row) for row in rows]


class SqlSelfAssessments:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def put(self, said: SelfAssessment) -> None:
        await self._session.execute(
            insert(self_assessments).values(
                cycle=said.cycle,
                unit=said.unit,
                indicator=said.indicator,
                mark=Decimal(plain(said.mark)),
                reason=said.reason,
                evidence=list(said.evidence),
                said_by=said.said_by,
                said_at=said.said_at,
            )
        )

    async def of(self, cycle: CycleKey, unit: UnitCode, indicator: IndicatorKey) -> SelfAssessment | None:
        t = self_assessments
        wanted = select(t).where(t.c.cycle == cycle, t.c.unit == unit, t.c.indicator == indicator).order_by(t.c.id.desc()).limit(1)
        row = (await self._session.execute(wanted)).one_or_none()
        if row is None:
            return None
        return SelfAssessment(
            cycle=cycle,
            unit=unit,
            indicator=indicator,
            mark=Fraction(row.mark),
            reason=row.reason,
            evidence=tuple(row.evidence),
            said_by=row.said_by,
            said_at=row.said_at,
        )


def _appointment(row: Row[Any]) -> Appointment:
    return Appointment(
        cycle=CycleKey(row.cycle),
        subject=row.subject,
        name=row.name,
        trained_on=row.trained_on,
        departments=frozenset(row.departments),
        indicators=frozenset(map(IndicatorKey, row.indicators)),
        own_unit=None if row.own_unit is None else UnitCode(row.own_unit),
    )
