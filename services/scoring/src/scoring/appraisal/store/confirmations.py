"""Confirmations and disputes in PostgreSQL; whoever moves a unit holds its row."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, and_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from scoring.appraisal.domain.confirmations import Confirmation, Decision, Dispute, DisputeId, Opened, Outcome, State
from scoring.appraisal.domain.faults import NotFound
from scoring.appraisal.domain.inputs import MeasureKey
from scoring.appraisal.domain.periods import PeriodKey, period_of
from scoring.appraisal.domain.schemes import Cycle, CycleKey, UnitCode
from scoring.appraisal.domain.words import Text
from scoring.appraisal.store.tables import confirmations, disputes, unit_confirmations

_DUE: Final = (State.OPEN.value, State.DECIDED.value)


class SqlConfirmations:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def open(self, opened: Opened, units: Collection[UnitCode]) -> None:
        where = {"cycle": opened.cycle, "period": opened.period.key}
        values = {"by": opened.by, "opened_by": opened.opened_by, "opened_at": opened.opened_at}
        opening = insert(confirmations).values(**where, **values)
        await self._session.execute(opening.on_conflict_do_update(index_elements=["cycle", "period"], set_={"by": opened.by}))
        change = {"state": State.OPEN.value, "changed_by": opened.opened_by, "changed_at": opened.opened_at}
        rows = [{**where, "unit": unit, **change} for unit in sorted(units)]
        if rows:
            await self._session.execute(insert(unit_confirmations).values(rows).on_conflict_do_nothing())

    async def opened(self, cycle: Cycle) -> Sequence[Opened]:
        rows = await self._session.execute(select(confirmations).where(confirmations.c.cycle == cycle.key))
        found = [_opened(row, cycle) for row in rows]
        return sorted(found, key=lambda each: each.period.months)

    async def of_period(self, cycle: CycleKey, period: PeriodKey) -> Sequence[Confirmation]:
        return await self._found(and_(unit_confirmations.c.cycle == cycle, unit_confirmations.c.period == period))

    async def of_unit(self, cycle: CycleKey, unit: UnitCode) -> Sequence[Confirmation]:
        return await self._found(and_(unit_confirmations.c.cycle == cycle, unit_confirmations.c.unit == unit))

    async def held(self, cycle: CycleKey, period: PeriodKey, unit: UnitCode) -> Confirmation:
        chosen = select(unit_confirmations).where(_here(cycle, period, unit)).with_for_update()
        row = (await self._session.execute(chosen)).one_or_none()
        if row is None:
            raise NotFound(Text(f"单位 {unit} 在期间 {period} 的核定", f"confirmation of {unit} for {period}"))
        return _confirmation(row)

    async def lapsed(self, cycle: CycleKey, *, today: date, most: int) -> Sequence[Confirmation]:
        mine = and_(unit_confirmations.c.cycle == confirmations.c.cycle, unit_confirmations.c.period == confirmations.c.period)
        chosen = (
            select(unit_confirmations)
            .join(confirmations, mine)
            .where(confirmations.c.cycle == cycle, confirmations.c.by < today, unit_confirmations.c.state.in_(_DUE))
            .order_by(unit_confirmations.c.period, unit_confirmations.c.unit)
            .limit(most)
            .with_for_update(of=unit_confirmations, skip_locked=True)
        )
        return [_confirmation(row) for row in await self._session.execute(chosen)]

    async def write(self, confirmation: Confirmation) -> None:
        values = {
            "state": confirmation.state.value,
            "basis": confirmation.basis and confirmation.basis.value,
            "changed_by": confirmation.changed_by,
            "changed_at": confirmation.changed_at,
        }
        here = _here(confirmation.cycle, confirmation.period, confirmation.unit)
        await self._session.execute(update(unit_confirmations).where(here).values(**values))

    async def dispute(self, dispute: Dispute) -> None:
        names = ("id", "cycle", "period", "unit", "source", "subject", "measure", "reason", "raised_by", "raised_at")
        await self._session.execute(insert(disputes).values({name: getattr(dispute, name) for name in names}))

    async def disputes(self, cycle: CycleKey, period: PeriodKey, unit: UnitCode | None) -> Sequence[Dispute]:
        chosen = select(disputes).where(disputes.c.cycle == cycle, disputes.c.period == period).order_by(disputes.c.id)
        rows = await self._session.execute(chosen if unit is None else chosen.where(disputes.c.unit == unit))
        return [_dispute(row) for row in rows]

    async def disputed(self, dispute: DisputeId) -> Dispute:
        row = (await self._session.execute(select(disputes).where(disputes.c.id == dispute))).one_or_none()
        if row is None:
            raise NotFound(Text(f"异议 {dispute}", f"dispute {dispute}"))
        return _dispute(row)

    async def decide(self, dispute: Dispute) -> None:
        await self._session.execute(update(disputes).where(disputes.c.id == dispute.id).values(**_decided(dispute)))

    async def _found(self, where: ColumnElement[bool]) -> Sequence[Confirmation]:
        chosen = select(unit_confirmations).where(where).order_by(unit_confirmations.c.period, unit_confirmations.c.unit)
        return [_confirmation(row) for row in await self._session.execute(chosen)]


def _here(cycle: CycleKey, period: PeriodKey, unit: UnitCode) -> ColumnElement[bool]:
    table = unit_confirmations
    return and_(table.c.cycle == cycle, table.c.period == period, table.c.unit == unit)


def _opened(row: Row[Any], cycle: Cycle) -> Opened:
    return Opened(
        cycle=cycle.key,
        period=period_of(cycle, PeriodKey(row.period)),
        by=row.by,
        opened_by=row.opened_by,
        opened_at=row.opened_at,
    )


def _confirmation(row: Row[Any]) -> Confirmation:
    return Confirmation(
        cycle=CycleKey(row.cycle),
        period=PeriodKey(row.period),
        unit=UnitCode(row.unit),
        state=State(row.state),
        basis=State(row.basis) if row.basis else None,
        changed_by=row.changed_by,
        changed_at=row.changed_at,
    )


def _dispute(row: Row[Any]) -> Dispute:
    decision = (
        Decision(outcome=Outcome(row.outcome), reason=row.decision, decided_by=row.decided_by, decided_at=row.decided_at)
        if row.outcome
        else None
    )
    return Dispute(
        id=DisputeId(row.id),
        cycle=CycleKey(row.cycle),
        period=PeriodKey(row.period),
        unit=UnitCode(row.unit),
        source=row.source,
        subject=row.subject,
        measure=MeasureKey(row.measure),
        reason=row.reason,
        raised_by=row.raised_by,
        raised_at=row.raised_at,
        decision=decision,
    )


def _decided(dispute: Dispute) -> Mapping[str, object]:
    made = dispute.decision
    if made is None:
        return {}
    return {"outcome": made.outcome.value, "decision": made.reason, "decided_by": made.decided_by, "decided_at": made.decided_at}
