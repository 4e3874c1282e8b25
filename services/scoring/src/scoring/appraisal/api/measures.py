"""Figures and lines over HTTP: what a unit may see of itself all year."""

from fractions import Fraction
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field, model_validator

from scoring.appraisal.api.desks import (
    KEY,
    MONTH,
    MOST_ROWS,
    MOST_VERSIONS,
    NO_NULLS,
    FigureReader,
    KeyPath,
    sees_all_figures,
    within_scope,
)
from scoring.appraisal.api.periods import PeriodQuery
from scoring.appraisal.api.records import PageView, page_view
from scoring.appraisal.domain.inputs import MeasureKey, Month
from scoring.appraisal.domain.lights import COLOURS, Light
from scoring.appraisal.domain.lines import finding_of, recovery_of, shown
from scoring.appraisal.domain.numbers import plain
from scoring.appraisal.domain.periods import PeriodKey
from scoring.appraisal.domain.schemes import CycleKey, Unit, UnitCode, Version
from scoring.appraisal.handlers import reading, tracing
from scoring.appraisal.handlers.work import Desk, Sought

router = APIRouter(tags=["measures 度量"])


class MonthView(BaseModel):
    month: str
    n: int
    total: str


class MeasureView(BaseModel):
    key: str
    n: int
    total: str
    months: list[MonthView]


class LineStateView(BaseModel):
    level: str
    bound: str
    value: str | None
    n: str | None
    crossed: bool


class FiguresView(BaseModel):
    """`light` is green, yellow or red; `repaired` says that it is yellow for the rest of the cycle because it was red once."""

    indicator: str
    name: str
    light: str
    repaired: bool
    measures: list[MeasureView]
    lines: list[LineStateView]


class CrossingView(BaseModel):
    unit: str
    indicator: str
    level: str
    crossed: bool
    light: str
    finding: str


class SoughtQuery(BaseModel):
    """`version`, `since` and `through` as a trace names them; `attribute` with `value`, written as it is shown."""

    model_config = ConfigDict(extra="forbid")

    version: int | None = Field(default=None, ge=1, le=MOST_VERSIONS)
    since: str | None = Field(default=None, pattern=MONTH)
    through: str | None = Field(default=None, pattern=MONTH)
    month: str | None = Field(default=None, pattern=MONTH)
    source: str | None = Field(default=None, max_length=60, pattern=NO_NULLS)
    attribute: str | None = Field(default=None, max_length=200, pattern=NO_NULLS)
    value: str | None = Field(default=None, max_length=500, pattern=NO_NULLS)
    text: str | None = Field(default=None, max_length=500, pattern=NO_NULLS)
    after: str | None = Field(default=None, max_length=1200, pattern=NO_NULLS)
    limit: int = Field(default=20, ge=1, le=MOST_ROWS)

    @model_validator(mode="after")
    def _in_pairs(self) -> "SoughtQuery":
        if (self.attribute is None) != (self.value is None):
            raise ValueError("attribute and value belong together / attribute 与 value 要同时给出")
        return self

    def sought(self) -> Sought:
        month = None if self.month is None else Month(self.month)
        since = None if self.since is None else Month(self.since)
        return Sought(since=since, month=month, source=self.source, attribute=self.attribute, value=self.value, text=self.text)


@router.get("/measures/{cycle}/{unit}")
async def measures(cycle: KeyPath, unit: KeyPath, desk: FigureReader, period: PeriodQuery = None) -> list[FiguresView]:
    """A unit's figures by indicator, over the cycle to date with its yellow and red lines, or in one period; no points."""
    key = PeriodKey(period) if period else None
    rows = await reading.measures_of(CycleKey(cycle), within_scope(desk, UnitCode(unit)), period=key, work=desk.work)
    return [_figures(row) for row in rows]


@router.get("/measures/{cycle}/{unit}/{measure}/records")
async def records(cycle: KeyPath, unit: KeyPath, measure: KeyPath, desk: FigureReader, sought: Annotated[SoughtQuery, Query()]) -> PageView:
    """The records behind one of a unit's figures, a page at a time, of a month, a source, a value, or with a text in their subject."""
    code = within_scope(desk, UnitCode(unit))
    page = await tracing.records_of(
        CycleKey(cycle),
        code,
        MeasureKey(measure),
        version=None if sought.version is None else Version(sought.version),
        through=None if sought.through is None else Month(sought.through),
        sought=sought.sought(),
        after=sought.after,
        most=sought.limit,
        work=desk.work,
    )
    return page_view(page)


@router.get("/lines/{cycle}")
async def lines(cycle: KeyPath, desk: FigureReader, unit: Annotated[str | None, Query(pattern=KEY)] = None) -> list[CrossingView]:
    """The yellow and red lines that are crossed now, and red ones that were repaired: of one unit, or of all that the caller may see."""
    lit = await reading.lit_lines(CycleKey(cycle), units=await _readable(desk, unit), work=desk.work)
    return [
        CrossingView(
            unit=one.unit.code,
            indicator=one.indicator.key,
            level=one.line.level,
            crossed=one.is_crossed,
            light=COLOURS[one.light],
            finding=_finding(one),
        )
        for one in lit
    ]


async def _readable(desk: Desk, unit: str | None) -> list[Unit]:
    if unit is not None:
        return [await desk.work.registry.unit(within_scope(desk, UnitCode(unit)))]
    units = await desk.work.registry.units()
    return [known for known in units if sees_all_figures(desk) or known.code in desk.caller.units]


def _finding(one: reading.LitLine) -> str:
    if one.figure is None:
        return one.indicator.name
    return (finding_of if one.is_crossed else recovery_of)(one.indicator.name, one.line, one.figure)


def _figures(row: reading.MeasuredIndicator) -> FiguresView:
    return FiguresView(
        indicator=row.indicator.key,
        name=row.indicator.name,
        light=COLOURS[row.light],
        repaired=row.light is Light.REPAIRED,
        measures=[
            MeasureView(
                key=key,
                n=sum(total.n for total in months.values()),
                total=plain(sum((total.total for total in months.values()), start=Fraction(0))),
                months=[MonthView(month=month, n=total.n, total=plain(total.total)) for month, total in sorted(months.items())],
            )
            for key, months in row.totals.items()
        ],
        lines=[
            LineStateView(
                level=line.level,
                bound=shown(line.bound, line),
                value=shown(figure.value, line) if figure else None,
                n=plain(figure.n) if figure else None,
                crossed=crossed,
            )
            for line, figure, crossed in row.lines
        ],
    )
