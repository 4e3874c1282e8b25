"""How the people of the bureau deal with rectifications: which move somebody makes on a day, decided from the item alone."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Final

from demo.bureau import document
from kit.workdays import Calendar, NotCovered


class Move(StrEnum):
    """The moves of feedback that people of the demonstration make."""

    SIGN = "sign"
    START = "start"
    SUBMIT = "submit"
    RETURN = "return"
    VERIFY = "verify"
    CLOSE = "close"


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """What the demonstration reads of a rectification."""

    id: str
    unit: str
    indicator: str
    state: str
    number: int | None = None
    sent_on: date | None = None
    signed_on: date | None = None
    due_on: date | None = None
    submitted_on: date | None = None
    returns: int = 0
    verified_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """All in working days.

    `submit_at` is the share of the term that passes before an item is submitted; `submit_after_due` counts from the due date
    instead, below 0 before it.
    """

    sign_after: int
    start_after: int
    submit_at: float
    verify_after: int
    close_after: int
    returns: int
    resubmit_after_due: int
    submit_after_due: int | None = None


class Manners:
    """The usual manner, and those of some units with some indicators."""

    def __init__(self, usual: Mapping[str, Any], special: Mapping[tuple[str, str], Mapping[str, Any]]) -> None:
        self._usual = Manner(**usual)
        self._special = {key: Manner(**{**usual, **changed}) for key, changed in special.items()}

    def of(self, item: Item) -> Manner:
        return self._special.get((item.unit, item.indicator), self._usual)


def load_manners() -> Manners:
    raw = document("conduct.toml")
    return Manners(raw["manner"], {(each.pop("unit"), each.pop("indicator")): each for each in raw["manners"]})


def next_move(item: Item, manner: Manner, *, today: date, calendar: Calendar) -> Move | None:
    """The move that somebody makes today, if any; days that were missed are made up for, days of an unknown year are none."""
    plan = _PLANS.get(item.state)
    if plan is None:
        return None
    try:
        day = plan[1](item, manner, calendar)
    except NotCovered:
        return None
    move = Move.VERIFY if plan[0] is Move.RETURN and item.returns >= manner.returns else plan[0]
    return move if day is not None and day <= today else None


def _after(calendar: Calendar, day: date | None, n: int) -> date | None:
    if day is None:
        return None
    return calendar.after(day, n) if n >= 0 else calendar.before(day, -n)


def _submitting_day(item: Item, manner: Manner, calendar: Calendar) -> date | None:
    if item.returns:
        return _after(calendar, item.due_on, manner.resubmit_after_due)
    if manner.submit_after_due is not None:
        return _after(calendar, item.due_on, manner.submit_after_due)
    if item.signed_on is None or item.due_on is None:
        return None
    term = calendar.working_days(after=item.signed_on, through=item.due_on)
    return calendar.after(item.signed_on, int(term * manner.submit_at))


_PLANS: Final[Mapping[str, tuple[Move, Callable[[Item, Manner, Calendar], date | None]]]] = {
    "noticed": (Move.SIGN, lambda item, manner, calendar: _after(calendar, item.sent_on, manner.sign_after)),
    "signed": (Move.START, lambda item, manner, calendar: _after(calendar, item.signed_on, manner.start_after)),
    "in_progress": (Move.SUBMIT, _submitting_day),
    "submitted": (Move.RETURN, lambda item, manner, calendar: _after(calendar, item.submitted_on, manner.verify_after)),
    "returned": (Move.START, lambda item, _manner, _calendar: item.submitted_on),
    "verified": (Move.CLOSE, lambda item, manner, calendar: _after(calendar, item.verified_on, manner.close_after)),
}
"""By state: the move that comes next and its day; a submission is returned as often as the manner says, and then verified."""
