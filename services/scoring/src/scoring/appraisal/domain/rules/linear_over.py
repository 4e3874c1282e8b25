"""Points that fall in proportion as x goes over its target, to none at the limit: P·(1 − ((x−T)/T)/l)."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from scoring.appraisal.domain.numbers import number_of, plain
from scoring.appraisal.domain.rules.inputs import Inputs, Number, Quotient, value_of
from scoring.appraisal.domain.rules.outcome import Empty, Example, Kind, Parameters, Working
from scoring.appraisal.domain.rules.sentences import zero_denominator
from scoring.appraisal.domain.shapes import NOT_NEGATIVE, ON_EMPTY, POSITIVE, mapping
from scoring.appraisal.domain.words import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class LinearOver:
    points: Fraction
    target: Fraction
    limit: Fraction

    def work(self, inputs: Inputs) -> Working | Empty:
        x, spelled = value_of(inputs)
        if x is None:
            return Empty(zero_denominator())
        over, most = (x - self.target) / self.target, plain(self.points)
        numbers = {"x": x, "over": over}
        if over <= 0:
            return Working(value=self.points, formula=f"{spelled} <= {plain(self.target)}: {most}", numbers=numbers)
        if over > self.limit:
            return Working(value=Fraction(0), formula=self._formula(spelled, most), numbers=numbers, bites=(self._over_the_limit(),))
        share = 1 - over / self.limit  # the limit is above 0 here: over is, and lies within it
        return Working(value=self.points * share, formula=self._formula(spelled, most), numbers=numbers)

    def _formula(self, spelled: str, most: str) -> str:
        target = plain(self.target)
        return f"{most} x max(0, 1 - ({spelled} - {target}) / {target} / {plain(self.limit)})"

    def _over_the_limit(self) -> Text:
        limit = plain(self.limit * 100)
        return Text(f"超出目标值 {limit}% 以上，不得分", f"more than {limit} % over the target: no points")


def _make(parameters: Parameters, points: Fraction) -> LinearOver:
    return LinearOver(points=points, target=number_of(parameters["target"]), limit=number_of(parameters["limit"]))


KIND: Final = Kind(
    name="linear_over",
    title=Text("超标线性扣分", "a linear loss over a target"),
    formula=Text("分值 × (1 − 超出目标的比例 ÷ 限度)，超过限度不得分", "points x (1 - share over the target / limit), none over the limit"),
    shape=mapping(("target", "limit"), target=POSITIVE, limit=NOT_NEGATIVE, on_empty=ON_EMPTY),
    takes=(Number, Quotient),
    make=_make,
    example=Example(rule={"target": "100", "limit": "0.2"}, points="10", inputs={"x": "107"}, result="6.50"),
)
