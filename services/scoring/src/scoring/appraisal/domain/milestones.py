"""Milestones as a scheme states them, with the dates on which people say that they were done, and the day up to which they count."""

from calendar import monthrange
from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from scoring.appraisal.domain.given import Given
from scoring.appraisal.domain.inputs import Month, Plan
from scoring.appraisal.domain.numbers import plain

DONE: Final = "done"


def reckoned(plan: Plan, given: Given | None, *, on: date) -> Given:
    """The rule's inputs on a day: the dates that people gave as `{done: {milestone: date}}`; what nobody dated is not done."""
    done: Mapping[str, Any] = given.raw.get(DONE, {}) if given else {}
    stated = [
        {"key": each.key, "due": each.due.isoformat(), "done": done.get(each.key), "share": plain(each.share)} for each in plan.milestones
    ]
    return Given({"milestones": stated, "reckoned_on": on.isoformat()}, given.source if given else {})


def last_day(through: Month) -> date:
    year, month = (int(part) for part in through.split("-"))
    return date(year, month, monthrange(year, month)[1])
