"""Points off for each card of the negative list (负面清单): P − Σ points x times."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from scoring.appraisal.domain.numbers import added, plain
from scoring.appraisal.domain.rules.inputs import Cards, Inputs, unsuitable
from scoring.appraisal.domain.rules.outcome import Example, Kind, Parameters, Role, Working
from scoring.appraisal.domain.rules.sentences import summed
from scoring.appraisal.domain.shapes import FLOOR, mapping
from scoring.appraisal.domain.words import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class NegativeCard:
    points: Fraction

    def work(self, inputs: Inputs) -> Working:
        """No card is a count of 0."""
        if not isinstance(inputs, Cards):
            raise unsuitable(inputs)
        lost = added(card.points * card.times for card in inputs.cards)
        drawn = [(card.times, card.points) for card in inputs.cards if card.times]
        return Working(
            value=self.points - lost,
            formula=f"{plain(self.points)} - ({summed(drawn)})",
            numbers={"cards": added(card.times for card in inputs.cards), "lost": lost},
        )


def _make(_parameters: Parameters, points: Fraction) -> NegativeCard:
    return NegativeCard(points=points)


def _is_bounded(parameters: Parameters) -> bool:
    return parameters.get("floor", "0") is not None


KIND: Final = Kind(
    name="negative_card",
    title=Text("负面清单扣分", "deductions of a negative list"),
    formula=Text("分值 − Σ 每项扣分 × 次数", "points - sum of points x times"),
    shape=mapping(floor=FLOOR),
    takes=(Cards,),
    make=_make,
    example=Example(
        rule={}, points="10", inputs={"cards": [{"points": "3", "times": "1"}, {"points": "0.5", "times": "2"}]}, result="6.00"
    ),
    role=lambda parameters: Role.ORDINARY if _is_bounded(parameters) else Role.DEDUCT_ONLY,
    bounded_below=_is_bounded,
)
