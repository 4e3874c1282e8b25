"""Sentences that several kinds of rule say about what limited their points, and terms spelled within reason."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Final

from scoring.appraisal.domain.numbers import Rounding, added, plain, rounded
from scoring.appraisal.domain.words import Text

_MOST_BITS: Final = 1_000  # some 300 digits
MOST_TERMS: Final = 12  # of a sum that is spelled out; the inputs hold the rest


def capped(most: Fraction) -> Text:
    return Text(f"封顶 {plain(most)} 分", f"capped at {plain(most)}")


def floored(least: Fraction) -> Text:
    return Text(f"扣至 {plain(least)} 分为止", f"not below {plain(least)}")


def deduction_capped(most: Fraction) -> Text:
    return Text(f"扣分以 {plain(most)} 分为限", f"deduction capped at {plain(most)}")


def zero_denominator() -> Text:
    return Text("分母为 0，没有可考核的业务", "the denominator is 0: there was nothing to judge")


def factor(value: Fraction) -> str:
    """A number that may stand beside x and /: a quotient and a negative one in brackets."""
    text = plain(value)
    return f"({text})" if "/" in text or text.startswith("-") else text


def readable(value: Fraction) -> Fraction:
    """The number itself, unless it has hundreds of digits: a mean over many shares has a denominator that nobody reads."""
    return value if value.denominator.bit_length() <= _MOST_BITS else rounded(value, Rounding(15))


def summed(terms: Sequence[tuple[Fraction, ...]]) -> str:
    """`3 x 2 + 0.5 x 1`, or only the sum where there are too many terms to read."""
    if len(terms) > MOST_TERMS:
        return plain(added(_product(term) for term in terms))
    return " + ".join(" x ".join(map(factor, term)) for term in terms) or "0"


def _product(factors: tuple[Fraction, ...]) -> Fraction:
    product = Fraction(1)
    for each in factors:
        product *= each
    return product
