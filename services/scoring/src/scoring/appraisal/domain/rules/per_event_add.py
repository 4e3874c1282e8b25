"""A bonus for each event, within its cap: min(cap, Σ); the indicator itself has no points."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from scoring.appraisal.domain.numbers import number_of
from scoring.appraisal.domain.rules.inputs import Count, Counts, Events, Inputs
from scoring.appraisal.domain.rules.outcome import Example, Kind, Parameters, Role, Working
from scoring.appraisal.domain.rules.per_event import EACH, Worths, worths_of
from scoring.appraisal.domain.rules.sentences import capped
from scoring.appraisal.domain.shapes import NOT_NEGATIVE, mapping
from scoring.appraisal.domain.words import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class PerEventAdd:
    points: Fraction
    each: Worths
    cap: Fraction

    def work(self, inputs: Inputs) -> Working:
        tally = self.each.tally(inputs)
        return Working(
            value=min(self.cap, tally.worth),
            formula=tally.spelled,
            numbers={"events": tally.events, "earned": tally.worth},
            bites=(capped(self.cap),) if tally.worth > self.cap else (),
        )


def _make(parameters: Parameters, points: Fraction) -> PerEventAdd:
    return PerEventAdd(points=points, each=worths_of(parameters["each"]), cap=number_of(parameters["cap"]))


KIND: Final = Kind(
    name="per_event_add",
    title=Text("按件加分", "a bonus an event"),
    formula=Text("min(上限, Σ 件数 × 每件加分)", "min(cap, sum of events x points an event)"),
    shape=mapping(("each", "cap"), each=EACH, cap=NOT_NEGATIVE),
    takes=(Count, Counts, Events),
    make=_make,
    example=Example(
        rule={"each": {"city": "1", "province": "2"}, "cap": "5"},
        points="0",
        inputs={
            "events": [
                {"document": "表彰决定〔2026〕7号", "level": "city", "accepted": True},
                {"document": "表彰决定〔2026〕7号", "level": "province", "accepted": True},
                {"document": "通报表扬〔2026〕3号", "level": "city", "accepted": True},
            ]
        },
        result="3.00",
    ),
    more_is_better=lambda _parameters: True,
    role=lambda _parameters: Role.BONUS,
    bounded_below=lambda _parameters: False,
)
