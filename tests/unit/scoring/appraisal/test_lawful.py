from typing import Any

import pytest

from scoring.appraisal.domain.faults import Fault, SchemeRefused
from scoring.appraisal.domain.scheme_documents import scheme_of
from tests.unit.scoring.appraisal.bureau import WORLD, document

PENALTIES = {"kind": "case", "at": "decided_on", "where": [["result", "=", "penalty"]]}
REVIEWED = {"kind": "case", "at": "decided_on", "where": [["result", "=", "penalty"], ["status", "=", "reviewed"]]}
CASES = {"kind": "case", "at": "decided_on"}
FINES = {"kind": "case", "at": "decided_on", "take": {"sum": "fine_amount"}}
RISING = {"kind": "tiers", "tiers": [["0", "1"], ["100", "10"]]}
FALLING = {"kind": "tiers", "tiers": [["0", "10"], ["100", "1"]], "below": "10"}


def faults(rule: dict[str, Any], inputs: dict[str, Any], **measures: dict[str, Any]) -> tuple[Fault, ...]:
    changed = document()
    changed["measures"] |= measures
    changed["indicators"][0].update(rule=rule, inputs=inputs, lines=[])
    try:
        scheme_of(changed, WORLD)
    except SchemeRefused as refused:
        return refused.faults
    return ()


@pytest.mark.parametrize("rule", [RISING, FALLING])
def test_sums_of_fines_are_refused_in_either_direction(rule: dict[str, Any]) -> None:
    (fault,) = faults(rule, {"x": "fines"}, fines=FINES)
    assert fault.path == "indicators[0].inputs.x"
    assert "第七十四条" in fault.allowed.zh


def test_more_penalties_may_not_give_more_points() -> None:
    assert [fault.wrong.en for fault in faults(RISING, {"x": "penalties"}, penalties=PENALTIES)] == [
        "more penalties would give more points"
    ]


def test_fewer_penalties_may_give_more_points() -> None:
    assert not faults(FALLING, {"x": "penalties"}, penalties=PENALTIES)


def test_a_share_of_penalties_among_cases_is_refused() -> None:
    assert faults({"kind": "ratio"}, {"a": "penalties", "b": "cases"}, penalties=PENALTIES, cases=CASES)


def test_a_share_of_reviewed_penalties_among_penalties_is_quality() -> None:
    assert not faults({"kind": "ratio"}, {"a": "reviewed", "b": "penalties"}, reviewed=REVIEWED, penalties=PENALTIES)


def test_a_word_that_only_contains_fine_is_no_fine() -> None:
    assert not faults(RISING, {"x": "defined"}, defined={"kind": "case", "at": "due_on", "where": [["status", "=", "redefined"]]})


def test_fines_may_be_counted_as_long_as_no_indicator_reads_them() -> None:
    assert not faults({"kind": "ratio"}, {"a": "closed_in_time", "b": "due"}, fines=FINES)


@pytest.mark.parametrize(
    ("rule", "inputs"),
    [
        ({"kind": "rank_ladder", "better": "higher", "ladder": ["10", "8"]}, {"x": "penalties"}),
        ({"kind": "rank_ladder", "better": "lower", "ladder": ["8", "10"]}, {"x": "penalties"}),
        ({"kind": "relative_best", "better": "higher"}, {"x": "penalties"}),
        ({"kind": "relative_mean", "better": "higher", "per_percent": "1"}, {"a": "penalties", "b": "cases"}),
        ({"kind": "proof", "required": 9}, {"found": "penalties"}),
    ],
)
def test_no_kind_makes_a_merit_of_penalties(rule: dict[str, Any], inputs: dict[str, Any]) -> None:
    assert [fault.path for fault in faults(rule, inputs, penalties=PENALTIES, cases=CASES)] == ["indicators[0].inputs"]


@pytest.mark.parametrize(
    ("rule", "inputs"),
    [
        ({"kind": "rank_ladder", "better": "lower", "ladder": ["10", "8"]}, {"x": "penalties"}),
        ({"kind": "relative_best", "better": "lower"}, {"x": "penalties"}),
        ({"kind": "linear_over", "target": "9", "limit": "1"}, {"x": "penalties"}),
        ({"kind": "negative_card"}, {"cards": [{"points": "1", "times": "penalties"}]}),
        ({"kind": "rank_ladder", "better": "higher", "ladder": ["10", "8"]}, {"a": "reviewed", "b": "penalties"}),
    ],
)
def test_fewer_penalties_and_better_ones_may_be_judged_by_every_kind(rule: dict[str, Any], inputs: dict[str, Any]) -> None:
    assert not faults(rule, inputs, penalties=PENALTIES, reviewed=REVIEWED)


def test_a_bonus_for_penalties_and_a_card_for_fines_are_refused() -> None:
    bonus = document()
    bonus["measures"] |= {"penalties": PENALTIES, "fines": FINES}
    bonus["indicators"][3].update(rule={"kind": "per_event_add", "each": "1", "cap": "5"}, inputs={"n": "penalties"})
    bonus["indicators"][2].update(rule={"kind": "negative_card"}, inputs={"cards": [{"points": "1", "times": "fines"}]})
    with pytest.raises(SchemeRefused) as refused:
        scheme_of(bonus, WORLD)
    assert [fault.path for fault in refused.value.faults] == ["indicators[2].inputs.cards[0].times", "indicators[3].inputs"]
