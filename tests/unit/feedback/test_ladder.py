from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.domain.ladder import ORDER, Ladder, Stage, Step, stage_on, step
from kit.workdays import NotCovered
from tests.unit.feedback.builders import CALENDAR
from tests.vectors import cases

LADDER = Ladder()
DUE = date(2025, 3, 14)


def step_of(case: dict[str, Any]) -> Step:
    closed = case.get("closed_on")
    return step(
        date.fromisoformat(case["due_on"]),
        date.fromisoformat(case["today"]),
        sent=[Stage(stage) for stage in case["already_sent"]],
        calendar=CALENDAR,
        ladder=LADDER,
        closed_on=date.fromisoformat(closed) if closed else None,
    )


@pytest.mark.parametrize("case", cases("ladder"))
def test_vectors_of_the_ladder(case: dict[str, Any]) -> None:
    if "error" in case["expect"]:
        with pytest.raises(NotCovered):
            step_of(case)
        return
    found = step_of(case)
    assert found.stage == case["expect"]["stage"]
    assert list(found.skipped) == case["expect"]["skipped"]


@pytest.mark.parametrize("today", [date(2025, 3, 24), date(2025, 3, 28)])
def test_an_accepted_statement_stops_the_criticism(today: date) -> None:
    assert step(DUE, today, sent=[Stage.OVERDUE_NOTICE], calendar=CALENDAR, ladder=LADDER, stopped={Stage.CRITICISM}) == Step()


def test_the_interview_comes_in_spite_of_a_statement() -> None:
    found = step(DUE, date(2025, 3, 31), sent=[Stage.OVERDUE_NOTICE], calendar=CALENDAR, ladder=LADDER, stopped={Stage.CRITICISM})
    assert (found.stage, found.skipped, found.over) == (Stage.INTERVIEW, (Stage.CRITICISM,), 11)


def test_a_stage_is_not_told_again_when_the_clock_went_back() -> None:
    assert step(DUE, DUE, sent=[Stage.OVERDUE_NOTICE], calendar=CALENDAR, ladder=LADDER) == Step()


@given(st.dates(date(2024, 6, 1), date(2026, 6, 1)), st.lists(st.integers(-30, 40), max_size=30))
def test_however_the_days_are_looked_at_every_stage_is_told_or_skipped_at_most_once(due: date, offsets: list[int]) -> None:
    told: list[Stage] = []
    for offset in sorted(offsets):
        found = step(due, due + timedelta(days=offset), sent=told, calendar=CALENDAR, ladder=LADDER)
        told += [*found.skipped, *([found.stage] if found.stage else [])]
    assert told == list(ORDER[: len(told)])


@given(st.dates(date(2024, 6, 1), date(2026, 6, 1)), st.integers(-30, 40))
def test_the_stage_that_holds_never_falls_back(due: date, offset: int) -> None:
    held = [stage_on(due, due + timedelta(days=days), CALENDAR, LADDER) for days in range(-30, offset)]
    ranks = [ORDER.index(stage) for stage in held if stage]
    assert ranks == sorted(ranks)
