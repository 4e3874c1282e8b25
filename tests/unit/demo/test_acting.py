"""People act on the day that their manner says, and make up for days on which nobody looked."""

from datetime import date

import pytest

from demo.acting import Item, Manner, Move, load_manners, next_move
from kit.workdays import shipped

MANNERS = load_manners()
USUAL = Manner(sign_after=1, start_after=1, submit_at=0.5, verify_after=2, close_after=1, returns=0, resubmit_after_due=-1)
FRIDAY, MONDAY = date(2026, 3, 13), date(2026, 3, 16)


def item(state: str, **known: date | int) -> Item:
    return Item(id="1", unit="yandong", indicator="cases_in_time", state=state, **known)  # type: ignore[arg-type]


def moved(what: Item, today: date, manner: Manner = USUAL) -> Move | None:
    return next_move(what, manner, today=today, calendar=shipped())


def test_a_notice_is_signed_on_the_next_working_day() -> None:
    assert moved(item("noticed", sent_on=FRIDAY), date(2026, 3, 15)) is None
    assert moved(item("noticed", sent_on=FRIDAY), MONDAY) is Move.SIGN


def test_what_was_missed_is_made_up_for() -> None:
    assert moved(item("noticed", sent_on=FRIDAY), date(2026, 4, 1)) is Move.SIGN


def test_an_item_is_submitted_when_its_share_of_the_term_is_over() -> None:
    running = item("in_progress", signed_on=MONDAY, due_on=date(2026, 3, 30))
    assert moved(running, FRIDAY.replace(day=20)) is None
    assert moved(running, date(2026, 3, 23)) is Move.SUBMIT


def test_a_late_unit_submits_after_the_due_date() -> None:
    late = Manner(**{**{name: getattr(USUAL, name) for name in USUAL.__slots__}, "submit_after_due": 2})
    running = item("in_progress", signed_on=MONDAY, due_on=date(2026, 3, 30))
    assert moved(running, date(2026, 3, 31), late) is None
    assert moved(running, date(2026, 4, 1), late) is Move.SUBMIT


def test_an_item_that_is_to_be_returned_once_is_verified_the_second_time() -> None:
    manner = MANNERS.of(Item(id="1", unit="yundun", indicator="calls_satisfied", state="submitted"))
    assert moved(item("submitted", submitted_on=FRIDAY), date(2026, 3, 17), manner) is Move.RETURN
    assert moved(item("returned", submitted_on=FRIDAY, returns=1), date(2026, 3, 17), manner) is Move.START
    again = item("in_progress", signed_on=FRIDAY, due_on=date(2026, 3, 24), returns=1)
    assert moved(again, date(2026, 3, 25), manner) is None
    assert moved(again, date(2026, 3, 26), manner) is Move.SUBMIT
    assert moved(item("submitted", submitted_on=FRIDAY, returns=1), date(2026, 3, 17), manner) is Move.VERIFY


@pytest.mark.parametrize("state", ["open", "closed", "cancelled"])
def test_nobody_moves_what_waits_for_nobody(state: str) -> None:
    assert moved(item(state), MONDAY) is None


def test_a_day_in_a_year_without_calendar_is_not_planned() -> None:
    assert moved(item("submitted", submitted_on=date(2026, 12, 31)), date(2026, 12, 31)) is None
