"""Data confirmation (数据核定) over HTTP: the office opens a period, units confirm or dispute, the office decides."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field

from scoring.appraisal.api.desks import Judge, KeyPath, Office, OwnReader, OwnUnit, own_unit, readable_unit
from scoring.appraisal.domain.confirmations import Confirmation, Dispute, DisputeId, Opened, Outcome
from scoring.appraisal.domain.inputs import MeasureKey
from scoring.appraisal.domain.numbers import plain
from scoring.appraisal.domain.periods import PERIOD, PeriodKey
from scoring.appraisal.domain.schemes import CycleKey, UnitCode
from scoring.appraisal.handlers import confirmations as handlers

router = APIRouter(tags=["confirmations 数据核定"])

PeriodPath = Annotated[str, Path(pattern=PERIOD, description="`2026-03` or `2026-Q1`")]
Reason = Annotated[str, Field(min_length=1, max_length=2000)]


class OpeningBody(BaseModel):
    """`by` is the last day on which units may confirm or dispute; who says nothing by then is deemed to have confirmed."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"by": "2026-04-10"}]})

    by: date


class ConfirmBody(BaseModel):
    """`seen` is the `seal` of the figures that the unit looked at."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"seen": "9f2c6a0d5b7e4f8a1c3d5e7f9a0b2c4d6e8f0a1b3c5d7e9f1a2b4c6d8e0f2a4b"}]}
    )

    seen: str = Field(pattern=r"^[0-9a-f]{64}$")


class DisputeBody(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"source": "case-system", "subject": "案-2026-0113", "measure": "due", "reason": "该案已移送，不应计入本单位"}]
        }
    )

    source: str = Field(min_length=1, max_length=60)
    subject: str = Field(min_length=1, max_length=500)
    measure: str = Field(min_length=1, max_length=60)
    reason: Reason


class DecisionBody(BaseModel):
    """`correct`: upheld, the source corrects; `exclude`: upheld, a statement excludes the record; `rejected`."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"outcome": "correct", "reason": "移送文书属实，由来源系统更正"}]})

    outcome: Outcome
    reason: Reason


class OpenedView(BaseModel):
    period: str
    months: list[str]
    by: date
    opened_by: str
    opened_at: datetime


class DisputeView(BaseModel):
    id: UUID
    unit: str
    source: str
    subject: str
    measure: str
    reason: str
    raised_by: str
    raised_at: datetime
    outcome: str | None
    decision: str | None
    decided_by: str | None
    decided_at: datetime | None


class ConfirmationView(BaseModel):
    """`basis` says how the figures were locked: `confirmed`, `decided`, or `deemed` (the date passed in silence 视为认可)."""

    unit: str
    state: str
    basis: str | None
    changed_by: str
    changed_at: datetime


class FigureView(BaseModel):
    version: int
    measure: str
    month: str
    n: int
    total: str


class UnitPeriodView(ConfirmationView):
    """The figures that the unit confirms, or that are locked; `seal` is sent back to confirm exactly these."""

    opened: OpenedView
    figures: list[FigureView]
    seal: str
    disputes: list[DisputeView]


class OverviewView(BaseModel):
    opened: OpenedView
    units: list[ConfirmationView]
    disputes: list[DisputeView]


@router.put("/confirmations/{cycle}/{period}")
async def open_period(cycle: KeyPath, period: PeriodPath, body: OpeningBody, desk: Office) -> OpenedView:
    """Open a month or a quarter that is over for confirmation; sent again, it changes the date."""
    command = handlers.OpenPeriod(cycle=CycleKey(cycle), period=PeriodKey(period), by=body.by)
    return _opened(await handlers.open_period(command, desk))


@router.get("/confirmations/{cycle}")
async def opened_periods(cycle: KeyPath, desk: OwnReader) -> list[OpenedView]:
    """The periods that were opened, in the order of their months."""
    return [_opened(opened) for opened in await handlers.opened_periods(CycleKey(cycle), desk.work)]


@router.get("/confirmations/{cycle}/{period}")
async def overview(cycle: KeyPath, period: PeriodPath, desk: Judge) -> OverviewView:
    """Where each unit stands, and every dispute."""
    found = await handlers.overview(CycleKey(cycle), PeriodKey(period), desk.work)
    return OverviewView(
        opened=_opened(found.opened),
        units=[ConfirmationView(**_confirmation(one)) for one in found.units],
        disputes=[_dispute(one) for one in found.disputes],
    )


@router.get("/confirmations/{cycle}/{period}/{unit}")
async def figures(cycle: KeyPath, period: PeriodPath, unit: KeyPath, desk: OwnReader) -> UnitPeriodView:
    """A unit's figures of the period with their seal; its records: `GET /v1/measures/{cycle}/{unit}/{measure}/records`."""
    found = await handlers.figures_to_confirm(_where(cycle, period, readable_unit(desk, UnitCode(unit))), desk.work)
    return UnitPeriodView(
        **_confirmation(found.confirmation),
        opened=_opened(found.opened),
        figures=[
            FigureView(version=one.version, measure=one.measure, month=one.month, n=one.held.n, total=plain(one.held.total))
            for one in found.figures
        ],
        seal=found.seal,
        disputes=[_dispute(one) for one in found.disputes],
    )


@router.post("/confirmations/{cycle}/{period}/{unit}/confirm")
async def confirm(cycle: KeyPath, period: PeriodPath, unit: KeyPath, body: ConfirmBody, desk: OwnUnit) -> ConfirmationView:
    """Confirm the own figures, and lock them; 409 when they moved since they were looked at."""
    where = _where(cycle, period, own_unit(desk, UnitCode(unit)))
    return ConfirmationView(**_confirmation(await handlers.confirm(where, seen=body.seen, desk=desk)))


@router.post("/confirmations/{cycle}/{period}/{unit}/disputes", status_code=201)
async def dispute(cycle: KeyPath, period: PeriodPath, unit: KeyPath, body: DisputeBody, desk: OwnUnit) -> DisputeView:
    """Dispute one record of the own unit; nothing locks until the office has decided."""
    where = _where(cycle, period, own_unit(desk, UnitCode(unit)))
    command = handlers.RaiseDispute(
        where=where, source=body.source, subject=body.subject, measure=MeasureKey(body.measure), reason=body.reason
    )
    return _dispute(await handlers.dispute(command, desk))


@router.post("/disputes/{dispute}/decide")
async def decide(dispute: UUID, body: DecisionBody, desk: Office) -> DisputeView:
    """Decide a dispute with a reason; with the last one the figures lock, unless a correction is awaited until the date."""
    return _dispute(await handlers.decide(handlers.Decide(DisputeId(dispute), body.outcome, body.reason), desk))


def _where(cycle: str, period: str, unit: UnitCode) -> handlers.OfUnit:
    return handlers.OfUnit(cycle=CycleKey(cycle), period=PeriodKey(period), unit=unit)


def _opened(opened: Opened) -> OpenedView:
    period = opened.period
    return OpenedView(period=period.key, months=list(period.months), by=opened.by, opened_by=opened.opened_by, opened_at=opened.opened_at)


def _confirmation(one: Confirmation) -> dict[str, object]:
    return {name: getattr(one, name) for name in ConfirmationView.model_fields}


def _dispute(one: Dispute) -> DisputeView:
    made = one.decision
    return DisputeView(
        id=one.id,
        unit=one.unit,
        source=one.source,
        subject=one.subject,
        measure=one.measure,
        reason=one.reason,
        raised_by=one.raised_by,
        raised_at=one.raised_at,
        outcome=made.outcome if made else None,
        decision=made.reason if made else None,
        decided_by=made.decided_by if made else None,
        decided_at=made.decided_at if made else None,
    )
