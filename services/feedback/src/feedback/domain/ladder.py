"""The ladder of reminders: which stage holds on a day, and which ones were missed."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from kit.workdays import Calendar


class Stage(StrEnum):
    """In the order in which they come."""

    BEFORE_DUE = "before_due"
    DUE_TODAY = "due_today"
    OVERDUE_NOTICE = "overdue_notice"
    CRITICISM = "criticism"
    INTERVIEW = "interview"


ORDER: Final = tuple(Stage)
DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ladder:
    """In working days: when the reminder starts, and after how many days over the criticism and the interview come."""

    before: int = 3
    criticism_over: int = 5
    interview_over: int = 10


@dataclass(frozen=True, slots=True)
class Step:
    """What to do today: a stage to send, with those that are recorded as skipped."""

    stage: Stage | None = None
    skipped: tuple[Stage, ...] = ()
    over: int = 0


def days_over(due_on: date, today: date, calendar: Calendar) -> int:
    """Working days after the due date up to and including today."""
    return calendar.working_days(after=due_on, through=today)


def stage_on(due_on: date, today: date, calendar: Calendar, ladder: Ladder) -> Stage | None:
    """The stage that holds on a day; none holds long before the due date and on days off right after it."""
    if today < due_on:
        left = calendar.working_days(after=today, through=due_on - DAY)
        return Stage.BEFORE_DUE if left < ladder.before else None
    if today == due_on:
        return Stage.DUE_TODAY
    return _stage_over(days_over(due_on, today, calendar), ladder)


def _stage_over(over: int, ladder: Ladder) -> Stage | None:
    if over > ladder.interview_over:
        return Stage.INTERVIEW
    if over > ladder.criticism_over:
        return Stage.CRITICISM
    return Stage.OVERDUE_NOTICE if over else None


def step(
    due_on: date,
    today: date,
    *,
    sent: Collection[Stage],
    calendar: Calendar,
    ladder: Ladder,
    stopped: Collection[Stage] = (),
    closed_on: date | None = None,
) -> Step:
    """What is sent today for this due date, once `sent` were; `stopped` ones are not sent (an accepted statement).

    Only the stage that holds now is sent: after downtime the ones between the last sent and this are skipped for good.
    """
    if closed_on is not None and closed_on <= today:
        return Step()
    stage = stage_on(due_on, today, calendar, ladder)
    if stage is None or stage in stopped:
        return Step()
    first_unsent = max((ORDER.index(told) + 1 for told in sent), default=0)
    if ORDER.index(stage) < first_unsent:
        return Step()
    return Step(stage, ORDER[first_unsent : ORDER.index(stage)], days_over(due_on, today, calendar))
