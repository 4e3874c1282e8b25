from fractions import Fraction

import pytest

from scoring.appraisal.domain.faults import WrongState
from scoring.appraisal.domain.parts import Total
from scoring.appraisal.domain.schemes import IndicatorKey, Move, State, Unit, moved
from scoring.appraisal.domain.standings import Score, Standing, UnitStanding, ranked, standing_of
from tests.unit.scoring.appraisal.bureau import EAST, SQUAD, WEST, scheme

SCHEME = scheme()


def score(key: str, points: str | None, standing: Standing = Standing.COUNTED) -> Score:
    return Score(indicator=IndicatorKey(key), standing=standing, points=None if points is None else Fraction(points))


def standing(unit: Unit, *scores: Score) -> UnitStanding:
    return standing_of(unit, scores, SCHEME)


def test_parts_add_up_and_deductions_stand_beside_them() -> None:
    found = standing(EAST, score("closed_in_time", "9.5"), score("corrected", "4"), score("duty_report", "7"), score("overdue", "-1.5"))
    assert [(part.key, scored.shared) for part, scored in found.parts] == [("targets", Fraction("13.5")), ("duty", 7), ("minus", 0)]
    assert found.total == Total(shared=Fraction("20.5"), bonus=Fraction(0), deducted=Fraction("-1.5"))
    assert found.total.score == 19


def test_deductions_stop_at_the_cap_of_their_part() -> None:
    assert standing(EAST, score("overdue", "-9")).total.deducted == -5


def test_an_excluded_indicator_shares_its_points_within_the_part() -> None:
    found = standing(EAST, score("closed_in_time", None, Standing.NOT_APPLICABLE), score("corrected", "4"), score("duty_report", "8"))
    assert found.total.score == 20


def test_a_part_that_is_not_applicable_shares_its_points_with_the_other_parts() -> None:
    excluded = [score(key, None, Standing.NOT_APPLICABLE) for key in ("closed_in_time", "corrected")]
    assert standing(EAST, *excluded, score("duty_report", "4")).total.score == Fraction("11.5")


def test_an_indicator_that_waits_for_its_mark_has_no_points_yet_and_is_named() -> None:
    found = standing(EAST, score("closed_in_time", "10"), score("corrected", "5"), score("duty_report", None, Standing.AWAITING))
    assert found.awaiting == ("duty_report",)
    assert found.total.score == 15


def test_equal_totals_share_a_rank_and_the_next_is_left_out() -> None:
    points = {SQUAD: "5", WEST: "9", EAST: "9"}
    rows = [standing(unit, score("closed_in_time", got)) for unit, got in points.items()]
    assert [(row.rank, row.standing.unit.code) for row in ranked(rows)] == [(1, "east"), (1, "west"), (3, "squad")]


def test_a_scheme_is_activated_once() -> None:
    assert moved(State.DRAFT, Move.ACTIVATE) is State.ACTIVE
    with pytest.raises(WrongState, match="it can: supersede, close"):
        moved(State.ACTIVE, Move.ACTIVATE)
