"""Figures and lines over HTTP: what a unit may see of itself all year."""

from fractions import Fraction
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from scoring.appraisal.api.desks import KEY, After, FigureReader, KeyPath, Limit, sees_all_figures, within_scope
from scoring.appraisal.api.periods import PeriodQuery
from scoring.appraisal.api.records import PageView, page_view
from scoring.appraisal.domain.inputs import MeasureKey
from scoring.appraisal.domain.lines import Figure, Line, finding_of, shown
from scoring.appraisal.domain.numbers import plain
from scoring.appraisal.domain.periods import PeriodKey
from scoring.appraisal.domain.schemes import CycleKey, Unit, UnitCode
from scoring.appraisal.handlers import reading
from scoring.appraisal.handlers.work import Desk

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
    indicator: str
    name: str
    measures: list[MeasureView]
    lines: list[LineStateView]


class CrossingView(BaseModel):
    unit: str
    indicator: str
    level: str
    finding: str


@router.get("/measures/{cycle}/{unit}")
async def measures(cycle: KeyPath, unit: KeyPath, desk: FigureReader, period: PeriodQuery = None) -> list[FiguresView]:
    """A unit's figures by indicator, over the cycle to date with its yellow and red lines, or in one period; no points."""
    key = PeriodKey(period) if period else None
    rows = await reading.measures_of(CycleKey(cycle), within_scope(desk, UnitCode(unit)), period=key, work=desk.work)
    return [_figures(row) for row in rows]


@router.get("/measures/{cycle}/{unit}/{measure}/records")
async def records(
    cycle: KeyPath, unit: KeyPath, measure: KeyPath, desk: FigureReader, *, after: After = None, limit: Limit = 20
) -> PageView:
    """The records behind one of a unit's figures, each with its facts."""
    code = within_scope(desk, UnitCode(unit))
    page = await reading.records_of(CycleKey(cycle), code, MeasureKey(measure), after=after, most=limit, work=desk.work)
    return page_view(page)


@router.get("/lines/{cycle}")
async def lines(cycle: KeyPath, desk: FigureReader, unit: Annotated[str | None, Query(pattern=KEY)] = None) -> list[CrossingView]:
    """The yellow and red lines that are crossed now: of one unit, or of all that the caller may see."""
    crossed = await reading.crossings(CycleKey(cycle), units=await _readable(desk, unit), work=desk.work)
    return [
        CrossingView(unit=unit.code, indicator=indicator.key, level=line.level, finding=_finding(indicator.name, line, figure))
        for unit, indicator, line, figure in crossed
    ]


async def _readable(desk: Desk, unit: str | None) -> list[Unit]:
    if unit is not None:
        return [await desk.work.registry.unit(within_scope(desk, UnitCode(unit)))]
    units = await desk.work.registry.units()
    return [known for known in units if sees_all_figures(desk) or known.code in desk.caller.units]


def _finding(name: str, line: Line, figure: Figure | None) -> str:
    return finding_of(name, line, figure) if figure else name


def _figures(row: reading.MeasuredIndicator) -> FiguresView:
    return FiguresView(
        indicator=row.indicator.key,
        name=row.indicator.name,
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
