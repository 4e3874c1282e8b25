"""Deductions (扣): proposed for overdue, recurred or untrue matters, confirmed by the office, each matter once at its highest."""

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import NewType

from feedback.domain.errors import AlreadyDecided, OwnProposal
from feedback.domain.facts import DeductionConfirmed, DeductionProposed, DeductionRefused
from feedback.domain.words import CycleKey, IndicatorKey, ItemId, Person, UnitCode

DeductionId = NewType("DeductionId", str)


class Level(StrEnum):
    """In rising order; the scheme says how many points each is worth."""

    OVERDUE = "overdue"
    RECURRED = "recurred"
    UNTRUE = "untrue"

    @property
    def rank(self) -> int:
        return list(Level).index(self)


class Decision(StrEnum):
    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deduction:
    """`matter` is what is deducted for, normally an item: there is at most one deduction of a matter."""

    id: DeductionId
    matter: str
    item: ItemId
    cycle: CycleKey
    unit: UnitCode
    indicator: IndicatorKey
    level: Level
    reason: str
    proposed_by: Person
    proposed_on: date
    decision: Decision = Decision.PROPOSED
    decided_by: Person | None = None
    decided_on: date | None = None

    def confirm(self, *, by: Person, today: date) -> DeductionConfirmed:
        return DeductionConfirmed(deduction=self._decided(Decision.CONFIRMED, by, today), by=by, on=today)

    def refuse(self, *, by: Person, today: date) -> DeductionRefused:
        return DeductionRefused(deduction=self._decided(Decision.REFUSED, by, today), by=by, on=today)

    def _decided(self, decision: Decision, by: Person, today: date) -> "Deduction":
        if self.decision is not Decision.PROPOSED:
            raise AlreadyDecided(self.decision)
        if by == self.proposed_by:
            raise OwnProposal
        return replace(self, decision=decision, decided_by=by, decided_on=today)


def propose(wanted: Deduction, *, standing: Deduction | None) -> DeductionProposed | None:
    """A new proposal, a higher level of the standing one (to be decided again), or nothing: one matter deducts once."""
    if standing is None:
        return DeductionProposed(deduction=wanted, by=wanted.proposed_by, on=wanted.proposed_on)
    if wanted.level.rank <= standing.level.rank:
        return None
    raised = replace(wanted, id=standing.id)
    return DeductionProposed(deduction=raised, by=wanted.proposed_by, on=wanted.proposed_on)
