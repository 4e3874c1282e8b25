import json
from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction
from uuid import UUID

import pytest

from scoring.appraisal.domain.inputs import Totals
from scoring.appraisal.domain.marks import Mark, MarkId
from scoring.appraisal.domain.rules import rule_of
from scoring.appraisal.domain.schemes import CycleKey, IndicatorKey, Version
from scoring.appraisal.domain.traces import Trace, again, counted, judged, told
from tests.unit.scoring.appraisal.bureau import EAST, scheme, term, totals

SCHEME = scheme()
CLOSED, CORRECTED, DUTY, OVERDUE = SCHEME.indicators


def trace(index: int, read: Totals) -> Trace:
    made = counted(SCHEME.indicators[index], EAST.code, read, scheme=SCHEME, term=term())
    stored: Trace = json.loads(json.dumps(made))
    return stored


def mark(points: int, reason: str = "") -> Mark:
    return Mark(
        id=MarkId(UUID(int=1)),
        cycle=CycleKey("2026"),
        unit=EAST.code,
        indicator=IndicatorKey("duty_report"),
        mark=Fraction(points),
        reason=reason,
        assessor="hua",
        marked_at=datetime(2026, 6, 1, tzinfo=UTC),
    )


def test_the_words_are_the_arithmetic() -> None:
    told_here = told(trace(0, totals(closed_in_time={"2026-03": 38}, due={"2026-03": 40})))
    assert told_here.en == "(38 / 40) / 0.95 x 10 = 10.00, capped at 10"
    assert told_here.zh == "(38 / 40) / 0.95 x 10 = 10.00，封顶 10 分"


def test_a_trace_names_each_measure_with_its_months() -> None:
    made = trace(0, totals(closed_in_time={"2026-03": 30, "2026-04": 6}, due={"2026-03": 40}))
    assert made["inputs"] == {"a": "36", "b": "40"}
    assert made["sources"]["a"] == {
        "measure": "closed_in_time",
        "take": "total",
        "months": {"2026-03": {"n": "30", "total": "30"}, "2026-04": {"n": "6", "total": "6"}},
    }
    assert made["numbers"]["of_target"] == "18/19"
    assert (made["exact"], made["result"]) == ("180/19", "9.47")


def test_levels_are_counted_and_the_cap_is_told() -> None:
    made = trace(1, totals(revoked={"2026-03": 2}, changed={"2026-03": 3}))
    assert told(made).en == "5 - (2 x 2 + 3 x 1) = 0.00, deduction capped at 5"


def test_an_empty_denominator_is_not_applicable_with_its_reason() -> None:
    made = trace(0, {})
    assert made["result"] is None
    assert told(made).en == "the denominator is 0: there was nothing to judge, not applicable"


def test_a_pure_deduction_goes_below_zero() -> None:
    assert trace(3, totals(revoked={"2026-03": 3}))["result"] == "-1.50"


@pytest.mark.parametrize("index", [0, 1, 3])
def test_a_trace_evaluated_again_gives_the_same_digits(index: int) -> None:
    made = trace(index, totals(closed_in_time={"2026-03": 31}, due={"2026-03": 37}, revoked={"2026-04": 1}))
    assert again(made) == made["result"]


@pytest.mark.parametrize("stated", [{"kind": "manual"}, {"kind": "sampling_mean"}])
def test_a_mark_that_no_longer_fits_the_rule_is_awaited_again_and_stops_nobody(stated: dict[str, str]) -> None:
    later = replace(DUTY, rule=rule_of(stated, "5"))
    made = judged(later, EAST.code, mark(6).given, scheme=SCHEME, version=Version(2))
    assert (made["awaiting"], made["result"], again(made)) == (True, None, None)
    assert "须重新评分" in told(made).zh


def test_a_mark_is_traced_to_who_gave_it() -> None:
    made = judged(DUTY, EAST.code, mark(4, "两次未述职").given, scheme=SCHEME, version=Version(1))
    assert made["result"] == "4.00" == again(made)
    assert made["sources"]["mark"]["assessor"] == "hua"
    assert made["inputs"]["reason"] == "两次未述职"


def test_without_a_mark_the_indicator_waits() -> None:
    made = judged(DUTY, EAST.code, None, scheme=SCHEME, version=Version(1))
    assert made["awaiting"]
    assert again(made) is None
    assert told(made).zh == "尚未评分"
