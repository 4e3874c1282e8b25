"""How a scheme states what the kinds of rule judge, and what is said about a slip."""

from fractions import Fraction
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from scoring.appraisal.domain.faults import SchemeRefused
from scoring.appraisal.domain.inputs import gathered, sources_of
from scoring.appraisal.domain.rules.outcome import Role
from scoring.appraisal.domain.scheme_documents import published_shape, scheme_of
from scoring.appraisal.domain.schemes import Indicator
from tests.unit.scoring.appraisal.bureau import WORLD, document, totals

RANKS = {"kind": "rank_ladder", "better": "higher", "ladder": ["10", "8"]}
ADD = {"kind": "per_event_add", "each": {"revoked": "2", "changed": "1"}, "cap": "5"}
CARDS = [{"points": "3", "times": "revoked"}, {"points": "0.5", "times": {"n": "changed"}}]
NODES = [{"key": "plan", "due": "2026-03-31", "share": "0.4"}, {"key": "done", "due": "2026-06-30", "share": "0.6"}]
BALLOT = {"kind": "ballot", "classes": {"staff": {"weight": "1"}}}
READ = totals(revoked={"2026-03": 2}, changed={"2026-03": 1, "2026-04": 3}, due={"2026-03": 40}, closed_in_time={"2026-03": 38})


def changed(rule: dict[str, Any], inputs: dict[str, Any] | None, points: str = "10") -> dict[str, Any]:
    made = document()
    made["indicators"][2].update(rule=rule, points=points)
    if inputs is not None:
        made["indicators"][2]["inputs"] = inputs
    return made


def indicator(rule: dict[str, Any], inputs: dict[str, Any] | None, points: str = "10") -> Indicator:
    return scheme_of(changed(rule, inputs, points), WORLD).indicators[2]


def paths(rule: dict[str, Any], inputs: dict[str, Any] | None, points: str = "10") -> list[str]:
    with pytest.raises(SchemeRefused) as refused:
        indicator(rule, inputs, points)
    return [fault.path for fault in refused.value.faults]


@pytest.mark.parametrize(
    ("rule", "inputs", "raw"),
    [
        ({"kind": "linear_over", "target": "10", "limit": "1"}, {"x": "due"}, {"x": "40"}),
        ({"kind": "proof", "required": 2}, {"found": "revoked"}, {"found": "2"}),
        ({"kind": "negative_card"}, {"cards": CARDS}, {"cards": [{"points": "3", "times": "2"}, {"points": "0.5", "times": "4"}]}),
        (RANKS, {"a": "closed_in_time", "b": "due"}, {"a": "38", "b": "40"}),
        (RANKS, {"x": {"mean": "due"}}, {"a": "40", "b": "40"}),
        ({"kind": "relative_best", "better": "lower"}, {"x": "revoked"}, {"x": "2"}),
        ({"kind": "relative_mean", "better": "lower", "per_percent": "1"}, {"x": "revoked"}, {"x": "2"}),
    ],
)
def test_inputs_are_gathered_from_measures(rule: dict[str, Any], inputs: dict[str, Any], raw: dict[str, Any]) -> None:
    assert gathered(indicator(rule, inputs).plan, READ) == raw


def test_a_bonus_counts_its_levels_and_has_no_points() -> None:
    made = indicator(ADD, {"counts": {"revoked": "revoked", "changed": "changed"}}, points="0")
    assert made.rule.role is Role.BONUS
    assert gathered(made.plan, READ) == {"counts": {"revoked": "2", "changed": "4"}}
    assert paths(ADD, {"counts": {"revoked": "revoked", "changed": "changed"}}, points="5") == ["indicators[2].points"]


def test_a_card_names_where_its_times_came_from() -> None:
    found = sources_of(indicator({"kind": "negative_card"}, {"cards": CARDS}).plan, READ)
    assert found["cards.1"] == {
        "measure": "changed",
        "take": "n",
        "months": {"2026-03": {"n": "1", "total": "1"}, "2026-04": {"n": "3", "total": "3"}},
    }


@pytest.mark.parametrize(
    "rule",
    [
        {"kind": "manual"},
        {"kind": "convert", "scale": "100"},
        {"kind": "sampling_mean"},
        {"kind": "ballot", "classes": {"staff": {"weight": "1"}}},
    ],
)
def test_what_people_give_takes_no_measures(rule: dict[str, Any]) -> None:
    assert indicator(rule, None).is_marked
    assert paths(rule, {"x": "due"}) == ["indicators[2].inputs"]


def test_milestones_are_stated_and_their_dates_are_given_by_people() -> None:
    made = indicator({"kind": "milestone"}, {"milestones": NODES})
    assert made.is_marked
    assert [(node.key, node.due.isoformat(), node.share) for node in made.plan.milestones] == [
        ("plan", "2026-03-31", Fraction(2, 5)),
        ("done", "2026-06-30", Fraction(3, 5)),
    ]


@pytest.mark.parametrize(
    ("rule", "inputs", "path"),
    [
        ({"kind": "proof"}, {"found": "nowhere"}, "inputs.found"),
        ({"kind": "proof"}, {"n": "revoked"}, "inputs"),
        ({"kind": "proof"}, None, "inputs"),
        ({"kind": "negative_card"}, {"cards": [{"points": "1", "times": "nowhere"}]}, "inputs.cards[0].times"),
        ({"kind": "negative_card"}, {"cards": [{"points": "-1", "times": "revoked"}]}, "inputs.cards[0].points"),
        ({"kind": "negative_card"}, {"cards": [{"points": "1"}]}, "inputs.cards[0].times"),
        ({"kind": "negative_card"}, {"cards": []}, "inputs.cards"),
        (RANKS, {"n": "revoked"}, "inputs"),
        (RANKS, {"a": "revoked"}, "inputs"),
        ({"kind": "milestone"}, {"milestones": [{**NODES[0], "due": "2026-02-30"}]}, "inputs.milestones[0].due"),
        ({"kind": "milestone"}, {"milestones": [{**NODES[0], "due": "soon"}]}, "inputs.milestones[0].due"),
        ({"kind": "milestone"}, {"milestones": [NODES[0], NODES[0]]}, "inputs.milestones[1].key"),
        ({"kind": "milestone"}, {"milestones": [{**NODES[0], "share": "0"}]}, "inputs.milestones[0].share"),
        ({"kind": "milestone"}, None, "inputs"),
        (ADD, {"counts": {"revoked": "revoked"}}, "points"),
    ],
)
def test_a_slip_is_told_with_its_place(rule: dict[str, Any], inputs: dict[str, Any] | None, path: str) -> None:
    assert f"indicators[2].{path}" in paths(rule, inputs)


def test_milestones_make_no_figure_for_a_line() -> None:
    spoiled = changed({"kind": "milestone"}, {"milestones": NODES})
    spoiled["indicators"][2]["lines"] = [{"level": "red", "below": 1}]
    with pytest.raises(SchemeRefused) as refused:
        scheme_of(spoiled, WORLD)
    assert [fault.path for fault in refused.value.faults] == ["indicators[2].lines[0]"]


def test_a_line_stands_on_evidence_and_cards_too() -> None:
    made = changed({"kind": "negative_card"}, {"cards": CARDS})
    made["indicators"][2]["lines"] = [{"level": "red", "at_least": 3}]
    figure = scheme_of(made, WORLD).indicators[2].lines[0].figure(READ)
    assert figure is not None
    assert figure.value == 6


def test_the_published_schema_knows_the_inputs_of_every_kind() -> None:
    shape = Draft202012Validator(published_shape())
    for rule, inputs in (
        (ADD, {"n": "revoked"}),
        ({"kind": "negative_card"}, {"cards": CARDS}),
        ({"kind": "milestone"}, {"milestones": NODES}),
    ):
        assert shape.is_valid(changed(rule, inputs))
    assert not shape.is_valid(changed({"kind": "negative_card"}, {"cards": [{"points": "3"}]}))
