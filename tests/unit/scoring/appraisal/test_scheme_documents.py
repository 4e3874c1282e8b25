from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.appraisal.domain.documents import document_of
from scoring.appraisal.domain.faults import Fault, SchemeRefused
from scoring.appraisal.domain.numbers import Mode, Rounding
from scoring.appraisal.domain.scheme_documents import published_shape, scheme_of
from tests.unit.scoring.appraisal.bureau import EAST, SQUAD, WORLD, document, scheme


def faults_after(change: Callable[[dict[str, Any]], object]) -> tuple[Fault, ...]:
    changed = document()
    change(changed)
    with pytest.raises(SchemeRefused) as refused:
        scheme_of(changed, WORLD)
    return refused.value.faults


def paths_after(change: Callable[[dict[str, Any]], object]) -> list[str]:
    return [fault.path for fault in faults_after(change)]


def unreadable(text: str) -> Fault:
    with pytest.raises(SchemeRefused) as refused:
        document_of(text)
    return refused.value.faults[0]


def test_a_document_becomes_a_scheme() -> None:
    made = scheme()
    assert [indicator.key for indicator in made.indicators] == ["closed_in_time", "corrected", "duty_report", "overdue"]
    assert made.rounding == Rounding(2)
    assert made.zone.key == "Asia/Shanghai"


def test_the_published_schema_takes_the_document_and_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(published_shape())
    jsonschema.validate(document(), published_shape(), jsonschema.Draft202012Validator)


def test_the_published_schema_refuses_an_unknown_kind_of_rule() -> None:
    changed = document()
    changed["indicators"][0]["rule"]["kind"] = "weighted_dice"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(changed, published_shape(), jsonschema.Draft202012Validator)


def test_all_faults_are_told_in_one_pass_with_their_paths() -> None:
    def spoil(changed: dict[str, Any]) -> None:
        changed["cycle"] = "1999"
        changed["colour"] = "blue"
        changed["indicators"][0]["rule"]["target"] = "-1"
        changed["indicators"][1]["inputs"]["counts"]["revoked"] = "nowhere"
        changed["indicators"][2]["part"] = "nothing"
        del changed["indicators"][3]["definition"]
        changed["measures"]["due"]["at"] = "status"

    assert set(paths_after(spoil)) == {
        "cycle",
        "colour",
        "indicators[0].rule.target",
        "indicators[1].inputs.counts.revoked",
        "indicators[2].part",
        "indicators[3].definition",
        "measures.due.at",
    }


def test_a_fault_says_what_is_wrong_and_what_is_allowed_in_both_languages() -> None:
    (fault,) = faults_after(lambda changed: changed["indicators"][0]["rule"].update(target="-1"))
    assert fault.wrong.en == "'-1' does not fit"
    assert fault.allowed.en == "a decimal above 0"
    assert fault.allowed.zh == "大于 0 的小数"


def test_a_kind_that_is_not_registered_is_refused_with_those_that_are() -> None:
    (fault,) = faults_after(lambda changed: changed["indicators"][0].update(rule={"kind": "weighted_dice"}))
    assert fault.path == "indicators[0].rule.kind"
    assert "ratio_floor" in fault.allowed.en


def test_a_key_may_stand_only_once() -> None:
    assert paths_after(lambda changed: changed["indicators"][1].update(key="closed_in_time")) == ["indicators[1].key"]


@pytest.mark.parametrize(
    ("rule", "inputs"),
    [
        ({"kind": "ratio"}, {"x": "due"}),
        ({"kind": "ratio"}, {"a": "due"}),
        ({"kind": "tiers", "tiers": [["0", "1"]]}, {"n": "due"}),
        ({"kind": "per_event_deduct", "each": "1"}, {"counts": {"revoked": "revoked"}}),
        ({"kind": "per_event_deduct", "each": {"revoked": "1"}}, {"n": "revoked"}),
        ({"kind": "manual"}, {"x": "due"}),
    ],
)
def test_inputs_must_be_those_of_the_kind(rule: dict[str, Any], inputs: dict[str, Any]) -> None:
    assert paths_after(lambda changed: changed["indicators"][0].update(rule=rule, inputs=inputs, lines=[])) == ["indicators[0].inputs"]


def test_counts_must_name_the_levels_of_the_rule() -> None:
    assert paths_after(lambda changed: changed["indicators"][1]["inputs"]["counts"].pop("changed")) == ["indicators[1].inputs.counts"]


def test_a_bonus_or_pure_deduction_has_no_points_and_an_ordinary_indicator_has_some() -> None:
    assert paths_after(lambda changed: changed["indicators"][3].update(points=2)) == ["indicators[3].points"]
    assert paths_after(lambda changed: changed["indicators"][0].update(points=0)) == ["indicators[0].points"]


def test_a_line_needs_one_test_and_a_known_measure() -> None:
    def spoil(changed: dict[str, Any]) -> None:
        changed["indicators"][0]["lines"] = [{"level": "red", "below": 1, "above": 2}, {"level": "red", "below": 1, "of": {"x": "nowhere"}}]
        changed["indicators"][2]["lines"] = [{"level": "red", "below": 1}]

    assert set(paths_after(spoil)) == {"indicators[0].lines[0]", "indicators[0].lines[1].of.x", "indicators[2].lines[0]"}


def test_a_line_is_left_on_the_good_side_of_its_bound() -> None:
    def state(*lines: dict[str, Any]) -> Callable[[dict[str, Any]], object]:
        return lambda changed: changed["indicators"][0].update(lines=list(lines))

    good = [{"level": "red", "below": "0.85", "recover": "0.85"}, {"level": "red", "at_least": "0.3", "recover": "0.2"}]
    bad = [{"level": "red", "at_most": "0.85", "recover": "0.84"}, {"level": "red", "above": "0.3", "recover": "0.31"}]
    assert paths_after(state(*bad)) == ["indicators[0].lines[0].recover", "indicators[0].lines[1].recover"]
    assert faults_after(state(*bad))[1].allowed.en == "at most 0.3"
    changed = document()
    state(*good)(changed)
    assert [line.recover for line in scheme_of(changed, WORLD).indicators[0].lines] == [Fraction(17, 20), Fraction(1, 5)]


def test_units_groups_and_targets_must_exist() -> None:
    def spoil(changed: dict[str, Any]) -> None:
        changed["indicators"][0].update(groups=["nobody"], units=["east", "north"], targets={"south": "0.9"})

    assert paths_after(spoil) == ["indicators[0].groups[0]", "indicators[0].units[1]", "indicators[0].targets.south"]


def test_a_unit_may_have_its_own_target_where_the_rule_has_one() -> None:
    changed = document()
    changed["indicators"][0]["targets"] = {"east": "0.9"}
    indicator = scheme_of(changed, WORLD).indicators[0]
    assert indicator.rule_for(EAST.code).parameters["target"] == "0.9"
    assert indicator.rule_for(SQUAD.code).parameters["target"] == "0.95"
    assert paths_after(lambda changed: changed["indicators"][1].update(targets={"east": "0.9"})) == ["indicators[1].targets"]


def test_an_indicator_judges_its_groups_and_units_or_everybody() -> None:
    changed = document()
    changed["indicators"][0]["groups"] = ["brigade"]
    first, second, *_ = scheme_of(changed, WORLD).indicators
    assert (first.judges(EAST), first.judges(SQUAD), second.judges(EAST)) == (False, True, True)


def test_a_scheme_may_appraise_some_groups_only() -> None:
    changed = document()
    changed["groups"] = ["brigade"]
    made = scheme_of(changed, WORLD)
    assert made.indicators_of(EAST) == ()
    assert made.indicators_of(SQUAD) == made.indicators
    assert paths_after(lambda changed: changed.update(groups=["nobody"])) == ["groups[0]"]


def test_the_mean_of_a_measure_is_its_total_over_its_n() -> None:
    changed = document()
    changed["indicators"][0].update(rule={"kind": "tiers", "tiers": [["0", "1"]]}, inputs={"x": {"mean": "due"}})
    plan = scheme_of(changed, WORLD).indicators[0].plan
    assert {name: (reference.measure, reference.take) for name, reference in plan.references()} == {
        "a": ("due", "total"),
        "b": ("due", "n"),
    }


def test_rounding_may_be_more_than_a_number_of_places() -> None:
    changed = document()
    changed["rounding"] = {"places": 1, "mode": "half_even"}
    assert scheme_of(changed, WORLD).rounding == Rounding(1, Mode.HALF_EVEN)


def test_yaml_keeps_decimals_dates_and_words_as_they_are_written() -> None:
    read = document_of("a: 0.95\nb: 2026-03-01\nc: yes\nd: =\nf: 010\ni: 1_000\nj: 12:30")
    assert read == {"a": "0.95", "b": "2026-03-01", "c": "yes", "d": "=", "f": "010", "i": "1_000", "j": "12:30"}
    assert document_of("a: 3\nb: true\nc: null\nd: -7") == {"a": 3, "b": True, "c": None, "d": -7}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: 1\na: 2", "stands twice"),
        ("a: {1: 2}", "no text"),
        ("? [a]\n: b", "no text"),
        ("a: &x [1]\nb: *x", "aliases"),
        ("a: [", "can't be read"),
        ("- 1", "no mapping"),
        ("a: \x00", "forbidden"),
        ("a: " + "[" * 60 + "]" * 60, "deeply"),
        ("a: " + "x" * 1_000_001, "too long"),
        ("a: !!python/object:os.system x", "could not determine"),
    ],
)
def test_a_document_that_can_not_be_read_says_why(text: str, said: str) -> None:
    assert said in unreadable(text).wrong.en


def test_an_unreadable_document_says_where() -> None:
    assert unreadable("a: 1\na: 2").path == "line 2, column 1"


def places(value: object, *path: str | int) -> Iterator[tuple[str | int, ...]]:
    """Every place inside a document."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, held in inside:
        yield (*path, key)
        yield from places(held, *path, key)


JUNK: st.SearchStrategy[object] = st.sampled_from(
    [None, True, 7, -1, "", "x", "0.5", [], {}, [1], {"a": 1}, [{}], {"kind": []}, "1e9", "NaN"]
)


@given(where=st.sampled_from(list(places(document()))), junk=JUNK)
@settings(max_examples=150, deadline=None)
def test_whatever_stands_in_a_document_it_is_a_scheme_or_refused_with_faults(where: tuple[str | int, ...], junk: object) -> None:
    changed: Any = document()
    holder = changed
    for step in where[:-1]:
        holder = holder[step]
    holder[where[-1]] = junk
    faults = refusals(changed)
    assert all(fault.path and fault.wrong.zh and fault.allowed.zh for fault in faults)


def refusals(changed: dict[str, Any]) -> tuple[Fault, ...]:
    try:
        scheme_of(changed, WORLD)
    except SchemeRefused as refused:
        return refused.faults
    return ()
