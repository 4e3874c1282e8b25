"""Months, quarters and the year over HTTP: points of a period, series for charts, and what a few more would change."""

from fractions import Fraction
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from scoring.appraisal.api.desks import FigureReader, KeyPath, OwnReader, readable_unit, within_scope
from scoring.appraisal.domain.faults import NotAllowed
from scoring.appraisal.domain.inputs import MeasureKey, MonthTotal
from scoring.appraisal.domain.numbers import Rounding, added, number_of, plain, rounded, written
from scoring.appraisal.domain.periods import PERIOD, PeriodKey
from scoring.appraisal.domain.schemes import CycleKey, UnitCode
from scoring.appraisal.domain.settling import Ground
from scoring.appraisal.domain.traces import told
from scoring.appraisal.domain.what_if import Effect
from scoring.appraisal.domain.words import Text
from scoring.appraisal.handlers import periods as handlers
from scoring.appraisal.handlers.work import Desk

router = APIRouter(tags=["periods 期间"])

PeriodQuery = Annotated[
    str | None, Query(pattern=PERIOD, description="`2026-03`, `2026-Q1` or `2026`; quarters count from the cycle's start")
]
CHANGE = r"^-?[0-9]{1,9}(\.[0-9]{1,9})?$"
MOST_OF_A_UNIT = 5  # more and less at once: a unit asks what is within reach, not what its points are
_PLACES = Rounding(6)  # a quotient may have no end


class Words(BaseModel):
    zh: str
    en: str


class PeriodScoreView(BaseModel):
    indicator: str
    name: str
    points: str | None
    of: str
    words: Words
    trace: dict[str, Any]


class PeriodScoresView(BaseModel):
    """Points computed from the totals of `months` alone; what people judge is judged for the cycle and not listed."""

    cycle: str
    version: int
    unit: str
    period: str
    months: list[str]
    locked: bool
    scores: list[PeriodScoreView]


class MeasuredView(BaseModel):
    key: str
    n: int
    total: str


class PointView(BaseModel):
    """`value` is the indicator's figure (a rate, a mean, a number); `points` none where they are not shown."""

    period: str
    span: str
    value: str | None
    points: str | None
    measures: list[MeasuredView]


class SeriesView(BaseModel):
    indicator: str
    name: str
    points: list[PointView]


class ChangeBody(BaseModel):
    """How many more (or, negative, fewer), and by how much the total moves; `total` is `n` unless stated."""

    n: int = Field(ge=-1000, le=1000)
    total: str | None = Field(default=None, pattern=CHANGE)


class WhatIfBody(BaseModel):
    """By measure; for a unit at most 5 of each."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"changes": {"closed_in_time": {"n": 2}}}]})

    changes: dict[str, ChangeBody] = Field(min_length=1, max_length=20)


class EffectView(BaseModel):
    """`now` and `then` are for the office and leaders only."""

    indicator: str
    name: str
    measures: list[str]
    difference: str
    words: Words
    now: str | None = None
    then: str | None = None


async def scores_of_period(cycle: str, unit: str, period: str, desk: Desk) -> PeriodScoresView:
    """A unit's points in a period: all of them for the office and leaders, for the unit itself those of locked months."""
    code, is_own = readable_unit(desk, UnitCode(unit)), not sees_points(desk)
    found = await handlers.scores_of_period(CycleKey(cycle), code, PeriodKey(period), locked_only=is_own, work=desk.work)
    rows = [(indicator, trace, told(trace)) for indicator, trace in found.scores]
    return PeriodScoresView(
        cycle=cycle,
        version=found.ground.version,
        unit=unit,
        period=found.period.key,
        months=list(found.months),
        locked=found.is_locked,
        scores=[
            PeriodScoreView(
                indicator=indicator.key,
                name=indicator.name,
                points=trace["result"],
                of=trace["points"],
                words=_words(words),
                trace=dict(trace),
            )
            for indicator, trace, words in rows
        ],
    )


@router.get("/series/{cycle}/{unit}")
async def series(cycle: KeyPath, unit: KeyPath, desk: FigureReader) -> list[SeriesView]:
    """By month and quarter so far: measures and figure of each indicator; points for the office and leaders, own ones once locked."""
    code = within_scope(desk, UnitCode(unit))
    own = "unit" in desk.caller.roles and code in desk.caller.units
    found = await handlers.series_of(CycleKey(cycle), code, points=sees_points(desk), own=own, work=desk.work)
    return [
        SeriesView(indicator=one.indicator.key, name=one.indicator.name, points=[_point(point) for point in one.points]) for one in found
    ]


@router.post("/what-if/{cycle}/{unit}")
async def what_if(cycle: KeyPath, unit: KeyPath, body: WhatIfBody, desk: OwnReader) -> list[EffectView]:
    """What these changes of measures would do to each indicator that the unit's own measures decide; a unit learns the difference."""
    code = readable_unit(desk, UnitCode(unit))
    changes = {MeasureKey(key): _change(change) for key, change in body.changes.items()}
    if not sees_points(desk) and any(abs(value) > MOST_OF_A_UNIT for one in changes.values() for value in (Fraction(one.n), one.total)):
        raise NotAllowed(Text(f"每项最多增减 {MOST_OF_A_UNIT}", f"at most {MOST_OF_A_UNIT} more or fewer of each"))
    ground, effects = await handlers.what_if(CycleKey(cycle), code, changes, work=desk.work)
    return [_effect(one, ground, desk) for one in effects]


@router.get("/what-if/{cycle}/{unit}")
async def suggestions(cycle: KeyPath, unit: KeyPath, desk: OwnReader) -> list[EffectView]:
    """What one more of each measure would give, the most first; what would give nothing is left out."""
    ground, effects = await handlers.suggested(CycleKey(cycle), readable_unit(desk, UnitCode(unit)), work=desk.work)
    return [_effect(one, ground, desk) for one in effects]


def sees_points(desk: Desk) -> bool:
    return bool(desk.caller.roles & {"office", "leader"})


def _change(body: ChangeBody) -> MonthTotal:
    return MonthTotal(body.n, Fraction(body.n) if body.total is None else number_of(body.total))


def _effect(one: Effect, ground: Ground, desk: Desk) -> EffectView:
    places = ground.scheme.rounding.places
    now, then = (None if value is None or not sees_points(desk) else written(value, places) for value in (one.now, one.then))
    return EffectView(
        indicator=one.indicator.key,
        name=one.indicator.name,
        measures=sorted(one.changes),
        difference=written(one.difference, places),
        words=_words(one.words(places)),
        now=now,
        then=then,
    )


def _point(one: handlers.Point) -> PointView:
    return PointView(
        period=one.period.key,
        span=one.period.span,
        value=plain(rounded(one.figure.value, _PLACES)) if one.figure else None,
        points=one.points,
        measures=[
            MeasuredView(key=key, n=sum(month.n for month in months.values()), total=plain(added(month.total for month in months.values())))
            for key, months in one.totals.items()
        ],
    )


def _words(text: Text) -> Words:
    return Words(zh=text.zh, en=text.en)
