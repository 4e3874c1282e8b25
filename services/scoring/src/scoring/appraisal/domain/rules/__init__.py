"""The kinds of rule in one table, and how inputs become an indicator's points.

A further kind is a module with a `KIND` and a line in `KINDS`; nothing else knows the kinds by name.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Final

from scoring.appraisal.domain.faults import Fault, SchemeRefused
from scoring.appraisal.domain.numbers import NotANumber, Rounding, number_of, rounded, written
from scoring.appraisal.domain.rules import (
    ballot,
    convert,
    linear_over,
    manual,
    milestone,
    negative_card,
    per_event_add,
    per_event_deduct,
    proof,
    rank_ladder,
    ratio,
    ratio_floor,
    relative_best,
    relative_mean,
    sampling_mean,
    step_deduct,
    tiers,
)
from scoring.appraisal.domain.rules.inputs import Inputs, unsuitable
from scoring.appraisal.domain.rules.outcome import Empty, Kind, Parameters, Role, Working
from scoring.appraisal.domain.rules.reading import inputs_of
from scoring.appraisal.domain.rules.sentences import capped, floored
from scoring.appraisal.domain.rules.words import told_of
from scoring.appraisal.domain.shapes import Shape, faults_of, listed, path_of
from scoring.appraisal.domain.words import Text

KINDS: Final[Mapping[str, Kind]] = {
    module.KIND.name: module.KIND
    for module in (
        ratio,
        ratio_floor,
        step_deduct,
        linear_over,
        per_event_deduct,
        per_event_add,
        rank_ladder,
        relative_best,
        relative_mean,
        tiers,
        proof,
        sampling_mean,
        ballot,
        convert,
        negative_card,
        milestone,
        manual,
    )
}


@dataclass(frozen=True, slots=True)
class RuleOf:
    """A rule as a scheme states it: its kind, its parameters and the indicator's points."""

    kind: Kind
    parameters: Parameters
    points: Fraction

    @property
    def role(self) -> Role:
        return self.kind.role(self.parameters)

    @property
    def more_is_better(self) -> bool:
        return self.kind.more_is_better(self.parameters)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """An indicator's points: `exact` before and `points` after the one rounding; both none when it is not applicable.

    `invalid` counts a ballot's invalid papers by reason.
    """

    exact: Fraction | None
    points: Fraction | None
    formula: str
    numbers: Mapping[str, Fraction] = field(default_factory=dict)
    bites: tuple[Text, ...] = ()
    empty: Text | None = None
    invalid: Mapping[str, int] = field(default_factory=dict)


def rule_of(stated: Mapping[str, Any], points: object) -> RuleOf:
    """The rule of `{kind, ...}`; raises `SchemeRefused` with every fault."""
    faults = rule_faults(stated) + points_faults(points)
    if faults:
        raise SchemeRefused(faults)
    rule = unchecked_rule(stated, points)
    if rule.role is Role.BONUS and rule.points:
        raise SchemeRefused((bonus_with_points(),))
    return rule


def unchecked_rule(stated: Mapping[str, Any], points: object) -> RuleOf:
    """The rule of a statement that has no fault of its own; a bonus may still have points that it must not have."""
    return RuleOf(KINDS[stated["kind"]], _parameters(stated), number_of(points))


def bonus_with_points() -> Fault:
    return Fault("points", Text("加分项、扣分项不设分值", "a bonus or a pure deduction has no points"), Text("0", "0"))


def rule_faults(stated: Mapping[str, Any], *, at: tuple[str | int, ...] = ()) -> tuple[Fault, ...]:
    kind = KINDS.get(str(stated.get("kind")))
    if kind is None:
        wrong = Text(f"没有登记计分规则“{stated.get('kind')}”", f"the kind of rule {stated.get('kind')!r} is not registered")
        return (_at(at, Fault("kind", wrong, listed(KINDS))),)
    faults = faults_of(_parameters(stated), kind.shape, at=at)
    return faults or tuple(_at(at, fault) for fault in kind.faults(_parameters(stated)))


def points_faults(points: object) -> tuple[Fault, ...]:
    try:
        fits = number_of(points) >= 0
    except NotANumber:
        fits = False
    if fits:
        return ()
    return (
        Fault(
            "points", Text(f"分值 {points} 不可用", f"the points {points} do not fit"), Text("不小于 0 的小数", "a decimal of at least 0")
        ),
    )


def evaluate(rule: RuleOf, inputs: Inputs, rounding: Rounding) -> Result:
    """The points for these inputs; the same arguments always give the same digits.

    Raises `InputRefused` for inputs that the kind does not take, `MarkRefused` for a mark that it forbids.
    """
    if not isinstance(inputs, rule.kind.takes):
        raise unsuitable(inputs)
    working = rule.kind.make(rule.parameters, rule.points).work(inputs)
    if isinstance(working, Empty):
        return _of_nothing(rule, working, rounding)
    return _bounded(rule, working, rounding)


def explained(result: Result, rounding: Rounding) -> Text:
    """`(38 / 40) / 0.95 x 10 = 10.00, capped at 10`, in both languages."""
    points = None if result.points is None else written(result.points, rounding.places)
    return told_of(points, formula=result.formula, bites=result.bites, empty=result.empty)


def kind_shape(kind: Kind) -> dict[str, Any]:
    """The published JSON Schema of a rule of this kind, the `kind` itself included."""
    shape: Shape = kind.shape
    return {
        **shape,
        "title": kind.name,
        "description": f"{kind.title.zh}：{kind.formula.zh} · {kind.title.en}: {kind.formula.en}",
        "properties": {"kind": {"const": kind.name}, **shape["properties"]},
        "required": ["kind", *shape["required"]],
    }


def worked(kind: Kind) -> dict[str, Any]:
    """The kind's worked example with what comes out of it, in digits and in words."""
    example = kind.example
    rule = rule_of({"kind": kind.name, **example.rule}, example.points)
    result = evaluate(rule, inputs_of(example.inputs), Rounding())
    words = explained(result, Rounding())
    return {
        "rule": {"kind": kind.name, **example.rule},
        "points": example.points,
        "inputs": example.inputs,
        "result": None if result.points is None else written(result.points, Rounding().places),
        "words": {"zh": words.zh, "en": words.en},
    }


def _bounded(rule: RuleOf, working: Working, rounding: Rounding) -> Result:
    value, bites = working.value, working.bites
    if value > rule.points and rule.role is not Role.BONUS:
        value, bites = rule.points, (*bites, capped(rule.points))
    if value < 0 and rule.kind.bounded_below(rule.parameters):
        value, bites = Fraction(0), (*bites, floored(Fraction(0)))
    numbers = {**working.numbers, "unbounded": working.value}
    return Result(
        exact=value,
        points=rounded(value, rounding),
        formula=working.formula,
        numbers=numbers,
        bites=bites,
        invalid=working.invalid,
    )


def _of_nothing(rule: RuleOf, nothing: Empty, rounding: Rounding) -> Result:
    """`on_empty: full | zero | exclude`; excluded is not applicable, with the reason."""
    stated = "exclude" if nothing.excluded else rule.parameters.get("on_empty", "exclude")
    given = {"full": rule.points, "zero": Fraction(0)}.get(stated)
    points = None if given is None else rounded(given, rounding)
    return Result(exact=given, points=points, formula="", empty=nothing.reason, invalid=nothing.invalid)


def _parameters(stated: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in stated.items() if name != "kind"}


def _at(at: tuple[str | int, ...], fault: Fault) -> Fault:
    prefix = path_of(at)
    return Fault(f"{prefix}.{fault.path}" if prefix else fault.path, fault.wrong, fault.allowed)
