"""What a rule makes of its inputs before bounds and rounding, and what it must offer to be registered."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from typing import Any, Protocol

from scoring.appraisal.domain.faults import Fault
from scoring.appraisal.domain.rules.inputs import Inputs, Raw
from scoring.appraisal.domain.shapes import Shape
from scoring.appraisal.domain.words import Text


class Role(StrEnum):
    """How an indicator enters its part's score."""

    ORDINARY = "ordinary"
    BONUS = "bonus"
    DEDUCT_ONLY = "deduct_only"


@dataclass(frozen=True, slots=True, kw_only=True)
class Working:
    """A rule's result, not yet bounded or rounded; `formula` is arithmetic in digits, readable in any language.

    `invalid` counts by reason what a ballot left out.
    """

    value: Fraction
    formula: str
    numbers: Mapping[str, Fraction] = field(default_factory=dict)
    bites: tuple[Text, ...] = ()
    invalid: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Empty:
    """There is nothing to judge (a zero denominator, no mark): the indicator's `on_empty` decides, unless it is `excluded` in any case."""

    reason: Text
    excluded: bool = False
    invalid: Mapping[str, int] = field(default_factory=dict)


class Rule(Protocol):
    @property
    def points(self) -> Fraction: ...

    def work(self, inputs: Inputs) -> Working | Empty:
        """Raises `InputRefused` for inputs that are not of the kind's shapes."""


Parameters = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A worked example: what the rule gives for these inputs, worked out by hand, with two decimals."""

    rule: Parameters
    points: str
    inputs: Raw
    result: str


def no_more_faults(_parameters: Parameters) -> tuple[Fault, ...]:
    return ()


def no_merit(_parameters: Parameters) -> bool:
    return False


def higher_is_better(parameters: Parameters) -> bool:
    return bool(parameters["better"] == "higher")


def ordinary(_parameters: Parameters) -> Role:
    return Role.ORDINARY


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of rule: its words, the shape of its parameters and inputs, and how to make the rule.

    `faults` holds what a JSON Schema can't say and runs on parameters that fit it; `more_is_better` says whether
    more of what is counted gives more points (the lawful check asks).
    """

    name: str
    title: Text
    formula: Text
    shape: Shape
    takes: tuple[type[Inputs], ...]
    make: Callable[[Parameters, Fraction], Rule]
    example: Example
    faults: Callable[[Parameters], tuple[Fault, ...]] = no_more_faults
    more_is_better: Callable[[Parameters], bool] = no_merit
    role: Callable[[Parameters], Role] = ordinary
    bounded_below: Callable[[Parameters], bool] = lambda _parameters: True
