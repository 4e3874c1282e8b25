"""Figures and points of a month, a quarter or the year to date, and what a few more would change; nothing is written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

from scoring.appraisal.domain.faults import NotAllowed, NotFound
from scoring.appraisal.domain.inputs import Month, Totals
from scoring.appraisal.domain.lines import Figure, figure_of
from scoring.appraisal.domain.periods import Period, PeriodKey, Span, period_of, periods_of, within
from scoring.appraisal.domain.schemes import CycleKey, Indicator, IndicatorKey, UnitCode
from scoring.appraisal.domain.settling import Ground, traces_of
from scoring.appraisal.domain.traces import Trace
from scoring.appraisal.domain.what_if import Changes, Effect, effects, judged_alone, suggestions
from scoring.appraisal.domain.words import Text
from scoring.appraisal.handlers.grounds import ground_of as judged_ground
from scoring.appraisal.handlers.reckoning import reckoned_to
from scoring.appraisal.handlers.stretches import figures_of, stretches
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
    over = over_months(ground, months)
    if over is None:
        raise NotFound(
            Text(f"期间 {key} 的得分：该期间尚未开始或未考核该单位", f"score of {key}: the unit was not appraised then, or not yet")
        )
    return PeriodScores(ground=over, period=period, months=months, is_locked=locked.issuperset(months), scores=_scores(over))


async def series_of(cycle: CycleKey, unit: UnitCode, *, points: bool, own: bool, work: Work) -> Sequence[Series]:
    """By month and quarter so far; with all points, or with the own points of locked periods, or with none."""
    ground = await ground_of(cycle, unit, work)
    locked = await locked_months(cycle, unit, work)
    rows = []
    for period in periods_of(await work.registry.cycle(cycle)):
        months = [month for month in period.months if month <= ground.through]
        if months and period.span is not Span.YEAR:
            shown = points or (own and locked.issuperset(period.months))
            rows.append((period, months, _points(over_months(ground, months) if shown else None)))
    return [
        Series(indicator, [_point(indicator, ground, *row) for row in rows])
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
    known, kept = await work.registry.unit(unit), await work.schemes.active(cycle)
    through = await reckoned_to(kept, registry=work.registry, clock=work.clock)
    counting = await stretches(cycle, through=through, work=work)
    figures = {one.term.version: await figures_of(one, [unit], through=through, work=work) for one in counting}
    return judged_ground(known, counting, figures=figures, given={})


def over_months(ground: Ground, months: Sequence[Month]) -> Ground | None:
    """The versions that count in these months, each over its own of them; none where none appraised the unit then."""
    counting = [(one, [month for month in months if one.term.holds(month)]) for one in (*ground.earlier, ground)]
    found = [_over(one, own) for one, own in counting if own]
    return replace(found[-1], earlier=tuple(found[:-1])) if found else None


def _over(ground: Ground, months: Sequence[Month]) -> Ground:
    term = replace(ground.term, since=months[0], through=months[-1])
    return replace(ground, totals=within(ground.totals, months), closed=ground.closed.within(months), term=term, earlier=())


def _visible(period: Period, months: tuple[Month, ...], locked: frozenset[Month]) -> tuple[Month, ...]:
    seen = tuple(takewhile(locked.__contains__, months)) if period.span is Span.YEAR else months
    if not seen or not locked.issuperset(seen) or (period.span is not Span.YEAR and seen != period.months):
        raise NotAllowed(
            Text(f"期间 {period.key} 的数据尚未核定，核定后可查看得分", f"points of {period.key} are shown once its figures are confirmed")
        )
    return seen


def _points(ground: Ground | None) -> Mapping[IndicatorKey, Trace]:
    return {indicator.key: trace for indicator, trace in _scores(ground)} if ground else {}


def _scores(ground: Ground) -> Sequence[tuple[Indicator, Trace]]:
    alone = judged_alone(ground)
    return [(alone[key], trace) for key, trace in traces_of(ground).items() if key in alone]


def _point(indicator: Indicator, ground: Ground, period: Period, months: Sequence[Month], points: Mapping[IndicatorKey, Trace]) -> Point:
    """Figures as the present version counts them; points as the version of the months does."""
    totals = ground.closed.within(months).left_to(indicator, within(ground.totals, months))
    return Point(
        period=period,
        totals={measure: totals.get(measure, {}) for measure in sorted(indicator.measures)},
        figure=figure_of(indicator.plan, totals) if indicator.plan.measures else None,
        points=points[indicator.key]["result"] if indicator.key in points else None,
    )
