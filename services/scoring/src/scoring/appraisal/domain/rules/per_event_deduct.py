"""Points off for each event: P − min(cap, Σ); without a floor and with 0 points a pure deduction."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

from scoring.appraisal.domain.faults import InputRefused
from scoring.appraisal.domain.numbers import number_of, plain
from scoring.appraisal.domain.rules.inputs import Count, Counts, Event, Events, Inputs, unsuitable
from scoring.appraisal.domain.rules.outcome import Kind, Parameters, Role, Working
from scoring.appraisal.domain.rules.sentences import deduction_capped
from scoring.appraisal.domain.shapes import NOT_NEGATIVE, by_key, mapping
from scoring.appraisal.domain.words import Text

EACH: Final[Mapping[str, Any]] = {
    "if": {"type": "object"},
    "then": by_key(NOT_NEGATIVE),
    "else": NOT_NEGATIVE,
    "description": "每件分值（不小于 0 的小数），或 {档次: 分值} · points an event (a decimal of at least 0), or {level: points}",
}
_ANY_LEVEL: Final = ""  # the only level of a rule that knows none


@dataclass(frozen=True, slots=True, kw_only=True)
class PerEventDeduct:
    points: Fraction
    each: Mapping[str, Fraction]
    cap: Fraction | None

    def work(self, inputs: Inputs) -> Working:
        counts = self._counts(inputs)
        lost = sum((self._worth(level) * n for level, n in counts.items()), Fraction(0))
        bites = self.cap is not None and lost > self.cap
        taken = self.cap if bites and self.cap is not None else lost
        return Working(
            value=self.points - taken,
            formula=f"{plain(self.points)} - ({self._spelled(counts)})",
            numbers={"events": sum(counts.values(), Fraction(0)), "lost": lost},
            bites=(deduction_capped(taken),) if bites else (),
        )

    def _counts(self, inputs: Inputs) -> Mapping[str, Fraction]:
        match inputs:
            case Count(n):
                return {_ANY_LEVEL: n}
            case Counts(by_level):
                return by_level
            case Events(events):
                return self._once_a_document(events)
            case _:
                raise unsuitable(inputs)

    def _once_a_document(self, events: tuple[Event, ...]) -> Mapping[str, Fraction]:
        """The same document counts once, at the one of its accepted levels that costs most."""
        dearest: dict[str, str] = {}
        for event in events:
            level = event.level or _ANY_LEVEL
            worth = self._worth(level)
            if event.accepted and (event.document not in dearest or worth > self._worth(dearest[event.document])):
                dearest[event.document] = level
        levels = list(dearest.values())
        return {level: Fraction(levels.count(level)) for level in dict.fromkeys(levels)}

    def _worth(self, level: str) -> Fraction:
        if level not in self.each:
            known = ", ".join(self.each)
            raise InputRefused(Text(f"没有档次“{level}”，可用：{known}", f"there is no level {level!r}; one of: {known}"))
        return self.each[level]

    def _spelled(self, counts: Mapping[str, Fraction]) -> str:
        terms = [f"{plain(n)} x {plain(self._worth(level))}" for level, n in counts.items()]
        return " + ".join(terms) or "0"


def _make(parameters: Parameters, points: Fraction) -> PerEventDeduct:
    each = parameters["each"]
    worth = each if isinstance(each, Mapping) else {_ANY_LEVEL: each}
    cap = parameters.get("cap")
    return PerEventDeduct(
        points=points,
        each={level: number_of(value) for level, value in worth.items()},
        cap=None if cap is None else number_of(cap),
    )


def _is_bounded(parameters: Parameters) -> bool:
    return parameters.get("floor", "0") is not None


KIND: Final = Kind(
    name="per_event_deduct",
    title=Text("按件扣分", "a deduction an event"),
    formula=Text("分值 − min(上限, Σ 件数 × 每件扣分)", "points - min(cap, sum of events x points an event)"),
    shape=mapping(("each",), each=EACH, cap=NOT_NEGATIVE, floor={"enum": ["0", 0, None]}),
    takes=(Count, Counts, Events),
    make=_make,
    role=lambda parameters: Role.ORDINARY if _is_bounded(parameters) else Role.DEDUCT_ONLY,
    bounded_below=_is_bounded,
)
