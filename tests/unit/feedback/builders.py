from dataclasses import replace
from datetime import date

from feedback.domain.deadlines import Policy
from feedback.domain.rectification import Finding, Rectification, raise_problem
from feedback.domain.states import State
from feedback.domain.words import CycleKey, IndicatorKey, ItemId, Person, Severity, UnitCode
from kit.workdays import shipped

CALENDAR = shipped()
POLICY = Policy()
OFFICE, UNIT, ASSESSOR, LEADER = Person("office-1"), Person("unit-1"), Person("assessor-1"), Person("leader-1")
MONDAY = date(2025, 3, 3)
DUE = date(2025, 3, 14)


def finding(*, severity: Severity = Severity.MINOR, exact_on: date | None = None, unit: str = "wanglan", cause: str = "late") -> Finding:
    return Finding(
        cycle=CycleKey("2025"),
        unit=UnitCode(unit),
        indicator=IndicatorKey("on_time"),
        indicator_name="案件按期办结率",
        cause=cause,
        text="三件案件超期",
        severity=severity,
        exact_on=exact_on,
    )


def opened(*, severity: Severity = Severity.MINOR, exact_on: date | None = None, today: date = MONDAY) -> Rectification:
    found = finding(severity=severity, exact_on=exact_on)
    return raise_problem(ItemId("item-1"), found, by=ASSESSOR, today=today, calendar=CALENDAR).item


def noticed(*, severity: Severity = Severity.MINOR, today: date = MONDAY, exact_on: date | None = None) -> Rectification:
    return opened(severity=severity, exact_on=exact_on, today=today).notice(number=1, by=OFFICE, today=today, policy=POLICY).item


def in_state(state: State, *, due_on: date = DUE) -> Rectification:
    """An item as it would have come to this state by the ordinary way, due on a Friday."""
    if state is State.OPEN:
        return opened()
    if state is State.NOTICED:
        return noticed()
    running = replace(noticed(), state=State.SIGNED, signed_on=MONDAY, due_on=due_on)
    if state in {State.SIGNED, State.IN_PROGRESS}:
        return replace(running, state=state)
    handed_in = replace(running, state=state, submitted_by=UNIT, submitted_on=MONDAY)
    return replace(handed_in, returns=1) if state is State.RETURNED else handed_in
