"""What holds of every rule, whatever the figures."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.appraisal.domain.numbers import Mode, Rounding, added, plain, rounded, written
from scoring.appraisal.domain.rules import RuleOf, evaluate, rule_of
from scoring.appraisal.domain.rules.inputs import Count, Inputs, Number, Quotient

RISING = {
    "ratio": rule_of({"kind": "ratio", "target": "0.95"}, "10"),
    "ratio_floor": rule_of({"kind": "ratio_floor", "floor": "0.6", "full": "0.9"}, "10"),
    "step_deduct": rule_of({"kind": "step_deduct", "target": "0.98", "step": "0.01", "deduct": "0.5", "better": "higher"}, "10"),
    "tiers": rule_of({"kind": "tiers", "tiers": [["0.3", "2"], ["0.6", "7.995"], ["0.9", "12"]]}, "10"),
}
DEDUCT = rule_of({"kind": "per_event_deduct", "each": "0.3", "cap": "4"}, "10")

counts = st.integers(0, 10_000)
decimals = st.decimals(min_value=-1000, max_value=1000, places=4).map(lambda value: Fraction(str(value)))


def points(rule: RuleOf, inputs: Inputs) -> Fraction:
    found = evaluate(rule, inputs, Rounding(2)).points
    assert found is not None
    return found


@pytest.mark.parametrize("kind", RISING)
@given(a=counts, b=st.integers(1, 10_000))
def test_points_stay_within_zero_and_full(kind: str, a: int, b: int) -> None:
    assert 0 <= points(RISING[kind], Quotient(Fraction(a), Fraction(b))) <= 10


@pytest.mark.parametrize("kind", RISING)
@given(a=counts, more=counts, b=st.integers(1, 10_000))
def test_a_better_share_never_gives_fewer_points(kind: str, a: int, more: int, b: int) -> None:
    rule, of = RISING[kind], Fraction(b)
    assert points(rule, Quotient(Fraction(a), of)) <= points(rule, Quotient(Fraction(a + more), of))


@given(n=counts, more=counts)
def test_more_events_never_give_more_points(n: int, more: int) -> None:
    assert 6 <= points(DEDUCT, Count(Fraction(n + more))) <= points(DEDUCT, Count(Fraction(n)))


@given(x=decimals)
def test_a_quotient_over_one_is_the_number_itself(x: Fraction) -> None:
    assert points(RISING["tiers"], Number(x)) == points(RISING["tiers"], Quotient(x, Fraction(1)))


@given(value=st.fractions(), places=st.integers(0, 6), mode=st.sampled_from(Mode))
def test_rounding_moves_a_number_by_less_than_a_unit_and_half_up_by_half_at_most(value: Fraction, places: int, mode: Mode) -> None:
    moved = abs(rounded(value, Rounding(places, mode)) - value) * 10**places
    assert moved < 1
    assert moved <= Fraction(1, 2) or mode is Mode.DOWN


@given(value=st.fractions())
def test_a_number_is_spelled_exactly_and_read_back(value: Fraction) -> None:
    assert Fraction(plain(value)) == value


@given(values=st.lists(st.fractions(), max_size=9))
def test_a_sum_is_the_sum(values: list[Fraction]) -> None:
    assert added(values) == sum(values, Fraction(0))


def test_a_number_that_was_not_rounded_is_not_written() -> None:
    with pytest.raises(ValueError, match="more than 1 decimals"):
        written(Fraction("0.25"), 1)
