from dataclasses import replace
from fractions import Fraction

import pytest

from scoring.appraisal.domain.faults import MarkRefused, NotAllowed
from scoring.appraisal.domain.marks import Mark, give_mark
from scoring.appraisal.domain.schemes import IndicatorKey
from tests.unit.scoring.appraisal.bureau import EAST, scheme
from tests.unit.scoring.appraisal.test_traces import mark

SCHEME = scheme()


def give(given: Mark, *own_units: str) -> Mark:
    return give_mark(given, scheme=SCHEME, unit=EAST, own_units=frozenset(own_units))


def test_a_mark_within_the_rule_is_given() -> None:
    assert give(mark(6), "west").mark == 6


def test_nobody_marks_the_own_unit() -> None:
    with pytest.raises(NotAllowed, match="own unit"):
        give(mark(6), "east")


def test_an_indicator_that_records_count_is_not_marked() -> None:
    with pytest.raises(MarkRefused, match="counted from records"):
        give(replace(mark(6), indicator=IndicatorKey("closed_in_time")))


def test_an_indicator_that_does_not_judge_the_unit_is_not_marked() -> None:
    with pytest.raises(MarkRefused, match="does not judge"):
        give(replace(mark(6), indicator=IndicatorKey("nowhere")))


@pytest.mark.parametrize(("points", "reason"), [(Fraction(9), "x"), (Fraction(-1), "x"), (Fraction(8), ""), (Fraction(4), " ")])
def test_a_mark_outside_its_bounds_or_without_its_reason_is_refused(points: Fraction, reason: str) -> None:
    with pytest.raises(MarkRefused):
        give(replace(mark(0), mark=points, reason=reason))
