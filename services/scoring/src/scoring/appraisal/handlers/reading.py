"""Questions about scores: who stands where, what a score is made of, down to records and facts."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from scoring.appraisal.domain.adjustments import NOTHING_CLOSED, Closed
from scoring.appraisal.domain.faults import NotFound
from scoring.appraisal.domain.inputs import MeasureKey, Month, Totals
from scoring.appraisal.domain.lines import Figure, Line
from scoring.appraisal.domain.periods import PeriodKey, period_of, within
from scoring.appraisal.domain.schemes import CycleKey, Group, GroupKey, Indicator, IndicatorKey, Unit, UnitCode, count_name
from scoring.appraisal.domain.settling import score_of
from scoring.appraisal.domain.standings import Ranked, UnitStanding, ranked, standing_of
from scoring.appraisal.domain.traces import Trace, again, told
from scoring.appraisal.domain.words import Text
from scoring.appraisal.handlers.reckoning import reckoned_to
from scoring.appraisal.handlers.work import KeptScheme, Page, PastScore, Work


@dataclass(frozen=True, slots=True)
class GroupStanding:
    group: Group
    rows: Sequence[Ranked]


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """A score in words, its trace, what the trace gives when it is evaluated again, and a page of records behind one input."""

    indicator: Indicator
    words: Text
    trace: Trace
    again: str | None
    input: str | None
    page: Page | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredIndicator:
    """What a unit may see all year: figures and lines, no points."""

    indicator: Indicator
    totals: Totals
    lines: Sequence[tuple[Line, Figure | None, bool]]


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


async def explain(
    cycle: CycleKey, unit: UnitCode, indicator: IndicatorKey, *, name: str | None, after: str | None, most: int, work: Work
) -> Explained:
    """One score from its words down to records and facts; `name` chooses the input (`a`, `counts.revoked`), else the first one."""
    kept = await work.schemes.active(cycle)
    trace = (await work.scores.held(cycle, kept.version, [unit])).get(unit, {}).get(indicator)
    known = kept.scheme.indicator(indicator)
    if trace is None or known is None:
        raise NotFound(Text(f"{unit} 的指标 {indicator} 的得分", f"score of {unit} for {indicator}"))
    through = Month(trace["through"]) if "through" in trace else await reckoned_to(kept, registry=work.registry, clock=work.clock)
    references = dict(known.plan.references())
    if name is not None and name not in references:
        raise NotFound(Text(f"输入项 {name}（可用：{', '.join(references)}）", f"input {name} (there are: {', '.join(references)})"))
    chosen = name or next(iter(references), None)
    page = None
    if chosen is not None:
        page = await work.records.counted(
            count_name(cycle, kept.version), references[chosen].measure, unit, through=through, after=after, most=most
        )
    return Explained(indicator=known, words=told(trace), trace=trace, again=again(trace), input=chosen, page=page)


async def history(cycle: CycleKey, unit: UnitCode, indicator: IndicatorKey, *, work: Work) -> Sequence[PastScore]:
    return await work.scores.history(cycle, unit, indicator)


async def measures_of(cycle: CycleKey, unit: UnitCode, *, period: PeriodKey | None, work: Work) -> Sequence[MeasuredIndicator]:
    """A unit's figures by indicator, over the cycle to date with its lines, or in one period without: lines stand on the cycle."""
    kept, through = await _to_date(cycle, work)
    known = await work.registry.unit(unit)
    totals = (await work.figures.totals(count_name(cycle, kept.version), [unit], through=through)).get(unit, {})
    if period is not None:
        months = period_of(await work.registry.cycle(cycle), period).months
        return [_counted(indicator, within(totals, months)) for indicator in kept.scheme.indicators_of(known) if indicator.measures]
    closed = (await work.closing.of(cycle, kept.version, [unit])).get(unit, NOTHING_CLOSED)
    return [_measured(indicator, totals, closed) for indicator in kept.scheme.indicators_of(known) if indicator.measures]


async def records_of(cycle: CycleKey, unit: UnitCode, measure: MeasureKey, *, after: str | None, most: int, work: Work) -> Page:
    """The records behind one of a unit's totals."""
    kept, through = await _to_date(cycle, work)
    if measure not in kept.scheme.measures:
        raise NotFound(Text(f"度量 {measure}", f"measure {measure}"))
    return await work.records.counted(count_name(cycle, kept.version), measure, unit, through=through, after=after, most=most)


async def crossings(cycle: CycleKey, *, units: Sequence[Unit], work: Work) -> Sequence[tuple[Unit, Indicator, Line, Figure | None]]:
    """The lines that are crossed now."""
    kept, through = await _to_date(cycle, work)
    codes = [unit.code for unit in units]
    crossed = await work.scores.crossed(cycle, kept.version, codes)
    totals = await work.figures.totals(count_name(cycle, kept.version), codes, through=through)
    closed = {**dict.fromkeys(codes, NOTHING_CLOSED), **await work.closing.of(cycle, kept.version, codes)}
    return [
        (unit, indicator, line, line.figure(closed[unit.code].judged(indicator, totals.get(unit.code, {}))))
        for unit in units
        for indicator in kept.scheme.indicators
        for place, line in enumerate(indicator.lines)
        if (indicator.key, place) in crossed.get(unit.code, ())
    ]


async def _to_date(cycle: CycleKey, work: Work) -> tuple[KeptScheme, Month]:
    kept = await work.schemes.active(cycle)
    return kept, await reckoned_to(kept, registry=work.registry, clock=work.clock)


def _counted(indicator: Indicator, totals: Totals) -> MeasuredIndicator:
    named = {measure: totals.get(measure, {}) for measure in sorted(indicator.measures)}
    return MeasuredIndicator(indicator=indicator, totals=named, lines=())


def _measured(indicator: Indicator, totals: Totals, closed: Closed) -> MeasuredIndicator:
    """Totals follow the facts; lines stand on what is settled on."""
    judged = closed.judged(indicator, totals)
    figures = [(line, line.figure(judged)) for line in indicator.lines]
    return MeasuredIndicator(
        indicator=indicator,
        totals={measure: totals.get(measure, {}) for measure in sorted(indicator.measures)},
        lines=[(line, figure, line.is_crossed(figure)) for line, figure in figures],
    )
