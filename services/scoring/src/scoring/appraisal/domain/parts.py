"""A part's score: excluded indicators share their points with the rest, then bonus and deductions within their caps."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from scoring.appraisal.domain.numbers import Rounding, rounded
from scoring.appraisal.domain.rules.outcome import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """`weight` counts only with `scale`; a cap of none is no cap."""

    key: str
    name: str
    scale: bool = False
    weight: Fraction | None = None
    bonus_cap: Fraction | None = None
    deduct_cap: Fraction | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What an indicator brings to its part; `got` is rounded, none when it is not applicable."""

    points: Fraction
    got: Fraction | None
    role: Role = Role.ORDINARY


@dataclass(frozen=True, slots=True, kw_only=True)
class PartScore:
    """`shared` is none when the part is not applicable; bonus and deductions (at most 0) then still count."""

    worth: Fraction
    shared: Fraction | None
    bonus: Fraction
    deducted: Fraction

    @property
    def score(self) -> Fraction | None:
        return None if self.shared is None else self.shared + self.bonus + self.deducted


@dataclass(frozen=True, slots=True)
class Total:
    """A unit's points: `shared` over all applicable parts (none if there are none), bonus and deductions beside it."""

    shared: Fraction | None
    bonus: Fraction
    deducted: Fraction

    @property
    def score(self) -> Fraction:
        return (self.shared or Fraction(0)) + self.bonus + self.deducted


def part_score(part: Part, entries: Iterable[Entry], rounding: Rounding) -> PartScore:
    """domain.md §5: Σ got / Σ applicable × the part's points, rounded once; never clamped."""
    listed = tuple(entries)
    ordinary = [entry for entry in listed if entry.role is Role.ORDINARY]
    points = sum((entry.points for entry in ordinary), Fraction(0))
    worth = part.weight if part.scale and part.weight is not None else points
    return PartScore(
        worth=worth,
        shared=_shared(ordinary, worth, rounding),
        bonus=_within(_sum_of(listed, Role.BONUS), part.bonus_cap),
        deducted=-_within(-_sum_of(listed, Role.DEDUCT_ONLY), part.deduct_cap),
    )


def total_of(parts: Iterable[PartScore], rounding: Rounding) -> Total:
    """The parts' sum; a part that is not applicable shares its points with the others in proportion to theirs."""
    scores = tuple(parts)
    applicable = [(score.shared, score.worth) for score in scores if score.shared is not None]
    got = sum((shared for shared, _ in applicable), Fraction(0))
    judged = sum((worth for _, worth in applicable), Fraction(0))
    whole = sum((score.worth for score in scores), Fraction(0))
    shared = rounded(got / judged * whole, rounding) if judged else (got if applicable else None)
    return Total(shared, sum((score.bonus for score in scores), Fraction(0)), sum((score.deducted for score in scores), Fraction(0)))


def _shared(ordinary: list[Entry], worth: Fraction, rounding: Rounding) -> Fraction | None:
    """A part without ordinary indicators (加, 扣) has 0; one whose ordinary indicators are all excluded has none."""
    if not ordinary:
        return Fraction(0)
    judged = [(entry.got, entry.points) for entry in ordinary if entry.got is not None]
    applicable = sum((points for _, points in judged), Fraction(0))
    if not judged:
        return None
    got = sum((result for result, _ in judged), Fraction(0))
    return rounded(got / applicable * worth, rounding) if applicable else rounded(got, rounding)


def _sum_of(entries: Iterable[Entry], role: Role) -> Fraction:
    return sum((entry.got for entry in entries if entry.role is role and entry.got is not None), Fraction(0))


def _within(value: Fraction, cap: Fraction | None) -> Fraction:
    return value if cap is None else min(value, cap)
