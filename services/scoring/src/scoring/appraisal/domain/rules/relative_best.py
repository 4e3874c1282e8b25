"""A unit beside the best of its group: P·x/max, or P·min/x where less is better."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from scoring.appraisal.domain.numbers import plain
from scoring.appraisal.domain.rules.groups import compared
from scoring.appraisal.domain.rules.inputs import Group, Inputs
from scoring.appraisal.domain.rules.outcome import Empty, Example, Kind, Parameters, Working, higher_is_better
from scoring.appraisal.domain.rules.sentences import factor
from scoring.appraisal.domain.shapes import BETTER, ON_EMPTY, mapping
from scoring.appraisal.domain.words import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class RelativeBest:
    points: Fraction
    higher_is_better: bool

    def work(self, inputs: Inputs) -> Working | Empty:
        """For `lower` the best has all points whatever its value, and beside a best of 0 the others have none."""
        found = compared(inputs)
        if isinstance(found, Empty):
            return found
        own, values = found
        best = max(values) if self.higher_is_better else min(values)
        over, under = (own, best) if self.higher_is_better else (best, own)
        numbers = {"x": own, "best": best}
        if not self.higher_is_better and own == best:
            return Working(value=self.points, formula=f"{plain(own)}: {plain(self.points)}", numbers=numbers, bites=(_BEST,))
        if under == 0:
            return Empty(Text("组内最好数值为 0，无法比较", "the denominator is 0: there is nothing to compare with"))
        return Working(
            value=self.points * over / under, formula=f"{factor(over)} / {factor(under)} x {plain(self.points)}", numbers=numbers
        )


_BEST: Final = Text("组内最好", "the best of the group")


def _make(parameters: Parameters, points: Fraction) -> RelativeBest:
    return RelativeBest(points=points, higher_is_better=higher_is_better(parameters))


KIND: Final = Kind(
    name="relative_best",
    title=Text("与组内最好比", "beside the best of the group"),
    formula=Text("分值 × 本单位 ÷ 组内最好（越低越好的反之）", "points x own / best, or best / own where lower is better"),
    shape=mapping(("better",), better=BETTER, on_empty=ON_EMPTY),
    takes=(Group,),
    make=_make,
    example=Example(
        rule={"better": "higher"}, points="10", inputs={"group": {"dong": "40", "xi": "50", "nan": None}, "unit": "dong"}, result="8.00"
    ),
    more_is_better=higher_is_better,
)
