"""Points off for each begun step away from a target: P − k·ceil(max(0, gap)/s)."""

from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from typing import Final

from scoring.appraisal.domain.numbers import number_of, plain
from scoring.appraisal.domain.rules.inputs import Inputs, Number, Quotient, value_of
from scoring.appraisal.domain.rules.outcome import Empty, Example, Kind, Parameters, Working, higher_is_better
from scoring.appraisal.domain.rules.sentences import zero_denominator
from scoring.appraisal.domain.shapes import BETTER, NOT_NEGATIVE, NUMBER, ON_EMPTY, POSITIVE, mapping
from scoring.appraisal.domain.words import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class StepDeduct:
    points: Fraction
    target: Fraction
    step: Fraction
    deduct: Fraction
    higher_is_better: bool

    def work(self, inputs: Inputs) -> Working | Empty:
        x, spelled = value_of(inputs)
        if x is None:
            return Empty(zero_denominator())
        gap = self.target - x if self.higher_is_better else x - self.target
        steps = ceil(max(Fraction(0), gap) / self.step)
        target = plain(self.target)
        distance = f"{target} - {spelled}" if self.higher_is_better else f"{spelled} - {target}"
        return Working(
            value=self.points - self.deduct * steps,
            formula=f"{plain(self.points)} - {plain(self.deduct)} x ceil(max(0, {distance}) / {plain(self.step)})",
            numbers={"x": x, "gap": gap, "steps": Fraction(steps)},
        )


def _make(parameters: Parameters, points: Fraction) -> StepDeduct:
    return StepDeduct(
        points=points,
        target=number_of(parameters["target"]),
        step=number_of(parameters["step"]),
        deduct=number_of(parameters["deduct"]),
        higher_is_better=higher_is_better(parameters),
    )


KIND: Final = Kind(
    name="step_deduct",
    title=Text("按档扣分", "a deduction a step"),
    formula=Text("分值 − 每档扣分 × 与目标相差的档数（不足一档按一档）", "points - deduct x begun steps away from the target"),
    shape=mapping(
        ("target", "step", "deduct", "better"), target=NUMBER, step=POSITIVE, deduct=NOT_NEGATIVE, better=BETTER, on_empty=ON_EMPTY
    ),
    takes=(Number, Quotient),
    make=_make,
    example=Example(
        rule={"target": "95", "step": "1", "deduct": "0.5", "better": "higher"}, points="10", inputs={"x": "92.3"}, result="8.50"
    ),
    more_is_better=higher_is_better,
)
