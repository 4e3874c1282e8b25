"""What events come to: how often each level occurred, the same document once, and what a level is worth."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

from scoring.appraisal.domain.faults import InputRefused
from scoring.appraisal.domain.numbers import added, number_of
from scoring.appraisal.domain.rules.inputs import Count, Counts, Event, Events, Inputs, unsuitable
from scoring.appraisal.domain.rules.sentences import summed
from scoring.appraisal.domain.shapes import NOT_NEGATIVE, by_key
from scoring.appraisal.domain.words import Text

EACH: Final[Mapping[str, Any]] = {
    "if": {"type": "object"},
    "then": by_key(NOT_NEGATIVE),
    "else": NOT_NEGATIVE,
    "description": "每件分值（不小于 0 的小数），或 {档次: 分值} · points an event (a decimal of at least 0), or {level: points}",
}
_ANY_LEVEL: Final = ""  # the only level of a rule that knows none


@dataclass(frozen=True, slots=True)
class Tally:
    """What the events come to, and how it is spelled (`2 x 1 + 1 x 3`)."""

    worth: Fraction
    events: Fraction
    spelled: str


@dataclass(frozen=True, slots=True)
class Worths:
    """What an event is worth, by level, or whatever its level where the rule knows none."""

    each: Mapping[str, Fraction]

    def worth_of(self, level: str | None) -> Fraction | None:
        """Of one event; none for a level that is not known."""
        return self.each.get(_ANY_LEVEL if _ANY_LEVEL in self.each else level or _ANY_LEVEL)

    def tally(self, inputs: Inputs) -> Tally:
        counts = self._counts(inputs)
        terms = [(n, self._of(level)) for level, n in counts.items()]
        return Tally(added(n * worth for n, worth in terms), added(counts.values()), summed(terms))

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
        """The same document counts once, at the one of its accepted levels with the most points, in any order of events."""
        highest: dict[str, str] = {}
        for event in events:
            level = self._level(event)
            worth = self._of(level)
            if event.accepted and (event.document not in highest or worth > self._of(highest[event.document])):
                highest[event.document] = level
        often = Counter(highest.values())
        return {level: Fraction(often[level]) for level in self.each if level in often}

    def _level(self, event: Event) -> str:
        return _ANY_LEVEL if _ANY_LEVEL in self.each else event.level or _ANY_LEVEL

    def _of(self, level: str) -> Fraction:
        if level not in self.each:
            known = ", ".join(self.each)
            raise InputRefused(Text(f"没有档次“{level[:60]}”，可用：{known}", f"there is no level {level[:60]!r}; one of: {known}"))
        return self.each[level]


def worths_of(each: Any) -> Worths:  # noqa: ANN401 - a JSON value that fits EACH
    stated = each if isinstance(each, Mapping) else {_ANY_LEVEL: each}
    return Worths({level: number_of(value) for level, value in stated.items()})
