from dataclasses import replace

import pytest

from feedback.domain.deductions import Decision, Deduction, DeductionId, Level, propose
from feedback.domain.errors import AlreadyDecided, OwnProposal
from feedback.domain.words import PLATFORM, CycleKey, IndicatorKey, ItemId, UnitCode
from tests.unit.feedback.builders import MONDAY, OFFICE

OVERDUE = Deduction(
    id=DeductionId("d-1"),
    matter="item-1",
    item=ItemId("item-1"),
    cycle=CycleKey("2025"),
    unit=UnitCode("wanglan"),
    indicator=IndicatorKey("on_time"),
    level=Level.OVERDUE,
    reason="逾期6个工作日",
    proposed_by=PLATFORM,
    proposed_on=MONDAY,
)


def test_the_first_proposal_of_a_matter_stands() -> None:
    fact = propose(OVERDUE, standing=None)
    assert fact is not None
    assert fact.deduction == OVERDUE


@pytest.mark.parametrize("decision", Decision)
def test_one_matter_is_not_deducted_again_at_the_same_level(decision: Decision) -> None:
    assert propose(OVERDUE, standing=replace(OVERDUE, decision=decision)) is None


def test_a_matter_is_not_deducted_at_a_lower_level() -> None:
    assert propose(OVERDUE, standing=replace(OVERDUE, level=Level.UNTRUE)) is None


def test_a_higher_level_replaces_the_standing_one_and_is_decided_again() -> None:
    worse = replace(OVERDUE, id=DeductionId("d-2"), level=Level.RECURRED)
    fact = propose(worse, standing=replace(OVERDUE, decision=Decision.CONFIRMED))
    assert fact is not None
    assert (fact.deduction.id, fact.deduction.level, fact.deduction.decision) == ("d-1", Level.RECURRED, Decision.PROPOSED)


def test_the_office_confirms_or_refuses() -> None:
    confirmed = OVERDUE.confirm(by=OFFICE, today=MONDAY).deduction
    assert (confirmed.decision, confirmed.decided_by, confirmed.decided_on) == (Decision.CONFIRMED, OFFICE, MONDAY)
    assert OVERDUE.refuse(by=OFFICE, today=MONDAY).deduction.decision is Decision.REFUSED


def test_a_decision_stays() -> None:
    with pytest.raises(AlreadyDecided):
        OVERDUE.confirm(by=OFFICE, today=MONDAY).deduction.refuse(by=OFFICE, today=MONDAY)


def test_who_proposed_does_not_decide() -> None:
    with pytest.raises(OwnProposal):
        replace(OVERDUE, proposed_by=OFFICE).confirm(by=OFFICE, today=MONDAY)
