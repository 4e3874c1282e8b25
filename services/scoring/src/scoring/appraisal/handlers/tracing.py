"""A score followed down: its trace, the records behind each measure, the facts behind each record."""

from collections.abc import Sequence
from dataclasses import dataclass

from scoring.appraisal.domain.accounts import account_of
from scoring.appraisal.domain.causes import Causes, causes_of
from scoring.appraisal.domain.faults import NotAllowed, NotFound
from scoring.appraisal.domain.inputs import MeasureKey, Month
from scoring.appraisal.domain.schemes import CycleKey, Indicator, IndicatorKey, UnitCode, Version, count_name
from scoring.appraisal.domain.traces import Trace, again, leaves
from scoring.appraisal.domain.words import Text
from scoring.appraisal.handlers.reading import to_date
from scoring.appraisal.handlers.work import Desk, FactPage, KeptScheme, Page, PastScore, Sought, Work

NOT_YOURS = Text("只能查看本单位的业务记录", "you may see the records of your own unit only")


@dataclass(frozen=True, slots=True, kw_only=True)
class Traced:
    """A score's trace, told at length, and what the trace gives when it is evaluated again."""

    indicator: Indicator
    trace: Trace
    account: Sequence[Text]
    again: str | None


async def trace_of(cycle: CycleKey, unit: UnitCode, indicator: IndicatorKey, *, work: Work) -> Traced:
    """Raises `NotFound` for a score that is not there."""
    kept = await work.schemes.active(cycle)
    trace = (await work.scores.held(cycle, kept.version, [unit])).get(unit, {}).get(indicator)
    if trace is None:
        raise NotFound(Text(f"{unit} 的指标 {indicator} 的得分", f"score of {unit} for {indicator}"))
    schemes = {each.version: each.scheme for each in await work.schemes.versions(cycle)}
    known = schemes[leaves(trace)[-1]["scheme"]["version"]].indicator(indicator)
    assert known is not None  # noqa: S101 - its version judged by it
    return Traced(indicator=known, trace=trace, account=account_of(trace, schemes), again=again(trace))


async def records_of(
    cycle: CycleKey,
    unit: UnitCode,
    measure: MeasureKey,
    *,
    version: Version | None,
    through: Month | None,
    sought: Sought,
    after: str | None,
    most: int,
    work: Work,
) -> Page:
    """The records behind one of a unit's totals: of the active version and the cycle to date, unless a trace names others."""
    kept, now = await to_date(cycle, work)
    chosen = kept if version is None else await _version(cycle, version, work)
    if measure not in chosen.scheme.measures:
        raise NotFound(Text(f"度量 {measure}", f"measure {measure}"))
    count = count_name(cycle, chosen.version)
    return await work.records.counted(count, measure, unit, through=through or now, sought=sought, after=after, most=most)


async def facts_of(source: str, subject: str, *, after: str | None, most: int, desk: Desk, sees_all: bool) -> FactPage:
    """Raises `NotAllowed` for a record that none of the caller's units holds or held, and alike for one that is not there."""
    if not sees_all and not desk.caller.units & {*await desk.work.records.units_of(source, subject)}:
        raise NotAllowed(NOT_YOURS)
    page = await desk.work.records.facts(source, subject, after=after, most=most)
    if not page.facts and after is None:
        raise NotFound(Text(f"业务记录 {source} {subject}", f"record {source} {subject}"))
    return page


async def history(cycle: CycleKey, unit: UnitCode, indicator: IndicatorKey, *, work: Work) -> Sequence[tuple[PastScore, Causes]]:
    """The lines of a score's history, the oldest first, each with what lies between it and the one before."""
    lines = await work.scores.history(cycle, unit, indicator)
    formers: list[PastScore | None] = [None, *lines[:-1]]
    return [(line, causes_of(former.trace if former else None, line.trace)) for former, line in zip(formers, lines, strict=False)]


async def facts_between(
    cycle: CycleKey, unit: UnitCode, indicator: IndicatorKey, *, number: int, after: str | None, most: int, work: Work
) -> FactPage:
    """The facts, of the kinds that the indicator's measures count, that came between the line before and this one."""
    lines = await work.scores.history(cycle, unit, indicator)
    place = next((place for place, line in enumerate(lines) if line.number == number), None)
    if place is None:
        raise NotFound(Text(f"得分历史 {number}", f"line {number} of the score's history"))
    line = lines[place]
    scheme = (await _version(cycle, line.version, work)).scheme
    known = scheme.indicator(indicator)
    kinds = {scheme.measures[measure]["kind"] for measure in (known.plan.measures if known else ())}
    since = lines[place - 1].at if place else None
    return await work.records.arrived(kinds, unit, since=since, until=line.at, after=after, most=most)


async def _version(cycle: CycleKey, version: Version, work: Work) -> KeptScheme:
    for kept in await work.schemes.versions(cycle):
        if kept.version == version:
            return kept
    raise NotFound(Text(f"{cycle} 的方案版本 {version}", f"version {version} of the scheme of {cycle}"))
