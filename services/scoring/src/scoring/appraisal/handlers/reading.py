"""Questions about scores and figures: who stands where, which lines are crossed."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from scoring.appraisal.domain.adjustments import NOTHING_CLOSED, Closed
from scoring.appraisal.domain.inputs import Month, Totals
from scoring.appraisal.domain.lights import Light
from scoring.appraisal.domain.lines import Figure, Level, Line
from scoring.appraisal.domain.periods import PeriodKey, period_of, within
from scoring.appraisal.domain.schemes import CycleKey, Group, GroupKey, Indicator, IndicatorKey, Unit, UnitCode, count_name
from scoring.appraisal.domain.settling import Crossing, score_of
from scoring.appraisal.domain.standings import Ranked, UnitStanding, ranked, standing_of
from scoring.appraisal.domain.traces import Trace
from scoring.appraisal.handlers.reckoning import reckoned_to
from scoring.appraisal.handlers.work import KeptScheme, Work


@dataclass(frozen=True, slots=True)
class GroupStanding:
    group: Group
    rows: Sequence[Ranked]


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredIndicator:
    """What a unit may see all year: figures and lines, no points."""

    indicator: Indicator
    totals: Totals
    lines: Sequence[tuple[Line, Figure | None, bool]]
    light: Light


@dataclass(frozen=True, slots=True, kw_only=True)
class LitLine:
    """A line that is crossed now, or a red one that was repaired."""

    unit: Unit
    indicator: Indicator
    line: Line
    figure: Figure | None
    light: Light
    is_crossed: bool


async def standings(cycle: CycleKey, *, group: GroupKey | None, work: Work) -> tuple[KeptScheme, Sequence[GroupStanding]]:
    """The groups that the active scheme judges, each in the order of its totals so far."""
    kept = await work.schemes.active(cycle)
    units = await work.registry.units()
    held = await work.scores.held(cycle, kept.version, [unit.code for unit in units])
    rows: dict[GroupKey, list[UnitStanding]] = defaultdict(list)
    for unit in units:
        if unit.code in held:
            rows[unit.group].append(standing_of(unit, map(score_of, held[unit.code].values()), kept.scheme))
    groups = [known for known in await work.registry.groups() if group in (None, known.key) and known.key in rows]
    return kept, [GroupStanding(known, ranked(rows[known.key])) for known in groups]


async def scores_of(cycle: CycleKey, unit: UnitCode, *, work: Work) -> tuple[UnitStanding, Mapping[IndicatorKey, Trace], KeptScheme]:
    """A unit's standing and the traces of its indicators."""
    kept = await work.schemes.active(cycle)
    known = await work.registry.unit(unit)
    held = (await work.scores.held(cycle, kept.version, [unit])).get(unit, {})
    return standing_of(known, map(score_of, held.values()), kept.scheme), held, kept


async def measures_of(cycle: CycleKey, unit: UnitCode, *, period: PeriodKey | None, work: Work) -> Sequence[MeasuredIndicator]:
    """A unit's figures by indicator, over the cycle to date with its lines, or in one period without: lines stand on the cycle."""
    kept, through = await to_date(cycle, work)
    known = await work.registry.unit(unit)
    totals = (await work.figures.totals(count_name(cycle, kept.version), [unit], through=through)).get(unit, {})
    if period is not None:
        months = period_of(await work.registry.cycle(cycle), period).months
        return [_counted(indicator, within(totals, months)) for indicator in kept.scheme.indicators_of(known) if indicator.measures]
    closed = (await work.closing.of(cycle, kept.version, [unit])).get(unit, NOTHING_CLOSED)
    crossed = (await work.scores.crossed(cycle, kept.version, [unit])).get(unit, ())
    lights = (await work.scores.lights(cycle, [unit])).get(unit, {})
    return [
        _measured(indicator, totals, closed, crossed=crossed, light=lights.get(indicator.key, Light.GREEN))
        for indicator in kept.scheme.indicators_of(known)
        if indicator.measures
    ]


async def lit_lines(cycle: CycleKey, *, units: Sequence[Unit], work: Work) -> Sequence[LitLine]:
    """The lines that are crossed now, and the red ones that were repaired."""
    kept, through = await to_date(cycle, work)
    codes = [unit.code for unit in units]
    crossed = await work.scores.crossed(cycle, kept.version, codes)
    totals = await work.figures.totals(count_name(cycle, kept.version), codes, through=through)
    closed = {**dict.fromkeys(codes, NOTHING_CLOSED), **await work.closing.of(cycle, kept.version, codes)}
    lights = await work.scores.lights(cycle, codes)
    return [
        LitLine(
            unit=unit,
            indicator=indicator,
            line=line,
            figure=line.figure(closed[unit.code].judged(indicator, totals.get(unit.code, {}))),
            light=light,
            is_crossed=is_crossed,
        )
        for unit in units
        for indicator in kept.scheme.indicators
        for light in [lights.get(unit.code, {}).get(indicator.key, Light.GREEN)]
        for place, line in enumerate(indicator.lines)
        for is_crossed in [(indicator.key, place) in crossed.get(unit.code, ())]
        if is_crossed or (light is Light.REPAIRED and line.level is Level.RED)
    ]


async def to_date(cycle: CycleKey, work: Work) -> tuple[KeptScheme, Month]:
    kept = await work.schemes.active(cycle)
    return kept, await reckoned_to(kept, registry=work.registry, clock=work.clock)


def _counted(indicator: Indicator, totals: Totals) -> MeasuredIndicator:
    named = {measure: totals.get(measure, {}) for measure in sorted(indicator.measures)}
    return MeasuredIndicator(indicator=indicator, totals=named, lines=(), light=Light.GREEN)


def _measured(indicator: Indicator, totals: Totals, closed: Closed, *, crossed: Collection[Crossing], light: Light) -> MeasuredIndicator:
    """Totals follow the facts; lines stand on what is settled on, and stay crossed until they are left."""
    judged = closed.judged(indicator, totals)
    figures = [(line, line.figure(judged)) for line in indicator.lines]
    return MeasuredIndicator(
        indicator=indicator,
        totals={measure: totals.get(measure, {}) for measure in sorted(indicator.measures)},
        lines=[(line, figure, (indicator.key, place) in crossed) for place, (line, figure) in enumerate(figures)],
        light=light,
    )
