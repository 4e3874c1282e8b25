"""Exact numbers: read from decimals, rounded once, written as decimals."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from math import floor, lcm
from typing import Final

DECIMAL: Final = r"^-?[0-9]{1,18}(\.[0-9]{1,9})?$"
_DECIMAL: Final = re.compile(DECIMAL, re.ASCII)


class NotANumber(ValueError):
    """Raised where a plain decimal of at most 18 and 9 digits was expected."""


class Mode(StrEnum):
    HALF_UP = "half_up"
    HALF_EVEN = "half_even"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class Rounding:
    """How an indicator's points are rounded; half up takes a tie away from zero."""

    places: int = 2
    mode: Mode = Mode.HALF_UP


def number_of(value: object) -> Fraction:
    """The number that a decimal string or an integer means; floats and booleans are refused, they are not exact."""
    if isinstance(value, bool) or not isinstance(value, str | int) or not _DECIMAL.match(str(value)):
        raise NotANumber(repr(value))
    return Fraction(value)


def rounded(value: Fraction, rounding: Rounding) -> Fraction:
    unit = 10**rounding.places
    whole = _whole(abs(value) * unit, rounding.mode)
    return Fraction(whole if value >= 0 else -whole, unit)


def _whole(scaled: Fraction, mode: Mode) -> int:
    match mode:
        case Mode.HALF_UP:
            return floor(scaled + Fraction(1, 2))
        case Mode.HALF_EVEN:
            return round(scaled)
        case Mode.DOWN:
            return floor(scaled)


def written(value: Fraction, places: int) -> str:
    """A number that is already rounded, with exactly `places` decimals; a zero has no sign."""
    whole, rest = divmod(abs(value.numerator) * 10**places, value.denominator)
    if rest:
        raise NotANumber(f"{value} has more than {places} decimals")
    digits = str(whole).rjust(places + 1, "0")
    text = f"{digits[:-places]}.{digits[-places:]}" if places else digits
    return f"-{text}" if value < 0 else text


def added(values: Iterable[Fraction]) -> Fraction:
    """Their exact sum; several times as fast as adding them one by one."""
    terms = tuple(values)
    under = lcm(*(term.denominator for term in terms))
    return Fraction(sum(term.numerator * (under // term.denominator) for term in terms), under)


def plain(value: Fraction) -> str:
    """The shortest exact spelling: a decimal where there is one (`0.95`), else a quotient (`37/39`)."""
    if value.denominator == 1:  # nearly always: most figures are counts
        return str(value.numerator)
    twos, fives, rest = 0, 0, value.denominator
    while rest % 2 == 0:
        twos, rest = twos + 1, rest // 2
    while rest % 5 == 0:
        fives, rest = fives + 1, rest // 5
    if rest != 1:
        return f"{value.numerator}/{value.denominator}"
    return written(value, max(twos, fives))
