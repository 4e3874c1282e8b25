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
