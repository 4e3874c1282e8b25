"""Data confirmation (数据核定): a unit confirms or disputes its figures of a period by a date, and then they lock."""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from fractions import Fraction
from typing import Final, NewType
from uuid import UUID

from scoring.appraisal.domain.faults import Conflict, NotAllowed, WrongState
from scoring.appraisal.domain.inputs import MeasureKey, Month, MonthTotal, Totals
from scoring.appraisal.domain.numbers import plain
from scoring.appraisal.domain.periods import Period, PeriodKey, Span
from scoring.appraisal.domain.schemes import CycleKey, UnitCode, Version
from scoring.appraisal.domain.words import Text

DisputeId = NewType("DisputeId", UUID)


class State(StrEnum):
    """Where a unit stands with a period; its figures are kept from `locked` on."""

    OPEN = "open"
    CONFIRMED = "confirmed"
    DISPUTED = "disputed"
    DECIDED = "decided"
    DEEMED = "deemed"
    LOCKED = "locked"


class Move(StrEnum):
    CONFIRM = "confirm"
    DISPUTE = "dispute"
    DECIDE = "decide"
    LAPSE = "lapse"
    LOCK = "lock"


# `decide` is the last undecided dispute; `lapse` is the date that passed in silence (视为认可).
MOVES: Final[Mapping[tuple[State, Move], State]] = {
    (State.OPEN, Move.CONFIRM): State.CONFIRMED,
    (State.OPEN, Move.DISPUTE): State.DISPUTED,
    (State.OPEN, Move.LAPSE): State.DEEMED,
    (State.DISPUTED, Move.DISPUTE): State.DISPUTED,
    (State.DISPUTED, Move.DECIDE): State.DECIDED,
    (State.DECIDED, Move.CONFIRM): State.CONFIRMED,
    (State.DECIDED, Move.DISPUTE): State.DISPUTED,
    (State.CONFIRMED, Move.LOCK): State.LOCKED,
    (State.DECIDED, Move.LOCK): State.LOCKED,
    (State.DEEMED, Move.LOCK): State.LOCKED,
}


def moved(state: State, move: Move) -> State:
    """Raises `WrongState` with what the state allows."""
    if (state, move) in MOVES:
        return MOVES[state, move]
    allowed = ", ".join(each for held, each in MOVES if held is state) or "-"
    raise WrongState(
        Text(f"数据核定处于 {state} 状态，不能 {move}；可做：{allowed}", f"a confirmation in {state} can't {move}; it can: {allowed}")
    )


class Outcome(StrEnum):
    """What follows from a dispute: nothing, a correction by the source, or an exclusion by a statement."""

    REJECTED = "rejected"
    CORRECT = "correct"
    EXCLUDE = "exclude"


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A period that the office opened for confirmation until a date, that day included."""

    cycle: CycleKey
    period: Period
    by: date
    opened_by: str
    opened_at: datetime

    def has_passed(self, today: date) -> bool:
        return today > self.by


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    """One unit's; `basis` says from which state it was locked: confirmed, decided or deemed."""

    cycle: CycleKey
    period: PeriodKey
    unit: UnitCode
    state: State
    basis: State | None
    changed_by: str
    changed_at: datetime

    @property
    def is_locked(self) -> bool:
        return self.state is State.LOCKED

    def after(self, move: Move, *, by: str, at: datetime) -> "Confirmation":
        return replace(self, state=moved(self.state, move), changed_by=by, changed_at=at)

    def locked(self) -> "Confirmation":
        """By the same hand and at the same instant as what led to it."""
        return replace(self, state=moved(self.state, Move.LOCK), basis=self.state)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    outcome: Outcome
    reason: str
    decided_by: str
    decided_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispute:
    """A unit's doubt about one record of one measure."""

    id: DisputeId
    cycle: CycleKey
    period: PeriodKey
    unit: UnitCode
    source: str
    subject: str
    measure: MeasureKey
    reason: str
    raised_by: str
    raised_at: datetime
    decision: Decision | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """What one measure comes to in one month of one unit."""

    version: Version
    measure: MeasureKey
    month: Month
    held: MonthTotal


NOTHING: Final = MonthTotal(0, Fraction(0))


def openable(period: Period, *, by: date, today: date, opened: Iterable[Opened]) -> None:
    """Raises `Conflict` for a period that is not over, a date that passed, or months that another opened period holds."""
    if period.span is Span.YEAR:
        raise Conflict(Text("数据核定按月或按季进行", "a month or a quarter is confirmed, not a year"))
    if period.last >= f"{today:%Y-%m}":
        raise Conflict(Text(f"期间 {period.key} 尚未结束，不能核定", f"the period {period.key} is not over yet"))
    if by < today:
        raise Conflict(Text("核定截止日已过，请另定日期", "the date has passed already: name a later one"))
    for other in opened:
        if other.period.key != period.key and set(other.period.months) & set(period.months):
            raise Conflict(
                Text(f"其中有月份已在 {other.period.key} 中核定", f"some of its months are confirmed with {other.period.key} already")
            )


def still_open(opened: Opened, *, today: date) -> None:
    """Raises `NotAllowed` after the date."""
    if opened.has_passed(today):
        raise NotAllowed(
            Text(f"核定截止日 {opened.by} 已过，请联系考核办", f"the date of this confirmation, {opened.by}, has passed: ask the office")
        )


def figures_of(totals: Totals, *, version: Version, measures: Iterable[MeasureKey], months: Collection[Month]) -> tuple[Figure, ...]:
    """One a measure and month, also where nothing was counted: that there was nothing is confirmed too."""
    return tuple(
        Figure(version=version, measure=measure, month=month, held=totals.get(measure, {}).get(month, NOTHING))
        for measure in sorted(measures)
        for month in sorted(months)
    )


def seal(figures: Iterable[Figure]) -> str:
    """What a unit says that it has seen: another figure gives another seal."""
    lines = [f"{one.version} {one.measure} {one.month} {one.held.n} {plain(one.held.total)}" for one in figures]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def locks_at_once(decisions: Iterable[Decision], *, has_passed: bool) -> bool:
    """Whether nothing is to be waited for after the last decision: a correction that was promised has until the date."""
    return has_passed or all(decision.outcome is not Outcome.CORRECT for decision in decisions)
