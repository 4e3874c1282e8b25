from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from contracts import feedback
from contracts.envelope import Contract, contracts_of
from feedback.domain import facts
from feedback.domain.deductions import Deduction, DeductionId, Level, propose
from feedback.domain.ladder import Stage
from feedback.domain.rectification import Rectification
from feedback.domain.states import State
from feedback.domain.words import PLATFORM
from feedback.events import Tongue
from tests.unit.feedback.builders import CALENDAR, DUE, LEADER, MONDAY, OFFICE, POLICY, UNIT, finding, in_state, opened

TODAY: dict[str, Any] = {"by": UNIT, "today": MONDAY}
COUNTED: dict[str, Any] = {"policy": POLICY, "calendar": CALENDAR}
UNTIL = date(2025, 4, 1)


def running() -> Rectification:
    return in_state(State.IN_PROGRESS)


def asked() -> facts.ExtensionAsked:
    return running().ask_for_extension(until=UNTIL, reason="雨", **TODAY, **COUNTED)


def deduction() -> Deduction:
    item = running()
    return Deduction(
        id=DeductionId("d-1"),
        matter=item.id,
        item=item.id,
        cycle=item.cycle,
        unit=item.unit,
        indicator=item.indicator,
        level=Level.OVERDUE,
        reason="逾期",
        proposed_by=PLATFORM,
        proposed_on=MONDAY,
    )


def reached() -> facts.StageReached:
    fact = running().stage_reached(today=DUE, told=frozenset({Stage.BEFORE_DUE}), **COUNTED)
    assert fact is not None
    return fact


def proposed() -> facts.DeductionProposed:
    fact = propose(deduction(), standing=None)
    assert fact is not None
    return fact


def cancelled() -> facts.Cancelled:
    wanted = running().ask_for_cancellation(reason="重复", **TODAY)
    return wanted.item.cancel(by=LEADER, today=MONDAY)


SAID: list[tuple[Callable[[], facts.Fact], dict[str, Any]]] = [
    (
        lambda: facts.ProblemRaised(item=opened(), by=OFFICE, on=MONDAY, finding=finding()),
        {"severity": "minor", "finding": "三件案件超期", "label": None},
    ),
    (lambda: running().add(finding(), **TODAY), {"finding": "三件案件超期"}),
    (lambda: opened().notice(number=3, policy=POLICY, **TODAY), {"number": 3, "working_days": 30, "deemed_on": date(2025, 3, 6)}),
    (lambda: in_state(State.NOTICED).sign(**TODAY, **COUNTED), {"signed_on": MONDAY, "deemed": False, "label": "考整〔2025〕1号"}),
    (lambda: in_state(State.SIGNED).start(**TODAY), {"number": 1}),
    (lambda: running().submit(report="完成", **TODAY), {"report": "完成"}),
    (lambda: in_state(State.SUBMITTED).return_for(missing="照片", **TODAY, **COUNTED), {"missing": "照片", "due_on": DUE}),
    (asked, {"until": UNTIL, "due_on": DUE, "reason": "雨"}),
    (lambda: asked().item.decide_extension(granted=True, by=OFFICE, today=MONDAY), {"granted": True, "due_on": UNTIL}),
    (lambda: running().accept_statement(reason="台风", **TODAY), {"reason": "台风"}),
    (reached, {"stage": "due_today", "due_on": DUE, "over": 0}),
    (lambda: in_state(State.SUBMITTED).verify(by=OFFICE, today=MONDAY, accepted=1), {"first_time": True, "verified_on": MONDAY}),
    (lambda: in_state(State.VERIFIED).close(**TODAY), {"late": False, "closed_on": MONDAY}),
    (lambda: running().ask_for_cancellation(reason="重复", **TODAY), {"reason": "重复"}),
    (cancelled, {"reason": "重复", "number": 1}),
    (proposed, {"deduction": "d-1", "matter": "item-1", "level": "overdue", "proposed_on": MONDAY}),
    (lambda: deduction().confirm(by=OFFICE, today=DUE), {"matter": "item-1", "confirmed_on": DUE, "reason": "逾期"}),
    (lambda: deduction().refuse(by=OFFICE, today=DUE), {"refused_on": DUE}),
]


def said(happened: Callable[[], facts.Fact]) -> Contract:
    return Tongue(POLICY).contract_of(happened())


@pytest.mark.parametrize(("happened", "expected"), SAID)
def test_a_fact_is_said_with_what_others_need(happened: Callable[[], facts.Fact], expected: dict[str, Any]) -> None:
    contract = said(happened)
    assert contract.key == "item-1"
    assert contract.model_dump() | expected | {"unit": "wanglan", "cycle": "2025"} == contract.model_dump()


def test_every_fact_has_its_own_contract_and_every_contract_its_fact() -> None:
    assert {type(said(happened)).TYPE for happened, _ in SAID} == {contract.TYPE for contract in contracts_of(feedback) if contract.TYPE}
