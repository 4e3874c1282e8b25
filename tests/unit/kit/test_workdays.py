from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.workdays import NotCovered, WrongYear, shipped

CALENDAR = shipped()
COVERED = st.dates(date(2024, 3, 1), date(2026, 10, 1))


def test_exactly_the_announced_years_are_shipped() -> None:
    assert sorted(CALENDAR.years) == [2024, 2025, 2026]


@pytest.mark.parametrize(
    ("day", "working"),
    [
        (date(2026, 3, 2), True),
        (date(2026, 3, 7), False),
        (date(2026, 10, 1), False),
        (date(2026, 10, 10), True),
        (date(2026, 2, 14), True),
        (date(2025, 1, 26), True),
        (date(2024, 9, 16), False),
    ],
)
def test_weekends_holidays_and_moved_workdays_are_told_apart(day: date, working: bool) -> None:
    assert CALENDAR.is_working(day) is working


def test_each_year_has_the_working_days_that_were_announced() -> None:
    assert [CALENDAR.working_days(after=date(y - 1, 12, 31), through=date(y, 12, 31)) for y in (2024, 2025, 2026)] == [251, 248, 248]


def test_the_day_itself_is_not_counted() -> None:
    assert CALENDAR.after(date(2025, 3, 6), 1) == date(2025, 3, 7)
    assert CALENDAR.before(date(2025, 3, 7), 1) == date(2025, 3, 6)


def test_no_working_day_after_a_day_is_the_day_itself() -> None:
    assert CALENDAR.after(date(2025, 3, 8), 0) == date(2025, 3, 8)


def test_a_count_below_zero_is_refused() -> None:
    with pytest.raises(ValueError, match="counted from 0"):
        CALENDAR.after(date(2025, 3, 8), -1)


def test_no_days_lie_between_a_day_and_an_earlier_one() -> None:
    assert CALENDAR.working_days(after=date(2025, 3, 7), through=date(2025, 3, 3)) == 0


def test_a_year_that_nobody_entered_is_an_error_and_no_guess() -> None:
    with pytest.raises(NotCovered, match="does not cover 2027") as raised:
        CALENDAR.after(date(2026, 12, 30), 2)
    assert raised.value.year == 2027


def test_only_counted_days_must_be_covered() -> None:
    assert CALENDAR.after(date(2023, 12, 31), 1) == date(2024, 1, 2)


def test_an_entered_year_replaces_its_year_whole_and_leaves_the_calendar_it_came_from() -> None:
    bare = CALENDAR.with_year(2026, holidays=[], workdays=[])
    assert bare.is_working(date(2026, 10, 1))
    assert not bare.is_working(date(2026, 10, 10))
    assert not CALENDAR.is_working(date(2026, 10, 1))


def test_a_day_of_another_year_is_refused() -> None:
    with pytest.raises(WrongYear, match="2026-01-01 is not in 2027"):
        CALENDAR.with_year(2027, holidays=[date(2026, 1, 1)], workdays=[])


def test_a_day_that_is_both_off_and_worked_is_refused() -> None:
    with pytest.raises(WrongYear, match="as a day off and as a working day"):
        CALENDAR.with_year(2027, holidays=[date(2027, 1, 1)], workdays=[date(2027, 1, 1)])


@given(COVERED, st.integers(1, 40))
def test_counting_forward_and_counting_between_agree(day: date, n: int) -> None:
    end = CALENDAR.after(day, n)
    assert CALENDAR.is_working(end)
    assert CALENDAR.working_days(after=day, through=end) == n
    assert CALENDAR.working_days(after=day, through=end - timedelta(days=1)) == n - 1


@given(COVERED, st.integers(1, 40))
def test_counting_back_undoes_counting_forward_from_a_working_day(day: date, n: int) -> None:
    start = CALENDAR.after(day, 1)
    assert CALENDAR.before(CALENDAR.after(start, n), n) == start
