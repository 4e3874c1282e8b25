"""Points for accepted evidence: all of it gives P; with `partial` a part gives its share."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from scoring.appraisal.domain.numbers import plain
from scoring.appraisal.domain.rules.inputs import Found, Inputs, unsuitable
from scoring.appraisal.domain.rules.outcome import Example, Kind, Parameters, Working
from scoring.appraisal.domain.rules.sentences import capped
from scoring.appraisal.domain.shapes import ON_EMPTY, mapping, whole
from scoring.appraisal.domain.words import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    points: Fraction
    required: int
    partial: bool

    def work(self, inputs: Inputs) -> Working:
        if not isinstance(inputs, Found):
            raise unsuitable(inputs)
        found, most = inputs.found, plain(self.points)
        if self.partial:
            bites = (capped(self.points),) if found > self.required else ()
            value = self.points * min(Fraction(1), found / self.required)
            return Working(value=value, formula=f"{plain(found)} / {self.required} x {most}", numbers={"found": found}, bites=bites)
        if found >= self.required:
            return Working(value=self.points, formula=f"{plain(found)} >= {self.required}: {most}", numbers={"found": found})
        return Working(value=Fraction(0), formula=f"{plain(found)} < {self.required}: 0", numbers={"found": found}, bites=(_INCOMPLETE,))


_INCOMPLETE: Final = Text("认可的佐证材料不足，不得分", "not enough accepted evidence: no points")


def _make(parameters: Parameters, points: Fraction) -> Proof:
    return Proof(points=points, required=int(parameters.get("required", 1)), partial=parameters.get("partial", False))


KIND: Final = Kind(
    name="proof",
    title=Text("佐证材料计分", "points for accepted evidence"),
    formula=Text(
        "认可的佐证材料达到要求件数得满分；partial 时按比例", "all points for the required pieces; with partial a share for a part of them"
    ),
    shape=mapping(required=whole(1), partial={"type": "boolean"}, on_empty=ON_EMPTY),
    takes=(Found,),
    make=_make,
    example=Example(rule={"required": 3, "partial": True}, points="10", inputs={"found": "2"}, result="6.67"),
    more_is_better=lambda _parameters: True,
)
