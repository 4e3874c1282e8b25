"""Corrections of closed months over HTTP: what differs, which facts made it differ, and the recorded adjustment."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from scoring.appraisal.api.desks import KEY, MONTH, Judge, KeyPath, Office
from scoring.appraisal.domain.adjustments import Adjustment, Difference, Place
from scoring.appraisal.domain.inputs import MeasureKey, Month, MonthTotal
from scoring.appraisal.domain.numbers import DECIMAL, number_of, plain
from scoring.appraisal.domain.schemes import CycleKey, UnitCode, Version
from scoring.appraisal.handlers import adjustments as handlers
from scoring.appraisal.handlers.closing import MovedRecord

router = APIRouter(tags=["adjustments 核定后调整"])


def place_of(
    cycle: KeyPath,
    version: Annotated[int, Path(ge=1, le=10_000)],
    unit: KeyPath,
    measure: KeyPath,
    month: Annotated[str, Path(pattern=MONTH)],
) -> Place:
    return Place(cycle=CycleKey(cycle), version=Version(version), unit=UnitCode(unit), measure=MeasureKey(measure), month=Month(month))


class AdjustBody(BaseModel):
    """`n` and `total` are the difference that was looked at: another one meanwhile gives 409."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"n": -1, "total": "-1", "reason": "来源系统更正：该案已移送"}]})

    n: int
    total: str = Field(pattern=DECIMAL)
    reason: str = Field(min_length=1, max_length=2000)


class PlaceView(BaseModel):
    version: int
    unit: str
    measure: str
    month: str


class DifferenceView(PlaceView):
    """`counts` is what settling takes, `live` what the facts come to now."""

    counts_n: int
    counts_total: str
    live_n: int
    live_total: str
    n: int
    total: str


class AdjustmentView(PlaceView):
    id: UUID
    n: int
    total: str
    reason: str
    recorded_by: str
    recorded_at: datetime
    records: list[dict[str, Any]]


class AdjustmentsView(BaseModel):
    differences: list[DifferenceView]
    adjustments: list[AdjustmentView]


class MovedRecordView(BaseModel):
    """A record whose part in the figure changed, by how much, and the facts that came since."""

    source: str
    subject: str
    n: int
    total: str
    facts: list[dict[str, Any]]


class MovedView(BaseModel):
    difference: DifferenceView | None
    records: list[MovedRecordView]


@router.get("/adjustments/{cycle}")
async def adjustments(cycle: KeyPath, desk: Judge, unit: Annotated[str | None, Query(pattern=KEY)] = None) -> AdjustmentsView:
    """Where totals have left the locked figures, and the adjustments recorded so far; of one unit or of all."""
    units = [UnitCode(unit)] if unit else [known.code for known in await desk.work.registry.units()]
    open_ones, recorded = await handlers.differences_of(CycleKey(cycle), units=units, work=desk.work)
    return AdjustmentsView(differences=[_difference(one) for one in open_ones], adjustments=[_adjustment(one) for one in recorded])


@router.get("/adjustments/{cycle}/{version}/{unit}/{measure}/{month}")
async def moved(place: Annotated[Place, Depends(place_of)], desk: Judge) -> MovedView:
    """One difference with the records and facts that made it since the figure was locked or last adjusted."""
    difference, records = await handlers.moved_since(place, desk.work)
    return MovedView(difference=_difference(difference) if difference else None, records=[_record(one) for one in records])


@router.post("/adjustments/{cycle}/{version}/{unit}/{measure}/{month}", status_code=201)
async def adjust(place: Annotated[Place, Depends(place_of)], body: AdjustBody, desk: Office) -> AdjustmentView:
    """Take a difference over with a reason: the locked figure moves by it, and the unit is settled anew."""
    seen = MonthTotal(body.n, number_of(body.total))
    return _adjustment(await handlers.adjust(handlers.Adjust(place=place, seen=seen, reason=body.reason), desk))


def _named(place: Place) -> dict[str, Any]:
    return {"version": place.version, "unit": place.unit, "measure": place.measure, "month": place.month}


def _difference(one: Difference) -> DifferenceView:
    return DifferenceView(
        **_named(one.place),
        counts_n=one.counts.n,
        counts_total=plain(one.counts.total),
        live_n=one.live.n,
        live_total=plain(one.live.total),
        n=one.moved.n,
        total=plain(one.moved.total),
    )


def _adjustment(one: Adjustment) -> AdjustmentView:
    return AdjustmentView(
        **_named(one.place),
        id=one.id,
        n=one.moved.n,
        total=plain(one.moved.total),
        reason=one.reason,
        recorded_by=one.recorded_by,
        recorded_at=one.recorded_at,
        records=[dict(record) for record in one.records],
    )


def _record(one: MovedRecord) -> MovedRecordView:
    return MovedRecordView(
        source=one.source,
        subject=one.subject,
        n=one.moved.n,
        total=plain(one.moved.total),
        facts=[dict(fact) for fact in one.facts],
    )
