"""Versions of a scheme in one cycle: which months each counts for, and one score out of the scores under each."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from scoring.appraisal.domain.inputs import Month, Totals
from scoring.appraisal.domain.lines import Level
from scoring.appraisal.domain.numbers import added
from scoring.appraisal.domain.schemes import IndicatorKey, Scheme, Version

LinePlace = tuple[IndicatorKey, int]
"""An indicator and the place of one of its lines."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """A version that was put to work: the first month that it counts for, and whether it takes the months before from the others."""

    version: Version
    since: Month
    restates: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """The months of a version in the cycle to date, both included."""

    version: Version
    since: Month
    through: Month

    @property
    def months(self) -> int:
        """0 for a version whose months are all to come."""
        return max(0, _number(self.through) - _number(self.since) + 1)

    @property
    def months_of_it(self) -> tuple[Month, ...]:
        return tuple(_month(_number(self.since) + place) for place in range(self.months))

    def holds(self, month: Month) -> bool:
        return self.since <= month <= self.through


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """An indicator under one version: months, the most it could give, what it gave unrounded (none: not applicable)."""

    months: int
    points: Fraction
    exact: Fraction | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """An indicator over the cycle to date; `months` are those in which it was applicable."""

    months: int
    points: Fraction
    exact: Fraction | None


def terms(begun: Sequence[Begun], through: Month) -> tuple[Term, ...]:
    """The months of each version that counts up to `through`, in the order of versions; the last one is there whatever its months."""
    counting = list(_not_restated(begun))
    earlier = (
        Term(version=one.version, since=one.since, through=min(through, _before(following.since))) for one, following in pairwise(counting)
    )
    last = Term(version=counting[-1].version, since=counting[-1].since, through=through)
    return (*(term for term in earlier if term.months), last)


def whole_of(shares: Iterable[Share]) -> Whole:
    """domain.md §5: Σ score(v)·m(v)/M, not rounded; the most it could give in the same proportion.

    Months under a version that finds nothing to judge leave M; if no version finds anything, the points are those of all its months.
    """
    listed = tuple(shares)
    judged = tuple((share, share.exact) for share in listed if share.exact is not None)
    if not judged:
        return Whole(months=0, points=_weighed((share.points, share.months) for share in listed), exact=None)
    return Whole(
        months=sum(share.months for share, _ in judged),
        points=_weighed((share.points, share.months) for share, _ in judged),
        exact=_weighed((exact, share.months) for share, exact in judged),
    )


def same_lines(before: Scheme, after: Scheme) -> dict[LinePlace, LinePlace]:
    """Which line of the later version each line of the earlier one is: that of the same indicator and level, if there is one."""
    later = {place: line for line, place in _lines_by_level(after)}
    return {line: later[place] for line, place in _lines_by_level(before) if place in later}


def within(totals: Totals, term: Term) -> Totals:
    """The totals of the term's months."""
    return {measure: {month: held for month, held in months.items() if term.holds(month)} for measure, months in totals.items()}


def _lines_by_level(scheme: Scheme) -> Iterator[tuple[LinePlace, tuple[IndicatorKey, Level, int]]]:
    """Each line with its indicator, its level, and its place among the lines of that level."""
    for indicator in scheme.indicators:
        for place, line in enumerate(indicator.lines):
            above = [one for one in indicator.lines[:place] if one.level is line.level]
            yield (indicator.key, place), (indicator.key, line.level, len(above))


def _weighed(pairs: Iterable[tuple[Fraction, int]]) -> Fraction:
    listed = tuple(pairs)
    return added(value * months for value, months in listed) / sum(months for _, months in listed)


def _not_restated(begun: Sequence[Begun]) -> Iterator[Begun]:
    last = max((place for place, one in enumerate(begun) if one.restates), default=0)
    yield from begun[last:]


def _number(month: Month) -> int:
    year, _, number = month.partition("-")
    return int(year) * 12 + int(number) - 1


def _month(number: int) -> Month:
    year, month = divmod(number, 12)
    return Month(f"{year:04}-{month + 1:02}")


def _before(month: Month) -> Month:
    return _month(_number(month) - 1)
