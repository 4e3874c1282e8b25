"""When a message may leave the platform: quiet hours and days off hold back what is not urgent."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from kit.workdays import Calendar, NotCovered
from notification.domain.occasions import Urgency

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Quiet:
    """Nights in the bureau's zone, from `begin` in the evening to `end` in the morning."""

    begin: time
    end: time
    zone: ZoneInfo

    def leaves_at(self, urgency: Urgency, told_at: datetime, calendar: Calendar) -> datetime:
        """The first instant from `told_at` on at which the message may leave.

        In a year that the calendar does not cover nothing is held back for a day off: late is worse than inconvenient.
        """
        if urgency is Urgency.AT_ONCE:
            return told_at
        local = told_at.astimezone(self.zone)
        if self._is_waking(local.time()) and (urgency is Urgency.TODAY or _is_worked(local.date(), calendar)):
            return told_at
        day = local.date() if local.time() < self.end else local.date() + DAY
        while urgency is Urgency.ROUTINE and not _is_worked(day, calendar):
            day += DAY
        return max(told_at, datetime.combine(day, self.end, self.zone).astimezone(told_at.tzinfo))

    def _is_waking(self, now: time) -> bool:
        return self.end <= now < self.begin


def _is_worked(day: date, calendar: Calendar) -> bool:
    try:
        return calendar.is_working(day)
    except NotCovered:
        return True


def receipt_due(told_on: date, *, working_days: int, calendar: Calendar) -> date | None:
    """The last day for a receipt; None where the calendar does not reach it, so that nobody is blamed by a guess."""
    try:
        return calendar.after(told_on, working_days)
    except NotCovered:
        return None
