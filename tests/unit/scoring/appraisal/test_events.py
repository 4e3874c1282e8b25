from dataclasses import replace
from fractions import Fraction
from typing import Literal

from contracts import scoring
from scoring.appraisal.domain.changes import LineCrossed, ScoreChanged, UnitRegistered
from scoring.appraisal.domain.lines import Figure
from scoring.appraisal.domain.schemes import CycleKey, IndicatorKey
from scoring.appraisal.events import contract_of
from tests.unit.scoring.appraisal.bureau import EAST, scheme

RATE, COUNTS, *_ = scheme().indicators


def crossing(figure: Figure | None, direction: Literal["fell", "recovered"] = "fell") -> LineCrossed:
    return LineCrossed(cycle=CycleKey("2026"), unit=EAST.code, indicator=RATE, line=RATE.lines[1], figure=figure, direction=direction)


def said(change: LineCrossed) -> scoring.LineCrossedV1:
    contract = contract_of(change)
    assert isinstance(contract, scoring.LineCrossedV1)
    return contract


def test_a_crossing_speaks_of_the_measure_and_never_of_points() -> None:
    told = said(crossing(Figure(Fraction(1, 3), Fraction(30))))
    assert (told.line, told.value, told.n, told.threshold) == ("red", "0.333333", "30", "0.85")
    assert told.finding == "案件按期办结率 33.33%，低于红线 85.00%（依据 30 件）"


def test_a_count_is_told_as_a_count() -> None:
    change = replace(crossing(Figure(Fraction(2), Fraction(2))), indicator=COUNTS, line=COUNTS.lines[0])
    assert said(change).finding == "复议诉讼纠错 2，达到黄线 1"


def test_a_line_that_is_left_because_nothing_is_left_to_judge_is_told_with_zeros() -> None:
    told = said(crossing(None, "recovered"))
    assert (told.direction, told.value, told.n) == ("recovered", "0", "0")


def test_units_and_scores_are_told_by_their_keys() -> None:
    assert contract_of(UnitRegistered(unit=EAST)) == scoring.UnitRegisteredV1(unit="east", name="砚东分局", group="branch")
    change = ScoreChanged(cycle=CycleKey("2026"), unit=EAST.code, indicator=IndicatorKey("x"), points="9.47", was=None)
    assert contract_of(change) == scoring.ScoreChangedV1(cycle="2026", unit="east", indicator="x", points="9.47", was=None)
