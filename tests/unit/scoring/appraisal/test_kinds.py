"""What each kind of rule must offer: a worked example, a published schema, words in two languages."""

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from scoring.appraisal.domain.faults import InputRefused, Refused, SchemeRefused
from scoring.appraisal.domain.numbers import Rounding
from scoring.appraisal.domain.rules import KINDS, evaluate, kind_shape, rule_of, worked
from scoring.appraisal.domain.rules.reading import inputs_of

PAPERS = {"ballots": {"staff": [{"voter": "v1", "marks": {"east": "A"}}]}, "candidates": ["east"], "unit": "east"}


def refusal(rule: dict[str, Any], inputs: object, points: str = "10") -> str:
    with pytest.raises(Refused) as refused:
        evaluate(rule_of(rule, points), inputs_of(inputs), Rounding())  # type: ignore[arg-type]
    if isinstance(refused.value, SchemeRefused):
        return ", ".join(fault.path for fault in refused.value.faults)
    return refused.value.text.en


def test_all_seventeen_kinds_are_registered() -> None:
    assert len(KINDS) == 17


@pytest.mark.parametrize("name", KINDS)
def test_the_worked_example_of_a_kind_comes_out_as_it_says(name: str) -> None:
    shown = worked(KINDS[name])
    assert shown["result"] == KINDS[name].example.result
    assert shown["result"] in shown["words"]["zh"]
    assert json.loads(json.dumps(shown)) == shown


@pytest.mark.parametrize("name", KINDS)
def test_the_published_schema_lets_the_worked_example_through_and_nothing_unknown(name: str) -> None:
    shape, rule = kind_shape(KINDS[name]), worked(KINDS[name])["rule"]
    Draft202012Validator.check_schema(shape)
    Draft202012Validator(shape).validate(rule)
    assert not Draft202012Validator(shape).is_valid({**rule, "surprise": "1"})


@pytest.mark.parametrize("name", KINDS)
def test_a_kind_says_which_inputs_it_does_not_take(name: str) -> None:
    other = "milestone" if name == "ballot" else "ballot"
    example = KINDS[name].example
    assert "does not take inputs" in refusal({"kind": name, **example.rule}, KINDS[other].example.inputs, example.points)


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        ({"events": "none"}, "events is not a list"),
        ({"events": ["none"]}, "events[0] is not a mapping"),
        ({"events": [{"document": "n7"}]}, "accepted is not true or false"),
        ({"events": [{"document": 7, "accepted": True}]}, "document is not a text: 7"),
        ({"counts": ["1"]}, "counts is not a mapping"),
        ({"group": {"east": "x"}, "unit": "east"}, "group.east is not a decimal number: 'x'"),
        ({"group": {"east": {"a": "1"}}, "unit": "east"}, "group.east.b is not a decimal number: NoneType"),
        ({"group": {f"u{number}": "1" for number in range(5001)}, "unit": "u1"}, "a group has at most 5000 units"),
        ({**PAPERS, "unit": "west"}, "west is not in the candidates"),
        ({**PAPERS, "ballots": {"staff": [{"marks": {}}]}}, "voter is not a text"),
        ({"milestones": [{"due": "2026-02-30", "share": "1"}], "reckoned_on": "2026-06-30"}, "due is not a date that exists"),
        ({"milestones": [{"due": "20260228", "share": "1"}], "reckoned_on": "2026-06-30"}, "due is not a date that exists"),
        ({"milestones": [], "reckoned_on": None}, "reckoned_on is not a date that exists"),
        ({"cards": [{"points": "1"}]}, "times is not a decimal number"),
        ({}, "unknown or not complete: -"),
    ],
)
def test_inputs_that_are_broken_are_told_by_name(inputs: dict[str, Any], said: str) -> None:
    with pytest.raises(InputRefused) as refused:
        inputs_of(inputs)
    assert said in refused.value.text.en


@pytest.mark.parametrize(
    ("rule", "path"),
    [
        ({"kind": "ballot", "classes": {"staff": {"weight": "1", "quota": {"E": 1}}}}, "classes.staff.quota.E"),
        ({"kind": "sampling_mean", "trim": {"high": 2, "when_more_than": 1}}, "trim.when_more_than"),
        ({"kind": "proof", "required": 0}, "required"),
        ({"kind": "rank_ladder", "better": "higher", "ladder": []}, "ladder"),
        ({"kind": "convert", "scale": 10**30}, "scale"),
    ],
)
def test_a_parameter_that_fits_no_rule_is_a_fault_of_its_place(rule: dict[str, Any], path: str) -> None:
    assert refusal(rule, {"n": "1"}) == path


def test_a_bonus_has_no_points_of_its_own() -> None:
    assert refusal({"kind": "per_event_add", "each": "1", "cap": "5"}, {"n": "1"}, points="5") == "points"


def test_a_class_of_voters_that_the_rule_does_not_know_is_refused() -> None:
    rule = {"kind": "ballot", "classes": {"leaders": {"weight": "1"}}}
    assert refusal(rule, PAPERS) == "a class of voters is unknown; there are: leaders"


def test_a_vote_of_invalid_papers_only_still_says_why() -> None:
    rule = rule_of({"kind": "ballot", "classes": {"staff": {"weight": "1", "quota": {"A": 0}}}}, "10")
    result = evaluate(rule, inputs_of(PAPERS), Rounding())
    assert result.points is None
    assert result.invalid == {"over_quota": 1}


def test_where_a_rule_knows_no_levels_an_events_level_says_nothing() -> None:
    rule = rule_of({"kind": "per_event_add", "each": "1", "cap": "5"}, "0")
    assert evaluate(rule, inputs_of({"events": [{"document": "n7", "level": "city", "accepted": True}]}), Rounding()).points == 1


def test_a_share_over_nothing_leaves_a_unit_without_a_place() -> None:
    rule = rule_of({"kind": "rank_ladder", "better": "higher", "ladder": ["10", "8"]}, "10")
    group = {"east": {"a": "1", "b": "3"}, "west": {"a": "3", "b": "9"}, "south": {"a": "0", "b": "0"}}
    assert evaluate(rule, inputs_of({"group": group, "unit": "south"}), Rounding()).points is None
    assert evaluate(rule, inputs_of({"group": group, "unit": "west"}), Rounding()).points == 9


def test_a_mean_of_many_different_shares_stays_readable() -> None:
    rule = rule_of({"kind": "relative_mean", "better": "higher", "per_percent": "1"}, "10")
    group = {f"u{number}": {"a": "1", "b": str(10**15 + number)} for number in range(60)}
    assert len(evaluate(rule, inputs_of({"group": group, "unit": "u1"}), Rounding()).formula) < 500
