from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.workdays import shipped
from notification.domain.occasions import Urgency
from notification.domain.quiet import Quiet, receipt_due

ZONE = ZoneInfo("Asia/Shanghai")
QUIET = Quiet(begin=time(20), end=time(8), zone=ZONE)
CALENDAR = shipped()


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def leaves(urgency: Urgency, told_at: str) -> datetime:
    return QUIET.leaves_at(urgency, local(told_at).astimezone(UTC), CALENDAR)


@pytest.mark.parametrize(
    ("urgency", "told_at", "leaves_at"),
    [
        (Urgency.ROUTINE, "2026-09-14T08:00", "2026-09-14T08:00"),
        (Urgency.ROUTINE, "2026-09-14T19:59", "2026-09-14T19:59"),
        (Urgency.ROUTINE, "2026-09-14T20:00", "2026-09-15T08:00"),
        (Urgency.ROUTINE, "2026-09-14T00:30", "2026-09-14T08:00"),
        (Urgency.ROUTINE, "2026-09-12T10:00", "2026-09-14T08:00"),  # a Saturday
        (Urgency.ROUTINE, "2026-09-20T10:00", "2026-09-20T10:00"),  # a Sunday that is worked
        (Urgency.ROUTINE, "2026-09-30T22:00", "2026-10-08T08:00"),  # National Day
        (Urgency.TODAY, "2026-10-01T00:05", "2026-10-01T08:00"),
        (Urgency.TODAY, "2026-10-01T12:00", "2026-10-01T12:00"),
        (Urgency.AT_ONCE, "2026-10-01T03:00", "2026-10-01T03:00"),
    ],
)
def test_what_is_not_urgent_waits_for_the_morning_and_for_a_working_day(urgency: Urgency, told_at: str, leaves_at: str) -> None:
    assert leaves(urgency, told_at) == local(leaves_at)


def test_a_year_that_the_calendar_does_not_cover_holds_nothing_back_for_a_day_off() -> None:
    assert leaves(Urgency.ROUTINE, "2031-05-04T10:00") == local("2031-05-04T10:00")


@given(st.datetimes(datetime(2024, 1, 1), datetime(2026, 12, 20)), st.sampled_from(list(Urgency)))  # noqa: DTZ001 - made aware below
def test_nothing_leaves_before_it_was_told_nor_much_later(naive: datetime, urgency: Urgency) -> None:
    told_at = naive.replace(tzinfo=UTC)
    leaves_at = QUIET.leaves_at(urgency, told_at, CALENDAR)
    assert told_at <= leaves_at <= told_at + timedelta(days=11)
    assert QUIET.leaves_at(urgency, leaves_at, CALENDAR) == leaves_at


def test_a_receipt_is_due_after_so_many_working_days() -> None:
    assert receipt_due(date(2026, 9, 30), working_days=3, calendar=CALENDAR) == date(2026, 10, 10)  # a Saturday that is worked


def test_nobody_is_blamed_by_a_guess_about_a_year_that_is_not_covered() -> None:
    assert receipt_due(date(2026, 12, 31), working_days=3, calendar=CALENDAR) is None
