"""Statements (情况说明): a unit explains named records, the office accepts, a second person approves, and they count no more."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final, NewType
from uuid import UUID

from scoring.appraisal.domain.faults import NotAllowed, WrongState
from scoring.appraisal.domain.inputs import MeasureKey, Month, MonthTotal
from scoring.appraisal.domain.schemes import CycleKey, Indicator, IndicatorKey, UnitCode
from scoring.appraisal.domain.words import Text

StatementId = NewType("StatementId", UUID)


class State(StrEnum):
    FILED = "filed"
    ACCEPTED = "accepted"
    APPROVED = "approved"
    REFUSED = "refused"


class Move(StrEnum):
    ACCEPT = "accept"
    APPROVE = "approve"
    REFUSE = "refuse"


MOVES: Final[Mapping[tuple[State, Move], State]] = {
    (State.FILED, Move.ACCEPT): State.ACCEPTED,
    (State.FILED, Move.REFUSE): State.REFUSED,
    (State.ACCEPTED, Move.APPROVE): State.APPROVED,
    (State.ACCEPTED, Move.REFUSE): State.REFUSED,
}
MOVERS: Final[Mapping[tuple[State, Move], str]] = {
    (State.FILED, Move.ACCEPT): "office",
    (State.FILED, Move.REFUSE): "office",
    (State.ACCEPTED, Move.APPROVE): "leader",
    (State.ACCEPTED, Move.REFUSE): "leader",
}


@dataclass(frozen=True, slots=True)
class RecordName:
    source: str
    subject: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    move: Move
    by: str
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """`measures` are excluded from wherever they are inputs; with an `indicator` instead, all of its own are."""

    id: StatementId
    cycle: CycleKey
    unit: UnitCode
    records: tuple[RecordName, ...]
    measures: frozenset[MeasureKey]
    indicator: IndicatorKey | None
    reason: str
    evidence: tuple[UUID, ...]
    state: State
    filed_by: str
    filed_at: datetime
    steps: tuple[Step, ...] = ()

    def names(self, measure: MeasureKey, indicator: Indicator) -> bool:
        """Whether it takes its records out of this measure of this indicator."""
        return measure in self.measures if self.indicator is None else self.indicator == indicator.key

    def after(self, step: Step, *, roles: frozenset[str]) -> "Statement":
        """Raises `WrongState`, or `NotAllowed` for another role, or for one person who takes two of the steps."""
        if (self.state, step.move) not in MOVES:
            allowed = ", ".join(f"{move} ({MOVERS[held, move]})" for held, move in MOVES if held is self.state) or "-"
            zh = f"情况说明处于 {self.state} 状态，不能 {step.move}；可做：{allowed}"
            raise WrongState(Text(zh, f"a statement in {self.state} can't {step.move}; it can: {allowed}"))
        mover = MOVERS[self.state, step.move]
        if mover not in roles:
            raise NotAllowed(Text(f"此步骤由 {mover} 办理", f"this step is for the role {mover}"))
        if step.by in {self.filed_by, *(each.by for each in self.steps)}:
            raise NotAllowed(Text("须由另一人办理", "this step needs another person than those before it"))
        return replace(self, state=MOVES[self.state, step.move], steps=(*self.steps, step))


@dataclass(frozen=True, slots=True, kw_only=True)
class Contribution:
    """What a record adds to a measure in a month: in a locked month what the locked figure holds of it."""

    record: RecordName
    measure: MeasureKey
    month: Month
    held: MonthTotal


@dataclass(frozen=True, slots=True)
class Exclusion:
    statement: Statement
    contribution: Contribution


def exclusions(statements: Sequence[Statement], contributions: Sequence[Contribution], indicator: Indicator) -> tuple[Exclusion, ...]:
    """What is left out of one indicator: each contribution once, by the first statement that names it."""
    found = []
    for contribution in contributions:
        naming = (each for each in statements if contribution.record in each.records and each.names(contribution.measure, indicator))
        first = next(naming, None)
        if first is not None and contribution.measure in indicator.measures:
            found.append(Exclusion(first, contribution))
    return tuple(found)
