"""Statements (情况说明) over HTTP: a unit files one, the office accepts, a leader approves; accepted ones exclude records."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field, model_validator

from scoring.appraisal.api.desks import KEY, Judge, KeyPath, OwnReader, OwnUnit, own_unit, readable_unit
from scoring.appraisal.domain.inputs import MeasureKey
from scoring.appraisal.domain.schemes import CycleKey, IndicatorKey, UnitCode
from scoring.appraisal.domain.statements import Move, RecordName, Statement, StatementId
from scoring.appraisal.handlers import statements as handlers

router = APIRouter(tags=["statements 情况说明"])

Reason = Annotated[str, Field(min_length=1, max_length=2000)]


class RecordBody(BaseModel):
    source: str = Field(min_length=1, max_length=60)
    subject: str = Field(min_length=1, max_length=500)


class StatementBody(BaseModel):
    """Names the records, and either the measures or the one indicator to leave them out of; `evidence` are ids of the evidence service."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "records": [{"source": "case-system", "subject": "案-2026-0113"}],
                    "indicator": "closed_in_time",
                    "reason": "当事人住院，不可抗力",
                    "evidence": ["01890c5d-7b1e-7c3a-9d2f-3b1f0c5a7e11"],
                }
            ]
        }
    )

    records: list[RecordBody] = Field(min_length=1, max_length=200)
    measures: list[Annotated[str, Field(pattern=KEY)]] = Field(default=[], max_length=50)
    indicator: str | None = Field(default=None, pattern=KEY)
    reason: Reason
    evidence: list[UUID] = Field(default=[], max_length=50)

    @model_validator(mode="after")
    def _one_of_both(self) -> "StatementBody":
        if bool(self.measures) == bool(self.indicator):
            raise ValueError("either measures or an indicator / 度量与指标须且只能填一项")
        return self


class StepBody(BaseModel):
    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "医院证明属实，符合容错情形"}]})

    reason: Reason


class StepView(BaseModel):
    move: str
    by: str
    at: datetime
    reason: str


class StatementView(BaseModel):
    id: UUID
    cycle: str
    unit: str
    records: list[RecordBody]
    measures: list[str]
    indicator: str | None
    reason: str
    evidence: list[UUID]
    state: str
    filed_by: str
    filed_at: datetime
    steps: list[StepView]


@router.post("/statements/{cycle}/{unit}", status_code=201)
async def file(cycle: KeyPath, unit: KeyPath, body: StatementBody, desk: OwnUnit) -> StatementView:
    """File a statement about records of the own unit."""
    command = handlers.FileStatement(
        cycle=CycleKey(cycle),
        unit=own_unit(desk, UnitCode(unit)),
        records=[RecordName(record.source, record.subject) for record in body.records],
        measures=frozenset(map(MeasureKey, body.measures)),
        indicator=IndicatorKey(body.indicator) if body.indicator else None,
        reason=body.reason,
        evidence=body.evidence,
    )
    return _view(await handlers.file(command, desk))


@router.get("/statements/{cycle}")
async def statements(cycle: KeyPath, desk: OwnReader, unit: Annotated[str | None, Query(pattern=KEY)] = None) -> list[StatementView]:
    """All statements, or one unit's; a unit sees its own."""
    if unit is not None:
        units: list[UnitCode] | None = [readable_unit(desk, UnitCode(unit))]
    elif desk.caller.roles & {"office", "leader"}:
        units = None
    else:
        units = [UnitCode(code) for code in sorted(desk.caller.units)]
    return [_view(one) for one in await handlers.statements_of(CycleKey(cycle), units=units, work=desk.work)]


@router.post("/statements/{statement}/steps/{move}")
async def step(statement: UUID, move: Move, body: StepBody, desk: Judge) -> StatementView:
    """`accept` or `refuse` by the office, then `approve` or `refuse` by a leader, another person; each with a reason."""
    return _view(await handlers.take_step(handlers.TakeStep(StatementId(statement), move, body.reason), desk))


def _view(one: Statement) -> StatementView:
    return StatementView(
        id=one.id,
        cycle=one.cycle,
        unit=one.unit,
        records=[RecordBody(source=record.source, subject=record.subject) for record in one.records],
        measures=sorted(one.measures),
        indicator=one.indicator,
        reason=one.reason,
        evidence=list(one.evidence),
        state=one.state,
        filed_by=one.filed_by,
        filed_at=one.filed_at,
        steps=[StepView(move=each.move, by=each.by, at=each.at, reason=each.reason) for each in one.steps],
    )
