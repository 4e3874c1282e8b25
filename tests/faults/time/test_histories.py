"""Three schedulers, people and a clock that jumps: thousands of histories against a model (issue: time)."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any, Final

import pytest

from feedback import handlers
from feedback.domain import facts, rectification
from feedback.domain.ladder import Step, step
from feedback.domain.rectification import Rectification
from feedback.domain.states import RUNNING, State
from feedback.domain.words import ItemId
from feedback.handlers import Work
from feedback.store.items import TIMED
from kit.workdays import shipped
from tests.faults.budget import SEED, dice, either
from tests.faults.time import memory
from tests.faults.time.histories import history
from tests.faults.time.model import autumn_of_2026, holds
from tests.vectors import cases

HISTORIES: Final = either(short=2_000, long=100_000)
UNTIL_FOUND: Final = 2_000  # histories within which a planted bug shows, whatever the seed: most do within a few dozen
MUST_COME_UP: Final = (
    "StageReached",
    "NoticeSigned",
    "ExtensionDecided",
    "Returned",
    "Closed",
    "Cancelled",
    "DeductionProposed",
    "deaths",
    "refusals",
    "rounds of downtime",
    "days settled",
    "the clock: back",
    "the clock: midnight",
)


def play_many(number: int, did: Counter[str]) -> None:
    for index in range(number):
        try:
            history(dice(f"time/{index}"), did)
        except AssertionError as error:
            error.add_note(f"history {index} of seed {SEED}")
            raise


@pytest.mark.timeout(either(short=900, long=7200))
def test_whatever_happens_each_stage_is_told_once_or_recorded_as_skipped() -> None:
    did: Counter[str] = Counter()
    play_many(HISTORIES, did)
    print(f"{HISTORIES} histories: {dict(sorted(did.items()))}")
    assert [event for event in MUST_COME_UP if not did[event]] == []


@pytest.mark.parametrize("case", cases("ladder"))
def test_the_model_reads_the_ladder_as_the_worked_examples_do(case: dict[str, Any]) -> None:
    if "error" in case["expect"]:
        return  # the model knows no years that are not covered
    due, today = date.fromisoformat(case["due_on"]), date.fromisoformat(case["today"])
    stage = holds(due, today, shipped().is_working)
    expected, is_first = case["expect"]["stage"], not case["already_sent"] and not case.get("closed_on")
    if expected or is_first:
        assert stage == expected


def test_the_model_knows_the_working_days_of_the_autumn_of_2026() -> None:
    days = [date.fromordinal(ordinal) for ordinal in range(date(2026, 9, 1).toordinal(), date(2026, 12, 31).toordinal() + 1)]
    assert [day for day in days if autumn_of_2026(day)] == [day for day in days if shipped().is_working(day)]


def a_day_read_twice(patch: pytest.MonkeyPatch) -> None:
    """The day is read again when the look is over."""

    async def look(item: ItemId, work: Work) -> bool:
        found = await work.items.locked_unlooked(item, work.today())
        if found is not None:
            item_now = await handlers._deemed(found, work.today(), work)
            await handlers._laddered(item_now, work.today(), work)
            await work.items.looked(item, work.today())
        return found is not None

    patch.setattr(handlers, "look", look)


def told_while_submitted(patch: pytest.MonkeyPatch) -> None:
    """Two guards have to fail: the table's condition and the domain's."""
    patch.setattr(rectification, "RUNNING", RUNNING | {State.SUBMITTED})
    patch.setattr(memory, "TIMED", [*TIMED, State.SUBMITTED])


def skipped_and_forgotten(patch: pytest.MonkeyPatch) -> None:
    def forgetful(*args: Any, **named: Any) -> Step:  # noqa: ANN401 - whatever the real one takes
        return replace(step(*args, **named), skipped=())

    patch.setattr(rectification, "step", forgetful)


def a_ledger_without_due_date(patch: pytest.MonkeyPatch) -> None:
    """What was told for an earlier due date counts as told for this one."""
    reached, told = Rectification.stage_reached, dict[ItemId, set[Any]]()

    def stage_reached(item: Rectification, **named: Any) -> facts.StageReached | None:  # noqa: ANN401 - whatever the real one takes
        known = told.setdefault(item.id, set())
        fact = reached(item, **named | {"told": named["told"] | known})
        known |= {fact.stage} if fact else set()
        return fact

    patch.setattr(Rectification, "stage_reached", stage_reached)


def an_extension_that_shortens(patch: pytest.MonkeyPatch) -> None:
    decide = Rectification.decide_extension

    def decided(item: Rectification, **named: Any) -> facts.ExtensionDecided:  # noqa: ANN401 - whatever the real one takes
        until = item.extension.until if item.extension else None
        shorter = until is not None and item.due_on is not None and named["today"] < until <= item.due_on
        return decide(replace(item, due_on=named["today"]) if shorter else item, **named)

    patch.setattr(Rectification, "decide_extension", decided)


@pytest.mark.parametrize(
    "plant", [a_day_read_twice, told_while_submitted, skipped_and_forgotten, a_ledger_without_due_date, an_extension_that_shortens]
)
def test_a_planted_bug_is_found(plant: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch)
    with pytest.raises(AssertionError):
        play_many(UNTIL_FOUND, Counter())
