"""What a unit's totals and what people gave come to: scores that changed, lines that were crossed, and what has to be said about it."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction

from scoring.appraisal.domain.adjustments import NOTHING_CLOSED, Closed
from scoring.appraisal.domain.changes import Change, LineCrossed, ScoreChanged
from scoring.appraisal.domain.claim_counts import counted as counted_claims
from scoring.appraisal.domain.comparing import judged_beside, moves_its_group
from scoring.appraisal.domain.given import Given, GivenOf
from scoring.appraisal.domain.inputs import Month, Totals
from scoring.appraisal.domain.lights import Light, turned
from scoring.appraisal.domain.lines import Level, Line
from scoring.appraisal.domain.members import Member
from scoring.appraisal.domain.milestones import last_day, reckoned
from scoring.appraisal.domain.overrides import Override, overridden
from scoring.appraisal.domain.schemes import Indicator, IndicatorKey, Scheme, Unit, Version
from scoring.appraisal.domain.standings import Score, Standing
from scoring.appraisal.domain.traces import NOBODY, Trace, counted, judged, over_versions
from scoring.appraisal.domain.versions import Term

Crossing = tuple[IndicatorKey, int]
"""An indicator and the place of one of its lines in the scheme."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """All that decides one unit's scores under one version; `earlier` are the versions before it that still count, the oldest first.

    `totals` are those of the whole cycle to date, with the locked figures already where `closed` locks a month: lines judge them all,
    scores the months of `term`. Milestones are due by `reckoned_on`, by the end of the term at the latest.
    `group` are the grounds of the units of its group, its own included, where a rule compares them.
    """

    scheme: Scheme
    term: Term
    unit: Unit
    totals: Totals
    given: GivenOf
    closed: Closed = NOTHING_CLOSED
    overrides: Mapping[IndicatorKey, Override] = field(default_factory=dict)
    members: Sequence[Member] = ()
    earlier: tuple["Ground", ...] = ()
    reckoned_on: date | None = None
    group: tuple["Ground", ...] = ()

    @property
    def version(self) -> Version:
        return self.term.version

    @property
    def through(self) -> Month:
        return self.term.through

    def given_to(self, indicator: Indicator) -> Given | None:
        """What people gave; milestones count on their own, done or not, and where nothing was claimed, nothing happened."""
        if indicator.plan.claims_close is not None:
            return counted_claims(indicator, self.scheme, self.unit, self.given)
        given = self.given.get(indicator.key)
        if not indicator.plan.milestones:
            return given
        end = last_day(self.through)
        return reckoned(indicator.plan, given, on=min(self.reckoned_on or end, end))

    def among(self, peers: Sequence["Ground"]) -> "Ground":
        """The same ground beside those of its group, version by version."""
        under = [one for peer in peers for one in (*peer.earlier, peer)]
        earlier, present = (
            [replace(one, group=tuple(each for each in under if each.version == one.version)) for one in several]
            for several in (self.earlier, (self,))
        )
        return replace(present[0], earlier=tuple(earlier))

    def totals_of(self, indicator: Indicator) -> Totals:
        """What the indicator judges: a statement may leave records out of it."""
        return self.closed.left_to(indicator, self.totals)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """A score that has to be written; `was` are the points before, and `is_news` says that points or standing changed.

    `moves_group` says that the others of its group stand otherwise now.
    """

    score: Score
    trace: Trace
    was: str | None
    is_news: bool
    moves_group: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """`gone` are indicators whose scores were held and that judge the unit under no version any more."""

    scores: tuple[Settled, ...]
    gone: frozenset[IndicatorKey]
    crossed: frozenset[Crossing]
    recovered: frozenset[Crossing]
    lights: Mapping[IndicatorKey, Light]
    changes: tuple[Change, ...]


def settle(
    ground: Ground, *, held: Mapping[IndicatorKey, Trace], crossed: Collection[Crossing], lights: Mapping[IndicatorKey, Light]
) -> Settlement:
    """What has changed against the traces, crossings and lights that are held; settling twice changes nothing."""
    judged = ground.scheme.indicators_of(ground.unit)
    made = traces_of(ground)
    scores = tuple(settled for key, trace in made.items() if (settled := _settled(trace, held.get(key))))
    before = frozenset(crossed)
    now = frozenset(_crossings(judged, ground, before))
    news = tuple(_score_changed(ground, settled) for settled in scores if settled.is_news)
    lines = tuple(_lines_changed(judged, ground, fell=now - before, recovered=before - now))
    turns = dict(_lights_changed(judged, lights, before=before, now=now))
    gone = frozenset(held) - frozenset(made)
    return Settlement(scores=scores, gone=gone, crossed=now - before, recovered=before - now, lights=turns, changes=news + lines)


def score_of(trace: Trace) -> Score:
    """The score that a trace led to."""
    result = trace["result"]
    standing = Standing.AWAITING if trace.get("awaiting") else Standing.NOT_APPLICABLE if result is None else Standing.COUNTED
    points = None if result is None else Fraction(result)
    return Score(indicator=IndicatorKey(trace["indicator"]), standing=standing, points=points, of=Fraction(trace["points"]))


def trace_of(indicator: Indicator, ground: Ground) -> Trace:
    """What led to the indicator's points under this version alone; the same ground always gives the same trace."""
    if indicator.is_marked:
        return judged(
            indicator,
            ground.unit.code,
            ground.given_to(indicator),
            members=ground.members,
            scheme=ground.scheme,
            version=ground.version,
        )
    beside = judged_beside(indicator, ground.unit, ground.group) if indicator.compares else NOBODY
    made = counted(indicator, ground.unit.code, ground.totals_of(indicator), scheme=ground.scheme, term=ground.term, beside=beside)
    return {**made, **ground.closed.within(ground.term.months_of_it).noted(indicator, through=ground.through)}


def traces_of(ground: Ground) -> dict[IndicatorKey, Trace]:
    """The present version's indicators in its order, then those that it dropped, each over all versions that judge the unit by it."""
    under: dict[IndicatorKey, list[tuple[Term, Trace]]] = {indicator.key: [] for indicator in ground.scheme.indicators_of(ground.unit)}
    for one in (*ground.earlier, ground):
        for indicator in one.scheme.indicators_of(one.unit):
            under.setdefault(indicator.key, []).append((one.term, trace_of(indicator, one)))
    rounding = ground.scheme.rounding
    whole = {key: over_versions(traces, present=ground.version, rounding=rounding) for key, traces in under.items()}
    return {key: overridden(trace, ground.overrides.get(key), rounding) for key, trace in whole.items()}


def _settled(made: Trace, held: Trace | None) -> Settled | None:
    if held is not None and made == {name: value for name, value in held.items() if name != "replaced"}:
        return None
    score, was = score_of(made), held["result"] if held else None
    is_news = score_of(held) != score if held else score.points is not None
    replaced = {"result": was} if is_news and held else held.get("replaced") if held else None
    return Settled(
        score=score,
        trace={**made, "replaced": replaced} if replaced else made,
        was=was,
        is_news=is_news,
        moves_group=moves_its_group(made, held),
    )


def _score_changed(ground: Ground, settled: Settled) -> ScoreChanged:
    return ScoreChanged(
        cycle=ground.scheme.cycle,
        unit=ground.unit.code,
        indicator=settled.score.indicator,
        points=settled.trace["result"],
        was=settled.was,
    )


def _crossings(judged: tuple[Indicator, ...], ground: Ground, before: frozenset[Crossing]) -> Iterator[Crossing]:
    for indicator in judged:
        totals = ground.totals_of(indicator)
        for place, line in enumerate(indicator.lines):
            crossing = (indicator.key, place)
            if line.is_crossed(line.figure(totals), was=crossing in before):
                yield crossing


def _lights_changed(
    judged: tuple[Indicator, ...], lights: Mapping[IndicatorKey, Light], *, before: frozenset[Crossing], now: frozenset[Crossing]
) -> Iterator[tuple[IndicatorKey, Light]]:
    """A light is held for the cycle, crossings for a version: what was crossed before counts too, should its light not be held yet."""
    for indicator in judged:
        held = lights.get(indicator.key, Light.GREEN)
        light = turned(turned(held, _levels(indicator, before)), _levels(indicator, now))
        if light is not held:
            yield indicator.key, light


def _levels(indicator: Indicator, crossed: frozenset[Crossing]) -> list[Level]:
    return [line.level for place, line in enumerate(indicator.lines) if (indicator.key, place) in crossed]


def _lines_changed(
    judged: tuple[Indicator, ...], ground: Ground, *, fell: frozenset[Crossing], recovered: frozenset[Crossing]
) -> Iterator[LineCrossed]:
    """Of several lines of an indicator that moved at once only the gravest is told."""
    for indicator in judged:
        for direction, moved in (("fell", fell), ("recovered", recovered)):
            lines = [line for place, line in enumerate(indicator.lines) if (indicator.key, place) in moved]
            if lines:
                yield _line_crossed(indicator, max(lines, key=_gravity), ground, is_fall=direction == "fell")


def _line_crossed(indicator: Indicator, line: Line, ground: Ground, *, is_fall: bool) -> LineCrossed:
    return LineCrossed(
        cycle=ground.scheme.cycle,
        unit=ground.unit.code,
        indicator=indicator,
        line=line,
        figure=line.figure(ground.totals_of(indicator)),
        direction="fell" if is_fall else "recovered",
    )


def _gravity(line: Line) -> int:
    return list(Level).index(line.level)
