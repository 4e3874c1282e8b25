"""What a scheme is: parts and indicators whose rules are ready to judge."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from fractions import Fraction
from typing import Any, Final, NewType
from zoneinfo import ZoneInfo

from scoring.appraisal.domain.faults import WrongState
from scoring.appraisal.domain.inputs import MeasureKey, Month, Plan
from scoring.appraisal.domain.lines import Line
from scoring.appraisal.domain.numbers import Rounding
from scoring.appraisal.domain.parts import Part
from scoring.appraisal.domain.rules import RuleOf
from scoring.appraisal.domain.rules.inputs import Group as GroupInputs
from scoring.appraisal.domain.words import Text

CycleKey = NewType("CycleKey", str)
GroupKey = NewType("GroupKey", str)
UnitCode = NewType("UnitCode", str)
IndicatorKey = NewType("IndicatorKey", str)
Version = NewType("Version", int)


class State(StrEnum):
    """`coming` is a revision that was activated and still waits: for its measures to be counted, or for its first month."""

    DRAFT = "draft"
    COMING = "coming"
    ACTIVE = "active"
    SUPERSEDED = "superseded"
    CLOSED = "closed"


class Move(StrEnum):
    ACTIVATE = "activate"
    REVISE = "revise"
    WITHDRAW = "withdraw"
    TAKE_OVER = "take_over"
    SUPERSEDE = "supersede"
    CLOSE = "close"


MOVES: Final[Mapping[tuple[State, Move], State]] = {  # office or admin; taking over is the settle loop's, once all is counted
    (State.DRAFT, Move.ACTIVATE): State.ACTIVE,  # the first version of a cycle
    (State.DRAFT, Move.REVISE): State.COMING,  # a later one
    (State.COMING, Move.WITHDRAW): State.DRAFT,
    (State.COMING, Move.TAKE_OVER): State.ACTIVE,
    (State.ACTIVE, Move.SUPERSEDE): State.SUPERSEDED,  # goes on counting for its months, unless it is restated
    (State.ACTIVE, Move.CLOSE): State.CLOSED,
    (State.SUPERSEDED, Move.CLOSE): State.CLOSED,
}


def moved(state: State, move: Move) -> State:
    """Raises `WrongState` with what the state allows."""
    if (state, move) in MOVES:
        return MOVES[state, move]
    allowed = ", ".join(each for held, each in MOVES if held is state) or "-"
    raise WrongState(Text(f"方案处于 {state} 状态，不能 {move}；可做：{allowed}", f"a scheme in {state} can't {move}; it can: {allowed}"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Cycle:
    """Whole months, both included."""

    key: CycleKey
    name: str
    start: Month
    end: Month

    def through(self, today: date) -> Month:
        """The last month of the cycle to date: months that are still to come do not count."""
        return min(Month(f"{today:%Y-%m}"), self.end)


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    key: GroupKey
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    code: UnitCode
    name: str
    group: GroupKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator:
    """`groups` and `units` name whom it judges: both empty means everybody; `stated` is the rule as it was written."""

    key: IndicatorKey
    name: str
    part: str
    definition: str
    department: str
    tags: frozenset[str]
    groups: frozenset[GroupKey]
    units: frozenset[UnitCode]
    stated: Mapping[str, Any]
    rule: RuleOf
    targets: Mapping[UnitCode, str]
    plan: Plan
    lines: tuple[Line, ...]
    confirm: bool = False  # a mark counts only after a second person confirmed it
    of_members: bool = False  # every member of a unit's team is judged, and the unit gets their mean
    self_assessment: bool = False  # the unit says first what it thinks that it deserves

    @property
    def is_marked(self) -> bool:
        """A person marks it; no measure does."""
        return not self.plan.measures

    @property
    def compares(self) -> bool:
        """Its rule judges a unit beside the others of its group."""
        return GroupInputs in self.rule.kind.takes

    @property
    def measures(self) -> frozenset[MeasureKey]:
        return self.plan.measures.union(*(line.plan.measures for line in self.lines))

    def judges(self, unit: Unit) -> bool:
        if not self.groups and not self.units:
            return True
        return unit.group in self.groups or unit.code in self.units

    def rule_for(self, unit: UnitCode) -> RuleOf:
        """The rule with the unit's own target, where it has one."""
        if unit not in self.targets:
            return self.rule
        return replace(self.rule, parameters={**self.rule.parameters, "target": self.targets[unit]})


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheme:
    """`groups` are whom it appraises; empty means all. `effective` is the first month of a revision, unless it `restates` the cycle."""

    cycle: CycleKey
    title: str
    zone: ZoneInfo
    rounding: Rounding
    groups: frozenset[GroupKey]
    parts: tuple[Part, ...]
    indicators: tuple[Indicator, ...]
    measures: Mapping[str, Any]
    effective: Month | None = None
    restates: bool = False

    def begins(self, cycle: Cycle) -> Month:
        """The first month that it counts for."""
        return cycle.start if self.restates or self.effective is None else self.effective

    def appraises(self, unit: Unit) -> bool:
        return not self.groups or unit.group in self.groups

    def indicators_of(self, unit: Unit) -> tuple[Indicator, ...]:
        """Those that judge the unit; none for a unit that the scheme does not appraise."""
        return tuple(indicator for indicator in self.indicators if self.appraises(unit) and indicator.judges(unit))

    @property
    def compares(self) -> bool:
        return any(indicator.compares for indicator in self.indicators)

    @property
    def counts_by_day(self) -> bool:
        """Milestones fall due on a day; everything else moves with facts, with people, and with the month."""
        return any(indicator.plan.milestones for indicator in self.indicators)

    @property
    def points(self) -> Fraction:
        return sum((indicator.rule.points for indicator in self.indicators), Fraction(0))

    def indicator(self, key: IndicatorKey) -> Indicator | None:
        return next((indicator for indicator in self.indicators if indicator.key == key), None)


def count_name(cycle: CycleKey, version: Version) -> str:
    """How totals are keyed: each version of a scheme has its own."""
    return f"{cycle}/{version}"
