"""A share of a target: P·min(1, (a/b)/t)."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from scoring.appraisal.domain.numbers import number_of, plain
from scoring.appraisal.domain.rules.inputs import Inputs, Quotient, value_of
from scoring.appraisal.domain.rules.outcome import Empty, Example, Kind, Parameters, Working
from scoring.appraisal.domain.rules.sentences import capped, zero_denominator
from scoring.appraisal.domain.shapes import ON_EMPTY, POSITIVE, mapping
from scoring.appraisal.domain.words import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratio:
    points: Fraction
    target: Fraction

    def work(self, inputs: Inputs) -> Working | Empty:
        share, spelled = value_of(inputs)
        if share is None:
            return Empty(zero_denominator())
        reached = share / self.target
        return Working(
            value=self.points * min(Fraction(1), reached),
            formula=f"{spelled} / {plain(self.target)} x {plain(self.points)}",
            numbers={"share": share, "of_target": reached},
            bites=(capped(self.points),) if reached >= 1 else (),
        )


def _make(parameters: Parameters, points: Fraction) -> Ratio:
    return Ratio(points=points, target=number_of(parameters.get("target", "1")))


KIND: Final = Kind(
    name="ratio",
    title=Text("完成率", "share of a target"),
    formula=Text("分值 × min(1, (a/b) ÷ 目标值)", "points x min(1, (a/b) / target)"),
    shape=mapping(target=POSITIVE, on_empty=ON_EMPTY),
    takes=(Quotient,),
    make=_make,
    example=Example(rule={"target": "0.95"}, points="10", inputs={"a": "37", "b": "40"}, result="9.74"),
    more_is_better=lambda _parameters: True,
)
