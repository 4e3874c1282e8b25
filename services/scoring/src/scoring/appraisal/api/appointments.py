"""Who is appointed to judge what, over HTTP."""

from datetime import date
from fractions import Fraction
from typing import Annotated, Final

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from scoring.appraisal.api.desks import KEY, Judge, KeyPath, MarkReader, Office, SubjectPath
from scoring.appraisal.domain.appointments import Appointment
from scoring.appraisal.domain.assessing import Record
from scoring.appraisal.domain.numbers import Rounding, rounded, written
from scoring.appraisal.domain.schemes import CycleKey, IndicatorKey, UnitCode
from scoring.appraisal.handlers import appointments as handlers
from scoring.appraisal.handlers import marks

router = APIRouter(tags=["assessors 考核人"])

MOST_NAMED = 200
SHOWN: Final = Rounding(2)
Name = Annotated[str, Field(min_length=1, max_length=200)]


class AssessorBody(BaseModel):
    """`departments` are as the scheme names them, each with all its indicators; `own_unit` is where the person serves, and never marks."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"name": "经纬南", "trained_on": "2026-01-12", "departments": ["法制科"], "indicators": []}]}
    )

    name: Name
    trained_on: date | None = None
    departments: list[Name] = Field(default=[], max_length=MOST_NAMED)
    indicators: list[Annotated[str, Field(pattern=KEY)]] = Field(default=[], max_length=MOST_NAMED)
    own_unit: str | None = Field(default=None, pattern=KEY)


class AssessorView(AssessorBody):
    cycle: str
    subject: str


class RecordView(BaseModel):
    """`distance`: the mean of own minus others' samples of the same unit and indicator (above 0: milder); `spread`: of their size."""

    subject: str
    name: str
    given: int
    units: int
    changed_by_self: int
    changed_by_others: int
    returned: int
    confirmed: int
    sampled: int
    compared: int
    distance: str | None
    spread: str | None


@router.put("/assessors/{cycle}/{subject}")
async def put_assessor(cycle: KeyPath, subject: SubjectPath, body: AssessorBody, desk: Office) -> AssessorView:
    """Appoint an assessor for a cycle (指定考核人). Nobody marks without an appointment and a training recorded for the cycle."""
    appointment = Appointment(
        cycle=CycleKey(cycle),
        subject=subject,
        name=body.name,
        trained_on=body.trained_on,
        departments=frozenset(body.departments),
        indicators=frozenset(map(IndicatorKey, body.indicators)),
        own_unit=None if body.own_unit is None else UnitCode(body.own_unit),
    )
    return _view(await handlers.appoint(appointment, desk))


@router.get("/assessors/{cycle}")
async def assessors(cycle: KeyPath, desk: Judge) -> list[AssessorView]:
    """All appointments of the cycle."""
    return [_view(each) for each in await handlers.appointments(CycleKey(cycle), desk)]


@router.get("/assessors/{cycle}/report")
async def report(cycle: KeyPath, desk: Judge) -> list[RecordView]:
    """Who marked how much, how far from the other assessors' samples, and what was changed later."""
    return [_record(record, name) for record, name in await marks.report(CycleKey(cycle), desk)]


@router.get("/assessors/{cycle}/{subject}")
async def assessor(cycle: KeyPath, subject: SubjectPath, desk: MarkReader) -> AssessorView:
    """One appointment; an assessor sees the own one."""
    return _view(await handlers.appointment(CycleKey(cycle), subject, desk))


def _record(record: Record, name: str) -> RecordView:
    return RecordView(
        subject=record.assessor,
        name=name,
        given=record.given,
        units=record.units,
        changed_by_self=record.changed_by_self,
        changed_by_others=record.changed_by_others,
        returned=record.returned,
        confirmed=record.confirmed,
        sampled=record.sampled,
        compared=record.compared,
        distance=_shown(record.distance),
        spread=_shown(record.spread),
    )


def _shown(value: Fraction | None) -> str | None:
    return None if value is None else written(rounded(value, SHOWN), SHOWN.places)


def _view(appointment: Appointment) -> AssessorView:
    return AssessorView(
        cycle=appointment.cycle,
        subject=appointment.subject,
        name=appointment.name,
        trained_on=appointment.trained_on,
        departments=sorted(appointment.departments),
        indicators=sorted(appointment.indicators),
        own_unit=appointment.own_unit,
    )
