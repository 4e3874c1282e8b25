"""What the office keeps: notice numbers, proofs, deductions and the years of the calendar."""

from collections.abc import Collection
from dataclasses import asdict, fields
from datetime import date
from typing import Any

from sqlalchemy import Row, func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from feedback.domain.deductions import Decision, Deduction, DeductionId, Level
from feedback.domain.errors import NoSuchDeduction
from feedback.domain.rectification import Rectification
from feedback.domain.words import CycleKey, ItemId, Person, UnitCode
from feedback.store.tables import calendar_year, deduction, notice_number, proof
from kit.clock import Clock
from kit.workdays import Calendar, shipped


class SqlNumbers:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def next(self, cycle: CycleKey) -> int:
        """The counter's row stays locked until the transaction ends: the next notice waits, and a failed one leaves no gap."""
        first = insert(notice_number).values(cycle=cycle, last=1)
        counted = first.on_conflict_do_update(index_elements=["cycle"], set_={"last": notice_number.c.last + 1})
        number: int = (await self._session.execute(counted.returning(notice_number.c.last))).scalar_one()
        return number


class SqlProofs:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, item: ItemId, *, evidence: str, revision: int, unit: UnitCode | None, on: date) -> None:
        row = {"item": item, "evidence": evidence, "unit": unit, "revision": revision, "accepted_on": on}
        made = insert(proof).values(row)
        await self._session.execute(made.on_conflict_do_update(index_elements=["item", "evidence"], set_={"revision": revision}))

    async def count(self, item: Rectification) -> int:
        own = or_(proof.c.unit.is_(None), proof.c.unit == item.unit)
        counted = await self._session.execute(select(func.count()).select_from(proof).where(proof.c.item == item.id, own))
        return counted.scalar_one()


class SqlDeductions:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def locked(self, deduction_id: DeductionId) -> Deduction:
        row = (await self._session.execute(select(deduction).where(deduction.c.id == deduction_id).with_for_update())).one_or_none()
        if row is None:
            raise NoSuchDeduction(deduction_id)
        return to_deduction(row)

    async def of_matter(self, matter: str) -> Deduction | None:
        row = (await self._session.execute(select(deduction).where(deduction.c.matter == matter).with_for_update())).one_or_none()
        return None if row is None else to_deduction(row)

    async def save(self, wanted: Deduction) -> None:
        row = asdict(wanted)
        await self._session.execute(insert(deduction).values(row).on_conflict_do_update(index_elements=["id"], set_=row))


def to_deduction(row: Row[Any]) -> Deduction:
    known = {field.name: getattr(row, field.name) for field in fields(Deduction)}
    return Deduction(**{**known, "level": Level(row.level), "decision": Decision(row.decision)})


class SqlYears:
    def __init__(self, session: AsyncSession, clock: Clock) -> None:
        self._session = session
        self._clock = clock

    async def calendar(self) -> Calendar:
        calendar = shipped()
        for row in await self._session.execute(select(calendar_year)):
            calendar = calendar.with_year(row.year, row.holidays, row.workdays)
        return calendar

    async def enter(self, year: int, *, holidays: Collection[date], workdays: Collection[date], by: Person) -> None:
        row = {"year": year, "holidays": sorted(holidays), "workdays": sorted(workdays), "entered_by": by, "entered_at": self._clock.now()}
        await self._session.execute(insert(calendar_year).values(row).on_conflict_do_update(index_elements=["year"], set_=row))
