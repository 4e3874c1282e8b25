"""A share that counts only from a floor on: r >= full: P; r >= floor: P·r/full; else 0."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from scoring.appraisal.domain.faults import Fault
from scoring.appraisal.domain.numbers import number_of, plain
from scoring.appraisal.domain.rules.inputs import Inputs, Quotient, value_of
from scoring.appraisal.domain.rules.outcome import Empty, Example, Kind, Parameters, Working
from scoring.appraisal.domain.rules.sentences import capped, zero_denominator
from scoring.appraisal.domain.shapes import NOT_NEGATIVE, ON_EMPTY, POSITIVE, mapping
from scoring.appraisal.domain.words import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class RatioFloor:
    points: Fraction
    floor: Fraction
    full: Fraction

    def work(self, inputs: Inputs) -> Working | Empty:
        share, spelled = value_of(inputs)
        if share is None:
            return Empty(zero_denominator())
        formula = f"{spelled} / {plain(self.full)} x {plain(self.points)}"
        if share < self.floor:
            return Working(value=Fraction(0), formula=formula, numbers={"share": share}, bites=(self._under_the_floor(),))
        return Working(
            value=self.points * min(Fraction(1), share / self.full),
            formula=formula,
            numbers={"share": share},
            bites=(capped(self.points),) if share >= self.full else (),
        )

    def _under_the_floor(self) -> Text:
        return Text(f"低于 {plain(self.floor)}，不得分", f"under the floor of {plain(self.floor)}: no points")


def _make(parameters: Parameters, points: Fraction) -> RatioFloor:
    return RatioFloor(points=points, floor=number_of(parameters["floor"]), full=number_of(parameters.get("full", "1")))


def _faults(parameters: Parameters) -> tuple[Fault, ...]:
    full = number_of(parameters.get("full", "1"))
    if number_of(parameters["floor"]) <= full:
        return ()
    wrong = Text(f"起算线 {parameters['floor']} 高于满分线", f"the floor {parameters['floor']} is above full")
    return (Fault("floor", wrong, Text(f"不大于 {plain(full)}", f"at most {plain(full)}")),)


KIND: Final = Kind(
    name="ratio_floor",
    title=Text("设起算线的完成率", "share with a floor"),
    formula=Text("达到满分线得满分，达到起算线按比例得分，否则不得分", "all points from full on, a share from the floor on, else none"),
    shape=mapping(("floor",), floor=NOT_NEGATIVE, full=POSITIVE, on_empty=ON_EMPTY),
    takes=(Quotient,),
    make=_make,
    example=Example(rule={"floor": "0.8", "full": "0.95"}, points="10", inputs={"a": "17", "b": "20"}, result="8.95"),
    faults=_faults,
    more_is_better=lambda _parameters: True,
)
