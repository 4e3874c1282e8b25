"""When a rectification is due: working days after it was signed, or an exact date."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from types import MappingProxyType
from typing import Final

from feedback.domain.ladder import Ladder
from feedback.domain.words import Severity
from kit.workdays import Calendar

WORKING_DAYS: Final[Mapping[Severity, int]] = MappingProxyType({Severity.MINOR: 30, Severity.MAJOR: 15, Severity.SEVERE: 5})


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What the office has settled for everybody before the year begins."""

    working_days: Mapping[Severity, int] = field(default_factory=lambda: WORKING_DAYS)
    deemed_after: int = 3
    days_after_return: int = 5
    extensions: int = 1
    ladder: Ladder = field(default_factory=Ladder)


def deemed_on(sent_on: date, deemed_after: int) -> date:
    """The day on which a notice that nobody signed counts as signed: calendar days after it was sent."""
    return sent_on + timedelta(days=deemed_after)


def signing_day(*, signed_on: date | None, sent_on: date | None, deemed_after: int) -> date:
    """The earlier of signed and deemed signed counts; one of the two days is given."""
    days = [signed_on] if sent_on is None else [signed_on, deemed_on(sent_on, deemed_after)]
    return min(day for day in days if day is not None)


def due_after(signed_on: date, working_days: int, calendar: Calendar) -> date:
    """Working days from the day after signing; raises `NotCovered` when one that counts is in an unknown year."""
    return calendar.after(signed_on, working_days)


def due_after_return(due_on: date, today: date, *, least: int, calendar: Calendar) -> date:
    """The due date stands if at least `least` working days are left after today; otherwise `least` are given from today."""
    if due_on > today and calendar.working_days(after=today, through=due_on) >= least:
        return due_on
    return calendar.after(today, least)
