"""An external mark on its own scale: P·m/S."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from scoring.appraisal.domain.numbers import number_of, plain
from scoring.appraisal.domain.rules.inputs import Inputs, Mark, unsuitable
from scoring.appraisal.domain.rules.outcome import Example, Kind, Parameters, Working
from scoring.appraisal.domain.rules.sentences import factor
from scoring.appraisal.domain.shapes import POSITIVE, mapping
from scoring.appraisal.domain.words import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Convert:
    points: Fraction
    scale: Fraction

    def work(self, inputs: Inputs) -> Working:
        if not isinstance(inputs, Mark):
            raise unsuitable(inputs)
        return Working(
            value=self.points * inputs.mark / self.scale,
            formula=f"{factor(inputs.mark)} / {plain(self.scale)} x {plain(self.points)}",
            numbers={"mark": inputs.mark},
        )


def _make(parameters: Parameters, points: Fraction) -> Convert:
    return Convert(points=points, scale=number_of(parameters["scale"]))


KIND: Final = Kind(
    name="convert",
    title=Text("外部评分折算", "an external mark converted"),
    formula=Text("分值 × 外部评分 ÷ 满分", "points x mark / scale"),
    shape=mapping(("scale",), scale=POSITIVE),
    takes=(Mark,),
    make=_make,
    example=Example(rule={"scale": "120"}, points="6", inputs={"mark": "14.5"}, result="0.73"),
)
