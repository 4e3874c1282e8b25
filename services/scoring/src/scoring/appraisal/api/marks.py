"""Assessors' marks over HTTP."""

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from scoring.appraisal.api.desks import KeyPath, Marker, MarkReader
from scoring.appraisal.domain.marks import Mark
from scoring.appraisal.domain.numbers import number_of, plain
from scoring.appraisal.domain.schemes import CycleKey, IndicatorKey, UnitCode
from scoring.appraisal.handlers import marks as handlers

router = APIRouter(tags=["marks 评分"])


class MarkBody(BaseModel):
    """`reason` is needed under 60 % of the points and for all of them, or wherever a point is taken (`reason: always`)."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"mark": "7.5", "reason": "述职完整，谈话记录缺一次"}]})

    mark: str = Field(pattern=r"^[0-9]{1,9}(\.[0-9]{1,9})?$")
    reason: str = Field(default="", max_length=2000)


class MarkView(BaseModel):
    id: UUID
    cycle: str
    unit: str
    indicator: str
    mark: str
    reason: str
    assessor: str
    marked_at: datetime
    counts: bool


@router.put("/marks/{cycle}/{unit}/{indicator}")
async def put_mark(cycle: KeyPath, unit: KeyPath, indicator: KeyPath, body: MarkBody, desk: Marker) -> MarkView:
    """Mark an indicator of a unit, but not of the own one; a later mark counts instead, the former one is kept."""
    command = handlers.GiveMark(
        cycle=CycleKey(cycle), unit=UnitCode(unit), indicator=IndicatorKey(indicator), mark=number_of(body.mark), reason=body.reason
    )
    return _view(await handlers.mark(command, desk), counts=True)


@router.get("/marks/{cycle}")
async def marks(cycle: KeyPath, desk: MarkReader) -> list[MarkView]:
    """All marks ever given, the newest first; an assessor sees the own ones."""
    return [_view(mark, counts=counts) for mark, counts in await handlers.marks_of(CycleKey(cycle), desk)]


def _view(mark: Mark, *, counts: bool) -> MarkView:
    return MarkView(
        id=mark.id,
        cycle=mark.cycle,
        unit=mark.unit,
        indicator=mark.indicator,
        mark=plain(mark.mark),
        reason=mark.reason,
        assessor=mark.assessor,
        marked_at=mark.marked_at,
        counts=counts,
    )
