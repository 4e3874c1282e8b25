"""The worked examples of rules and parts, digit by digit."""

from fractions import Fraction
from typing import Any

import pytest

from scoring.appraisal.domain.faults import Refused
from scoring.appraisal.domain.numbers import Rounding, number_of, rounded, written
from scoring.appraisal.domain.parts import Entry, Part, part_score
from scoring.appraisal.domain.rules import evaluate, rule_of
from scoring.appraisal.domain.rules.outcome import Role
from scoring.appraisal.domain.rules.reading import inputs_of
from tests.vectors import cases


def outcome(case: dict[str, Any]) -> dict[str, object]:
    try:
        result = evaluate(rule_of(case["rule"], case["points"]), inputs_of(case["inputs"]), Rounding(case["rounding"]))
    except Refused as refused:
        return {"error": refused.text.en}
    invalid = {"invalid": dict(result.invalid)} if result.invalid else {}
    if result.points is None:
        return {"not_applicable": True, **invalid}
    return {"points": written(result.points, case["rounding"]), **invalid}


@pytest.mark.parametrize("case", cases("rules"))
def test_the_vectors_of_rules_are_met(case: dict[str, Any]) -> None:
    given, expected = outcome(case), case["expect"]
    if "error" in expected:
        assert given["error"]
    else:
        assert given == expected


def entry(stated: dict[str, Any], rounding: Rounding) -> Entry:
    bonus, deduct = stated.get("bonus"), stated.get("deduct_only")
    role = Role.BONUS if bonus else Role.DEDUCT_ONLY if deduct else Role.ORDINARY
    got = None if stated.get("not_applicable") else rounded(number_of(stated["result"]), rounding)
    return Entry(points=number_of(stated["points"]), got=got, role=role)


def part(stated: dict[str, Any]) -> Part:
    numbers: dict[str, Fraction] = {name: number_of(stated[name]) for name in ("weight", "bonus_cap", "deduct_cap") if name in stated}
    return Part(
        key="part",
        name="部分",
        scale=stated.get("scale", False),
        weight=numbers.get("weight"),
        bonus_cap=numbers.get("bonus_cap"),
        deduct_cap=numbers.get("deduct_cap"),
    )


@pytest.mark.parametrize("case", cases("part"))
def test_the_vectors_of_parts_are_met(case: dict[str, Any]) -> None:
    rounding = Rounding(case["rounding"])
    score = part_score(part(case["part"]), [entry(stated, rounding) for stated in case["indicators"]], rounding).score
    given = {"not_applicable": True} if score is None else {"score": written(score, case["rounding"])}
    assert given == case["expect"]
