"""Figures and points of a month, a quarter or the year to date, and what a few more would change; nothing is written."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

from kit.clock import today
from scoring.appraisal.domain.adjustments import NOTHING_CLOSED
from scoring.appraisal.domain.faults import NotAllowed, NotFound
from scoring.appraisal.domain.inputs import Month, Totals
from scoring.appraisal.domain.lines import Figure, figure_of
from scoring.appraisal.domain.periods import Period, PeriodKey, Span, period_of, periods_of, within
from scoring.appraisal.domain.schemes import CycleKey, Indicator, UnitCode, count_name
from scoring.appraisal.domain.settling import Ground, trace_of
from scoring.appraisal.domain.traces import Trace
from scoring.appraisal.domain.versions import Term
from scoring.appraisal.domain.what_if import Changes, Effect, effects, judges_alone, suggestions
from scoring.appraisal.domain.words import Text
from scoring.appraisal.handlers.work import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodScores:
    """An indicator's points from the totals of these months; `is_locked` when all of them are."""

    ground: Ground
    period: Period
    months: tuple[Month, ...]
    is_locked: bool
    scores: Sequence[tuple[Indicator, Trace]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """An indicator in one period: its measures, its figure, and its points, none where they may not be shown."""

    period: Period
    totals: Totals
    figure: Figure | None
    points: str | None


@dataclass(frozen=True, slots=True)
class Series:
    indicator: Indicator
    points: Sequence[Point]


async def scores_of_period(cycle: CycleKey, unit: UnitCode, key: PeriodKey, *, locked_only: bool, work: Work) -> PeriodScores:
    """Raises `NotAllowed` where only locked months may be seen and these are not; of the year the locked months so far are shown."""
    period = period_of(await work.registry.cycle(cycle), key)
    ground = await ground_of(cycle, unit, work)
    locked = await locked_months(cycle, unit, work)
    months = tuple(month for month in period.months if month <= ground.through)
    if locked_only:
        months = _visible(period, months, locked)
    if not months:
        raise NotFound(Text(f"期间 {key} 的得分：该期间尚未开始", f"score of {key} yet: the period has not begun"))
    over = over_months(ground, months)
    return PeriodScores(ground=over, period=period, months=months, is_locked=locked.issuperset(months), scores=_scores(over))


async def series_of(cycle: CycleKey, unit: UnitCode, *, points: bool, own: bool, work: Work) -> Sequence[Series]:
    """By month and quarter so far; with all points, or with the own points of locked periods, or with none."""
    ground = await ground_of(cycle, unit, work)
    locked = await locked_months(cycle, unit, work)
    grounds = []
    for period in periods_of(await work.registry.cycle(cycle)):
        months = [month for month in period.months if month <= ground.through]
        if months and period.span is not Span.YEAR:
            shown = points or (own and locked.issuperset(period.months))
            grounds.append((period, over_months(ground, months), shown))
    return [
        Series(indicator, [_point(indicator, *each) for each in grounds])
        for indicator in ground.scheme.indicators_of(ground.unit)
        if indicator.measures
    ]


async def what_if(cycle: CycleKey, unit: UnitCode, changes: Changes, *, work: Work) -> tuple[Ground, Sequence[Effect]]:
    """Raises `NotFound` for a measure that the scheme does not know."""
    ground = await ground_of(cycle, unit, work)
    for measure in changes:
        if measure not in ground.scheme.measures:
            raise NotFound(Text(f"度量 {measure}", f"measure {measure}"))
    return ground, list(effects(ground, changes))


async def suggested(cycle: CycleKey, unit: UnitCode, *, work: Work) -> tuple[Ground, Sequence[Effect]]:
    ground = await ground_of(cycle, unit, work)
    return ground, suggestions(ground)


async def locked_months(cycle: CycleKey, unit: UnitCode, work: Work) -> frozenset[Month]:
    months = await work.registry.cycle(cycle)
    locked = [one.period for one in await work.closing.confirmations.of_unit(cycle, unit) if one.is_locked]
    return frozenset(month for key in locked for month in period_of(months, key).months)


async def ground_of(cycle: CycleKey, unit: UnitCode, work: Work) -> Ground:
    """What settling would judge now, without what people gave: a period has no marks of its own."""
    kept = await work.schemes.active(cycle)
    months = await work.registry.cycle(cycle)
    through = months.through(today(work.clock, kept.scheme.zone))
    known = await work.registry.unit(unit)
    live = await work.figures.totals(count_name(cycle, kept.version), [unit], through=through)
    closed = (await work.closing.of(cycle, kept.version, [unit])).get(unit, NOTHING_CLOSED)
    return Ground(
        scheme=kept.scheme,
        term=Term(version=kept.version, since=months.start, through=through),
        unit=known,
        totals=closed.over(live.get(unit, {})),
        given={},
        closed=closed,
    )


def over_months(ground: Ground, months: Collection[Month]) -> Ground:
    closed, term = ground.closed.within(months), replace(ground.term, through=max(months))
    return replace(ground, totals=within(ground.totals, months), closed=closed, term=term)


def _visible(period: Period, months: tuple[Month, ...], locked: frozenset[Month]) -> tuple[Month, ...]:
    seen = tuple(takewhile(locked.__contains__, months)) if period.span is Span.YEAR else months
    if not seen or not locked.issuperset(seen) or (period.span is not Span.YEAR and seen != period.months):
        raise NotAllowed(
            Text(f"期间 {period.key} 的数据尚未核定，核定后可查看得分", f"points of {period.key} are shown once its figures are confirmed")
        )
    return seen


def _scores(ground: Ground) -> Sequence[tuple[Indicator, Trace]]:
    judged = ground.scheme.indicators_of(ground.unit)
    return [(indicator, trace_of(indicator, ground)) for indicator in judged if judges_alone(indicator)]


def _point(indicator: Indicator, period: Period, ground: Ground, shown: bool) -> Point:  # noqa: FBT001 - one of a prepared row
    totals = ground.totals_of(indicator)
    points = trace_of(indicator, ground)["result"] if shown and judges_alone(indicator) else None
    figure = figure_of(indicator.plan, totals) if indicator.plan.measures else None
    named = {measure: totals.get(measure, {}) for measure in sorted(indicator.measures)}
    return Point(period=period, totals=named, figure=figure, points=points)
