"""Statements in PostgreSQL; whoever moves one holds its row."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from scoring.appraisal.domain.faults import NotFound
from scoring.appraisal.domain.inputs import MeasureKey
from scoring.appraisal.domain.schemes import CycleKey, IndicatorKey, UnitCode
from scoring.appraisal.domain.statements import Move, RecordName, State, Statement, StatementId, Step
from scoring.appraisal.domain.words import Text
from scoring.appraisal.store.tables import statements


class SqlStatements:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, statement: Statement) -> None:
        await self._session.execute(
            insert(statements).values(
                id=statement.id,
                cycle=statement.cycle,
                unit=statement.unit,
                indicator=statement.indicator,
                measures=sorted(statement.measures),
                records=[{"source": record.source, "subject": record.subject} for record in statement.records],
                evidence=[str(one) for one in statement.evidence],
                reason=statement.reason,
                filed_by=statement.filed_by,
                filed_at=statement.filed_at,
                **_moved(statement),
            )
        )

    async def held(self, statement: StatementId) -> Statement:
        row = (await self._session.execute(select(statements).where(statements.c.id == statement).with_for_update())).one_or_none()
        if row is None:
            raise NotFound(Text(f"情况说明 {statement}", f"statement {statement}"))
        return _statement(row)

    async def write(self, statement: Statement) -> None:
        await self._session.execute(update(statements).where(statements.c.id == statement.id).values(**_moved(statement)))

    async def of(self, cycle: CycleKey, units: Sequence[UnitCode] | None) -> Sequence[Statement]:
        chosen = select(statements).where(statements.c.cycle == cycle).order_by(statements.c.id)
        rows = await self._session.execute(chosen if units is None else chosen.where(statements.c.unit.in_(units)))
        return [_statement(row) for row in rows]

    async def approved(self, cycle: CycleKey, units: Collection[UnitCode]) -> Sequence[Statement]:
        chosen = select(statements).where(statements.c.cycle == cycle, statements.c.state == State.APPROVED.value)
        return [
            _statement(row) for row in await self._session.execute(chosen.where(statements.c.unit.in_(units)).order_by(statements.c.id))
        ]


def _moved(statement: Statement) -> Mapping[str, Any]:
    steps = [{"move": step.move.value, "by": step.by, "at": step.at.isoformat(), "reason": step.reason} for step in statement.steps]
    return {"state": statement.state.value, "steps": steps}


def _statement(row: Row[Any]) -> Statement:
    return Statement(
        id=StatementId(row.id),
        cycle=CycleKey(row.cycle),
        unit=UnitCode(row.unit),
        records=tuple(RecordName(**record) for record in row.records),
        measures=frozenset(map(MeasureKey, row.measures)),
        indicator=IndicatorKey(row.indicator) if row.indicator else None,
        reason=row.reason,
        evidence=tuple(map(UUID, row.evidence)),
        state=State(row.state),
        filed_by=row.filed_by,
        filed_at=row.filed_at,
        steps=tuple(_step(step) for step in row.steps),
    )


def _step(step: Mapping[str, str]) -> Step:
    return Step(move=Move(step["move"]), by=step["by"], at=datetime.fromisoformat(step["at"]), reason=step["reason"])
