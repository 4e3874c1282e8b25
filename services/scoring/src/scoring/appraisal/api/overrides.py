"""Points set by hand, over HTTP: asked for by the office, decided by a leader."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, status
from pydantic import BaseModel, ConfigDict, Field

from scoring.appraisal.api.desks import KEY, Judge, KeyPath, Leader, Office
from scoring.appraisal.domain.numbers import number_of, plain
from scoring.appraisal.domain.overrides import Override, OverrideId
from scoring.appraisal.domain.schemes import CycleKey, IndicatorKey, UnitCode
from scoring.appraisal.handlers import overrides as handlers

router = APIRouter(tags=["overrides 得分调整"])

OverridePath = Annotated[UUID, Path()]


class OverrideBody(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "cycle": "2026",
                    "unit": "wanglan",
                    "indicator": "calls_in_time",
                    "points": "8.00",
                    "reason": "12345 平台故障两日，领导小组第 3 次会议决定",
                    "evidence": ["minutes-2026-03"],
                }
            ]
        }
    )

    cycle: str = Field(pattern=KEY)
    unit: str = Field(pattern=KEY)
    indicator: str = Field(pattern=KEY)
    points: str = Field(pattern=r"^-?[0-9]{1,9}(\.[0-9]{1,9})?$")
    reason: str = Field(min_length=1, max_length=2000)
    evidence: list[Annotated[str, Field(min_length=1, max_length=200)]] = Field(default=[], max_length=50)


class LiftBody(BaseModel):
    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "数据已由来源系统更正"}]})

    reason: str = Field(min_length=1, max_length=2000)


class OverrideView(OverrideBody):
    """`state`: `proposed`, `refused`, `in_force`, `lifting` (still in force), `lifted` or `replaced`."""

    id: UUID
    state: str
    proposed_by: str
    proposed_at: datetime
    approved_by: str | None
    approved_at: datetime | None
    lifting: str | None
    decided_by: str | None


@router.post("/overrides", status_code=status.HTTP_201_CREATED)
async def propose(body: OverrideBody, desk: Office) -> OverrideView:
    """Ask for other points than the computed ones (申请调整得分). They count once a leader approved; the computed score stays."""
    command = handlers.ProposeOverride(
        cycle=CycleKey(body.cycle),
        unit=UnitCode(body.unit),
        indicator=IndicatorKey(body.indicator),
        points=number_of(body.points),
        reason=body.reason,
        evidence=tuple(body.evidence),
    )
    return _view(await handlers.propose(command, desk))


@router.get("/overrides/{cycle}")
async def overrides(cycle: KeyPath, desk: Judge) -> list[OverrideView]:
    """All of the cycle, the newest first."""
    return [_view(each) for each in await handlers.overrides(CycleKey(cycle), desk)]


@router.post("/overrides/{override}/approve")
async def approve(override: OverridePath, desk: Leader) -> OverrideView:
    """Approve an override, or its lifting (批准); never the person who asked for it."""
    return _view(await handlers.approve(OverrideId(override), desk))


@router.post("/overrides/{override}/refuse")
async def refuse(override: OverridePath, desk: Leader) -> OverrideView:
    """Refuse an override, or its lifting: then it goes on holding."""
    return _view(await handlers.refuse(OverrideId(override), desk))


@router.post("/overrides/{override}/lift")
async def lift(override: OverridePath, body: LiftBody, desk: Office) -> OverrideView:
    """Ask for the computed score again (申请撤销); until a leader approves, the override holds."""
    return _view(await handlers.lift(OverrideId(override), body.reason, desk))


def _view(override: Override) -> OverrideView:
    return OverrideView(
        id=override.id,
        cycle=override.cycle,
        unit=override.unit,
        indicator=override.indicator,
        points=plain(override.points),
        reason=override.reason,
        evidence=list(override.evidence),
        state=override.state,
        proposed_by=override.proposed_by,
        proposed_at=override.proposed_at,
        approved_by=override.approved_by,
        approved_at=override.approved_at,
        lifting=override.lifting,
        decided_by=override.decided_by,
    )
