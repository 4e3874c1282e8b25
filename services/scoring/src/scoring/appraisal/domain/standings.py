"""A unit's parts and total, and the order of a group."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction

from scoring.appraisal.domain.parts import Entry, Part, PartScore, Total, part_score, total_of
from scoring.appraisal.domain.schemes import Indicator, IndicatorKey, Scheme, Unit


class Standing(StrEnum):
    """Whether an indicator's points count yet."""

    COUNTED = "counted"
    NOT_APPLICABLE = "not_applicable"
    AWAITING = "awaiting"


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """An indicator's rounded points of a unit, none unless counted, and the most it could give (none: as the scheme says)."""

    indicator: IndicatorKey
    standing: Standing
    points: Fraction | None
    of: Fraction | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitStanding:
    """`awaiting` are the indicators that nobody marked yet: they have brought no points so far, and the total says so."""

    unit: Unit
    parts: tuple[tuple[Part, PartScore], ...]
    total: Total
    awaiting: tuple[IndicatorKey, ...]


@dataclass(frozen=True, slots=True)
class Ranked:
    rank: int
    standing: UnitStanding


def standing_of(unit: Unit, scores: Iterable[Score], scheme: Scheme) -> UnitStanding:
    by_key = {score.indicator: score for score in scores}
    parts = tuple((part, part_score(part, _entries(unit, by_key, part, scheme), scheme.rounding)) for part in scheme.parts)
    judged = [by_key[indicator.key] for indicator in scheme.indicators_of(unit) if indicator.key in by_key]
    awaiting = tuple(score.indicator for score in judged if score.standing is Standing.AWAITING)
    return UnitStanding(unit=unit, parts=parts, total=total_of((score for _, score in parts), scheme.rounding), awaiting=awaiting)


def ranked(standings: Iterable[UnitStanding]) -> tuple[Ranked, ...]:
    """Competition ranks (1, 2, 2, 4) by total; equal totals in the order of unit codes."""
    ordered = sorted(standings, key=lambda each: (-each.total.score, each.unit.code))
    totals = [each.total.score for each in ordered]
    return tuple(Ranked(totals.index(each.total.score) + 1, each) for each in ordered)


def _entries(unit: Unit, scores: Mapping[IndicatorKey, Score], part: Part, scheme: Scheme) -> list[Entry]:
    """An indicator without a score yet, and one that waits for its mark, has 0 points so far."""
    return [_entry(indicator, scores.get(indicator.key)) for indicator in scheme.indicators_of(unit) if indicator.part == part.key]


def _entry(indicator: Indicator, score: Score | None) -> Entry:
    points = indicator.rule.points if score is None or score.of is None else score.of
    return Entry(points=points, got=_got(score), role=indicator.rule.role)


def _got(score: Score | None) -> Fraction | None:
    if score is None or score.standing is Standing.AWAITING:
        return Fraction(0)
    return score.points
