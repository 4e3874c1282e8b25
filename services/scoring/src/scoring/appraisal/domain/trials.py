"""What a draft would change: every unit's points, total and rank, now and under it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from scoring.appraisal.domain.schemes import Group, IndicatorKey, Scheme, Unit, UnitCode
from scoring.appraisal.domain.settling import score_of
from scoring.appraisal.domain.standings import Ranked, ranked, standing_of
from scoring.appraisal.domain.traces import Trace

Traces = Mapping[IndicatorKey, Trace]


@dataclass(frozen=True, slots=True)
class Side:
    """A scheme and the traces that it makes of each unit that it appraises, in order to be compared."""

    scheme: Scheme
    traces: Mapping[UnitCode, Traces]


@dataclass(frozen=True, slots=True, kw_only=True)
class TriedScore:
    """One indicator; a trace of none: it does not judge the unit on that side."""

    indicator: IndicatorKey
    name: str
    now: Trace | None
    then: Trace | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TriedUnit:
    """`now` is none without a scheme that appraises the unit now, `then` without one under the draft."""

    unit: Unit
    now: Ranked | None
    then: Ranked | None
    scores: Sequence[TriedScore]


@dataclass(frozen=True, slots=True)
class TriedGroup:
    group: Group
    units: Sequence[TriedUnit]


def compared(group: Group, units: Sequence[Unit], *, now: Side | None, then: Side) -> TriedGroup:
    """The units in the order that they would have."""
    before, after = _ranks(units, now), _ranks(units, then)
    rows = [
        TriedUnit(unit=unit, now=before.get(unit.code), then=after.get(unit.code), scores=tuple(_scores(unit, now, then)))
        for unit in units
        if unit.code in before or unit.code in after
    ]
    last = len(units)
    return TriedGroup(group, sorted(rows, key=lambda row: (row.then.rank if row.then else last, row.unit.code)))


def _ranks(units: Sequence[Unit], side: Side | None) -> dict[UnitCode, Ranked]:
    if side is None:
        return {}
    judged = [unit for unit in units if unit.code in side.traces]
    standings = [standing_of(unit, map(score_of, side.traces[unit.code].values()), side.scheme) for unit in judged]
    return {row.standing.unit.code: row for row in ranked(standings)}


def _scores(unit: Unit, now: Side | None, then: Side) -> Iterator[TriedScore]:
    before: Traces = now.traces.get(unit.code, {}) if now else {}
    after: Traces = then.traces.get(unit.code, {})
    for key in dict.fromkeys((*after, *before)):
        yield TriedScore(indicator=key, name=_name(key, now, then), now=before.get(key), then=after.get(key))


def _name(key: IndicatorKey, now: Side | None, then: Side) -> str:
    """What the draft calls it; an indicator that only older versions know by its key."""
    known = then.scheme.indicator(key) or (now.scheme.indicator(key) if now else None)
    return known.name if known else str(key)
