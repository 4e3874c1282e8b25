"""Points of the highest bound that x reaches."""

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Final

from scoring.appraisal.domain.faults import Fault
from scoring.appraisal.domain.numbers import number_of, plain
from scoring.appraisal.domain.rules.inputs import Inputs, Number, Quotient, value_of
from scoring.appraisal.domain.rules.outcome import Empty, Example, Kind, Parameters, Working
from scoring.appraisal.domain.rules.sentences import zero_denominator
from scoring.appraisal.domain.shapes import NUMBER, ON_EMPTY, mapping, sequence
from scoring.appraisal.domain.words import Text

TIER: Final = {
    "type": "array",
    "prefixItems": [NUMBER, NUMBER],
    "items": False,
    "minItems": 2,
    "description": "[界限, 分值] 两个小数 · a pair [bound, points] of decimals",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tiers:
    points: Fraction
    tiers: tuple[tuple[Fraction, Fraction], ...]
    below: Fraction

    def work(self, inputs: Inputs) -> Working | Empty:
        x, spelled = value_of(inputs)
        if x is None:
            return Empty(zero_denominator())
        reached = [(bound, points) for bound, points in self.tiers if bound <= x]
        if not reached:
            return Working(value=self.below, formula=f"{spelled} < {plain(self.tiers[0][0])}: {plain(self.below)}", numbers={"x": x})
        bound, points = reached[-1]
        return Working(value=points, formula=f"{spelled} >= {plain(bound)}: {plain(points)}", numbers={"x": x, "bound": bound})


def _make(parameters: Parameters, points: Fraction) -> Tiers:
    tiers = tuple((number_of(bound), number_of(worth)) for bound, worth in parameters["tiers"])
    return Tiers(points=points, tiers=tiers, below=number_of(parameters.get("below", "0")))


def _faults(parameters: Parameters) -> tuple[Fault, ...]:
    bounds = [number_of(bound) for bound, _ in parameters["tiers"]]
    return tuple(
        Fault(
            f"tiers[{index}]",
            Text(f"界限 {plain(higher)} 没有高于前一档 {plain(lower)}", f"the bound {plain(higher)} is not above {plain(lower)} before it"),
            Text(f"大于 {plain(lower)}，各档按界限从低到高排列", f"above {plain(lower)}: the tiers ascend"),
        )
        for index, (lower, higher) in enumerate(pairwise(bounds), start=1)
        if higher <= lower
    )


def _more_is_better(parameters: Parameters) -> bool:
    worth = [number_of(parameters.get("below", "0")), *(number_of(points) for _, points in parameters["tiers"])]
    return any(higher > lower for lower, higher in pairwise(worth))


KIND: Final = Kind(
    name="tiers",
    title=Text("分档计分", "tiers"),
    formula=Text("取已达到的最高一档的分值", "the points of the highest bound that is reached"),
    shape=mapping(("tiers",), tiers=sequence(TIER, least=1), below=NUMBER, on_empty=ON_EMPTY),
    takes=(Number, Quotient),
    make=_make,
    example=Example(rule={"tiers": [["60", "5"], ["80", "8"], ["90", "10"]]}, points="10", inputs={"x": "85"}, result="8.00"),
    faults=_faults,
    more_is_better=_more_is_better,
)
