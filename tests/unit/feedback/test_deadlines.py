from datetime import date
from typing import Any

import pytest

from feedback.domain.deadlines import due_after, due_after_return, signing_day
from kit.workdays import Calendar, NotCovered
from tests.unit.feedback.builders import CALENDAR
from tests.vectors import cases


def calendar_of(case: dict[str, Any]) -> Calendar:
    calendar = CALENDAR
    for year, days in case.get("calendar_year_overrides", {}).items():
        holidays, workdays = (map(date.fromisoformat, days[kind]) for kind in ("holidays", "workdays"))
        calendar = calendar.with_year(int(year), holidays, workdays)
    return calendar


def day(case: dict[str, Any], name: str) -> date | None:
    return date.fromisoformat(case[name]) if name in case else None


def due_on(case: dict[str, Any]) -> date:
    signed = signing_day(signed_on=day(case, "signed_on"), sent_on=day(case, "sent_on"), deemed_after=case.get("deemed_after", 0))
    return due_after(signed, case["working_days"], calendar_of(case))


@pytest.mark.parametrize("case", cases("deadlines"))
def test_vectors_of_deadlines(case: dict[str, Any]) -> None:
    if "error" in case["expect"]:
        with pytest.raises(NotCovered):
            due_on(case)
    else:
        assert due_on(case).isoformat() == case["expect"]["due_on"]


@pytest.mark.parametrize(
    ("due", "today", "expected"),
    [
        (date(2025, 3, 14), date(2025, 3, 7), date(2025, 3, 14)),
        (date(2025, 3, 14), date(2025, 3, 10), date(2025, 3, 17)),
        (date(2025, 3, 14), date(2025, 3, 20), date(2025, 3, 27)),
    ],
    ids=["five working days left: it stands", "four left: five from today", "overdue: five from today"],
)
def test_a_return_sets_a_new_due_date_only_when_too_few_days_are_left(due: date, today: date, expected: date) -> None:
    assert due_after_return(due, today, least=5, calendar=CALENDAR) == expected
