"""What a rule judges: the shapes of its inputs."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any, TypeAlias

from scoring.appraisal.domain.faults import InputRefused
from scoring.appraisal.domain.numbers import plain
from scoring.appraisal.domain.words import Text


@dataclass(frozen=True, slots=True)
class Quotient:
    a: Fraction
    b: Fraction


@dataclass(frozen=True, slots=True)
class Number:
    x: Fraction


@dataclass(frozen=True, slots=True)
class Count:
    n: Fraction


@dataclass(frozen=True, slots=True)
class Counts:
    """How often each level occurred."""

    by_level: Mapping[str, Fraction]


@dataclass(frozen=True, slots=True)
class Event:
    document: str
    level: str | None
    accepted: bool


@dataclass(frozen=True, slots=True)
class Events:
    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class Mark:
    mark: Fraction
    reason: str


@dataclass(frozen=True, slots=True)
class Group:
    """The x of every unit of the group, none where a unit has no value; `unit` is the one that is scored."""

    values: Mapping[str, Fraction | None]
    unit: str


@dataclass(frozen=True, slots=True)
class Found:
    """How many pieces of evidence were accepted."""

    found: Fraction


@dataclass(frozen=True, slots=True)
class Marks:
    marks: tuple[Fraction, ...]


@dataclass(frozen=True, slots=True)
class Paper:
    """One voter's marks for all candidates, as they were written."""

    voter: str
    marks: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Ballots:
    """Papers by class in the order of casting; `candidates` must all be marked, `unit` is the one that is scored."""

    papers: Mapping[str, tuple[Paper, ...]]
    candidates: frozenset[str]
    unit: str


@dataclass(frozen=True, slots=True)
class Tally:
    """Ballots that were counted elsewhere: how often each class gave each mark to the unit, and how many papers were invalid."""

    counts: Mapping[str, Mapping[str, int]]
    invalid: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Card:
    points: Fraction
    times: Fraction


@dataclass(frozen=True, slots=True)
class Cards:
    cards: tuple[Card, ...]


@dataclass(frozen=True, slots=True)
class Milestone:
    due: date
    done: date | None
    share: Fraction


@dataclass(frozen=True, slots=True)
class Milestones:
    milestones: tuple[Milestone, ...]
    reckoned_on: date


Inputs: TypeAlias = Quotient | Number | Count | Counts | Events | Mark | Group | Found | Marks | Ballots | Tally | Cards | Milestones
Raw = Mapping[str, Any]
"""Inputs as JSON values; `reading.inputs_of` reads them."""


def value_of(inputs: Inputs) -> tuple[Fraction | None, str]:
    """The x of a rule with its spelling; none where it is a quotient over zero."""
    match inputs:
        case Number(x):
            return x, plain(x)
        case Quotient(a, b):
            return (a / b if b else None), f"({plain(a)} / {plain(b)})"
        case _:
            raise unsuitable(inputs)


def unsuitable(inputs: Inputs) -> InputRefused:
    shape = type(inputs).__name__
    return InputRefused(Text(f"该计分规则不接受 {shape} 形式的输入", f"this rule does not take inputs of the shape {shape}"))
