"""Sentences that several kinds of rule say about what limited their points."""

from fractions import Fraction

from scoring.appraisal.domain.numbers import plain
from scoring.appraisal.domain.words import Text


def capped(most: Fraction) -> Text:
    return Text(f"封顶 {plain(most)} 分", f"capped at {plain(most)}")


def floored(least: Fraction) -> Text:
    return Text(f"扣至 {plain(least)} 分为止", f"not below {plain(least)}")


def deduction_capped(most: Fraction) -> Text:
    return Text(f"扣分以 {plain(most)} 分为限", f"deduction capped at {plain(most)}")


def zero_denominator() -> Text:
    return Text("分母为 0，没有可考核的业务", "the denominator is 0: there was nothing to judge")
