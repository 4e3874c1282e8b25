"""Points off for each event: P − min(cap, Σ); without a floor and with 0 points a pure deduction."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from scoring.appraisal.domain.numbers import number_of, plain
from scoring.appraisal.domain.rules.inputs import Count, Counts, Events, Inputs
from scoring.appraisal.domain.rules.outcome import Example, Kind, Parameters, Role, Working
from scoring.appraisal.domain.rules.per_event import EACH, Worths, worths_of
from scoring.appraisal.domain.rules.sentences import deduction_capped
from scoring.appraisal.domain.shapes import FLOOR, NOT_NEGATIVE, mapping
from scoring.appraisal.domain.words import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class PerEventDeduct:
    points: Fraction
    each: Worths
    cap: Fraction | None

    def work(self, inputs: Inputs) -> Working:
        tally = self.each.tally(inputs)
        taken = tally.worth if self.cap is None else min(self.cap, tally.worth)
        return Working(
            value=self.points - taken,
            formula=f"{plain(self.points)} - ({tally.spelled})",
            numbers={"events": tally.events, "lost": tally.worth},
            bites=(deduction_capped(taken),) if taken < tally.worth else (),
        )


def _make(parameters: Parameters, points: Fraction) -> PerEventDeduct:
    cap = parameters.get("cap")
    return PerEventDeduct(points=points, each=worths_of(parameters["each"]), cap=None if cap is None else number_of(cap))


def _is_bounded(parameters: Parameters) -> bool:
    return parameters.get("floor", "0") is not None


KIND: Final = Kind(
    name="per_event_deduct",
    title=Text("按件扣分", "a deduction an event"),
    formula=Text("分值 − min(上限, Σ 件数 × 每件扣分)", "points - min(cap, sum of events x points an event)"),
    shape=mapping(("each",), each=EACH, cap=NOT_NEGATIVE, floor=FLOOR),
    takes=(Count, Counts, Events),
    make=_make,
    example=Example(
        rule={"each": {"changed": "1", "revoked": "2"}, "cap": "4"},
        points="5",
        inputs={"counts": {"changed": "1", "revoked": "1"}},
        result="2.00",
    ),
    role=lambda parameters: Role.ORDINARY if _is_bounded(parameters) else Role.DEDUCT_ONLY,
    bounded_below=_is_bounded,
)
