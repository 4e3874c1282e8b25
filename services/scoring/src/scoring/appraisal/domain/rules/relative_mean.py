"""A unit beside the mean of its group: all points from the mean on, then points off for each begun percent."""

from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from typing import Final

from scoring.appraisal.domain.numbers import added, number_of, plain
from scoring.appraisal.domain.rules.groups import compared
from scoring.appraisal.domain.rules.inputs import Group, Inputs
from scoring.appraisal.domain.rules.outcome import Empty, Example, Kind, Parameters, Working, higher_is_better
from scoring.appraisal.domain.rules.sentences import factor, readable
from scoring.appraisal.domain.shapes import BETTER, NOT_NEGATIVE, ON_EMPTY, mapping
from scoring.appraisal.domain.words import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class RelativeMean:
    points: Fraction
    higher_is_better: bool
    per_percent: Fraction

    def work(self, inputs: Inputs) -> Working | Empty:
        """The mean includes the unit; a mean of 0 is a zero denominator, also for a unit that is at the mean."""
        found = compared(inputs)
        if isinstance(found, Empty):
            return found
        own, values = found
        mean = added(values) / len(values)
        if mean == 0:
            return Empty(Text("组内平均值为 0，无法比较", "the mean of the group is 0: there is nothing to compare with"))
        behind = mean - own if self.higher_is_better else own - mean
        percents = ceil(max(Fraction(0), behind) / abs(mean) * 100)
        return Working(
            value=self.points - self.per_percent * percents,
            formula=self._formula(own, mean),
            numbers={"x": own, "mean": readable(mean), "percents": Fraction(percents)},
        )

    def _formula(self, own: Fraction, mean: Fraction) -> str:
        beside, under = factor(readable(mean)), factor(readable(abs(mean)))
        distance = f"{beside} - {factor(own)}" if self.higher_is_better else f"{factor(own)} - {beside}"
        share = f"100 x ({distance}) / {under}"
        return f"{plain(self.points)} - {plain(self.per_percent)} x ceil(max(0, {share}))"


def _make(parameters: Parameters, points: Fraction) -> RelativeMean:
    return RelativeMean(points=points, higher_is_better=higher_is_better(parameters), per_percent=number_of(parameters["per_percent"]))


KIND: Final = Kind(
    name="relative_mean",
    title=Text("与组内平均比", "beside the mean of the group"),
    formula=Text(
        "达到平均得满分，每差 1 个百分点（不足的按 1 个）扣分",
        "all points at the mean, points off for each begun percent beyond",
    ),
    shape=mapping(("better", "per_percent"), better=BETTER, per_percent=NOT_NEGATIVE, on_empty=ON_EMPTY),
    takes=(Group,),
    make=_make,
    example=Example(
        rule={"better": "higher", "per_percent": "0.5"},
        points="10",
        inputs={"group": {"dong": "89.5", "xi": "100", "nan": "110.5"}, "unit": "dong"},
        result="4.50",
    ),
    more_is_better=higher_is_better,
)
