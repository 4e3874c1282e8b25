"""The laws of every kind of rule: bounds, order, monotony, the last digit, and a trace evaluated again."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scoring.appraisal.domain.given import Given
from scoring.appraisal.domain.numbers import Rounding, written
from scoring.appraisal.domain.rules import KINDS, Result, evaluate, rule_of
from scoring.appraisal.domain.rules.reading import inputs_of
from scoring.appraisal.domain.schemes import Version
from scoring.appraisal.domain.traces import again, judged, told
from tests.unit.scoring.appraisal.bureau import EAST, scheme
from tests.unit.scoring.appraisal.rule_cases import CASES, WORKED_OUT, Case, worked_out

SCHEME = scheme()
FEW = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])  # of each kind, and there are seventeen
EVERY = pytest.mark.parametrize("kind", KINDS)


def result(case: Case) -> Result:
    return evaluate(rule_of(case.rule, case.points), inputs_of(case.inputs), Rounding())


def digits(case: Case) -> str | None:
    found = result(case).points
    return None if found is None else written(found, 2)


def shuffled(value: Any, draw: Callable[[Any], Any]) -> Any:  # noqa: ANN401 - JSON values
    """The same inputs in another order: of lists, and of what a mapping holds."""
    match value:
        case Mapping():
            pairs = [(key, shuffled(each, draw)) for key, each in value.items()]
            return dict(draw(st.permutations(pairs)))
        case list():
            return draw(st.permutations([shuffled(each, draw) for each in value]))
        case _:
            return value


@EVERY
@FEW
@given(data=st.data())
def test_points_lie_within_their_bounds(kind: str, data: st.DataObject) -> None:
    case = data.draw(CASES[kind])
    found, most = result(case).exact, case.rule["cap"] if kind == "per_event_add" else case.points
    assert found is None or 0 <= found <= rule_of({"kind": "convert", "scale": "1"}, most).points


@pytest.mark.parametrize("kind", WORKED_OUT)
@FEW
@given(data=st.data())
def test_points_are_exact_to_the_last_digit(kind: str, data: st.DataObject) -> None:
    case = data.draw(CASES[kind])
    assert digits(case) == worked_out(case)


@EVERY
@FEW
@given(data=st.data())
def test_the_order_of_inputs_changes_neither_points_nor_words(kind: str, data: st.DataObject) -> None:
    case = data.draw(CASES[kind])
    other = replace(case, inputs=shuffled(case.inputs, data.draw))
    assert result(other).points == result(case).points
    assert result(other).invalid == result(case).invalid


@EVERY
@FEW
@given(data=st.data())
def test_a_trace_evaluated_again_gives_the_same_digits(kind: str, data: st.DataObject) -> None:
    case = data.draw(CASES[kind])
    indicator = replace(SCHEME.indicators[2], rule=rule_of(case.rule, case.points))
    made = judged(indicator, EAST.code, Given(case.inputs, {}), scheme=SCHEME, version=Version(1))
    stored = json.loads(json.dumps(made))
    assert again(stored) == made["result"] == digits(case)
    assert told(stored) == told(made)


def raised(case: Case, unit: str, by: int) -> Case:
    group = dict(case.inputs["group"])
    group[unit] = str(Decimal(group[unit] or 0) + by)
    return replace(case, inputs={**case.inputs, "group": group})


@pytest.mark.parametrize("kind", ["rank_ladder", "relative_best", "relative_mean"])
@FEW
@given(data=st.data(), by=st.integers(1, 500))
def test_a_unit_that_improves_in_its_group_never_has_fewer_points(kind: str, data: st.DataObject, by: int) -> None:
    case = data.draw(CASES[kind])
    ladder = {"ladder": ["30", "20", "10"], "then": {"less": "1"}, "ties": "share"} if kind == "rank_ladder" else {}
    case = replace(case, rule={**case.rule, **ladder, "better": "higher"})
    before, after = result(case).points, result(raised(case, case.inputs["unit"], by)).points
    assert before is None or after is None or before <= after


@pytest.mark.parametrize("kind", ["rank_ladder", "relative_best", "relative_mean"])
@FEW
@given(data=st.data(), by=st.integers(1, 500))
def test_a_rival_that_improves_never_gives_a_unit_more_points(kind: str, data: st.DataObject, by: int) -> None:
    case = data.draw(CASES[kind])
    ladder = {"ladder": ["30", "20", "10"], "then": {"less": "1"}, "ties": "share"} if kind == "rank_ladder" else {}
    case = replace(case, rule={**case.rule, **ladder, "better": "higher"})
    rivals = [unit for unit, value in case.inputs["group"].items() if unit != case.inputs["unit"] and value is not None]
    if rivals:
        before, after = result(case).points, result(raised(case, rivals[0], by)).points
        assert before is None or after is None or after <= before


@FEW
@given(data=st.data(), more=st.integers(0, 100))
def test_a_value_further_over_its_target_never_has_more_points(data: st.DataObject, more: int) -> None:
    case = data.draw(CASES["linear_over"].filter(lambda drawn: "x" in drawn.inputs))
    worse = replace(case, inputs={"x": str(Decimal(case.inputs["x"]) + more)})
    found, after = result(case).points, result(worse).points
    assert found is not None
    assert after is not None
    assert after <= found


@FEW
@given(data=st.data())
def test_one_more_card_never_gives_more_points_and_one_more_event_never_a_smaller_bonus(data: st.DataObject) -> None:
    card, event = data.draw(CASES["negative_card"]), data.draw(CASES["per_event_add"])
    assert compared(card, {"cards": [*card.inputs["cards"], {"points": "1.5", "times": "1"}]}) <= 0
    assert compared(event, {"events": [*event.inputs["events"], {"document": "n4", "level": "city", "accepted": True}]}) >= 0


@FEW
@given(data=st.data())
def test_a_higher_mark_never_gives_a_lower_mean_and_more_evidence_never_fewer_points(data: st.DataObject) -> None:
    sample = data.draw(CASES["sampling_mean"].filter(lambda drawn: bool(drawn.inputs["marks"])))
    proof = data.draw(CASES["proof"])
    assert compared(sample, {"marks": ["100", *sample.inputs["marks"][1:]]}) >= 0
    assert compared(proof, {"found": str(int(proof.inputs["found"]) + 1)}) >= 0


@FEW
@given(data=st.data())
def test_a_milestone_that_is_done_never_gives_fewer_points_than_one_that_is_not(data: st.DataObject) -> None:
    case = data.draw(CASES["milestone"].filter(lambda drawn: bool(drawn.inputs["milestones"])))
    first, *rest = case.inputs["milestones"]
    undone = replace(case, inputs={**case.inputs, "milestones": [{**first, "done": None}, *rest]})
    assert compared(undone, {**case.inputs, "milestones": [{**first, "done": first["due"]}, *rest]}) >= 0


def compared(case: Case, inputs: dict[str, Any]) -> int:
    """1 where the other inputs give more points, -1 where fewer; 0 where equal or not applicable."""
    before, after = result(case).points, result(replace(case, inputs=inputs)).points
    return 0 if before is None or after is None else (after > before) - (after < before)
