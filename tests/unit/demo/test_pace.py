"""The hands of the clock: forwards only, whole files only, standing still by themselves."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from demo import pace
from demo.pace import Hands
from demo.progress import Progress
from kit.clock import FileClock
from kit.testing import FixedClock

SYSTEM = datetime(2030, 1, 1, tzinfo=UTC)
MORNING = datetime(2026, 1, 5, 0, 30, tzinfo=UTC)


@pytest.fixture
def hands(tmp_path: Path) -> Hands:
    made = Hands(tmp_path / "clock.json", FixedClock(SYSTEM))
    made.set(MORNING)
    return made


def test_every_process_reads_what_was_set_however_long_ago(hands: Hands) -> None:
    assert FileClock(hands.path, FixedClock(SYSTEM + timedelta(days=3))).now() == MORNING


def test_time_never_goes_back(hands: Hands) -> None:
    hands.set(MORNING - timedelta(hours=1))
    assert hands.now() == MORNING


def test_nothing_but_the_whole_file_lies_in_the_folder(hands: Hands) -> None:
    assert [path.name for path in hands.path.parent.iterdir()] == ["clock.json"]


async def test_a_watched_day_passes_in_small_steps_up_to_its_end(hands: Hands, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "STEP_EVERY", 0.001)
    end = MORNING + timedelta(seconds=4)
    steps = [step async for step in hands.walk(end, rate=1000)]
    assert steps == [MORNING + timedelta(seconds=n) for n in (1, 2, 3, 4)]
    assert hands.now() == end


def test_a_later_start_goes_on_after_the_last_day_that_was_worked_whole(tmp_path: Path) -> None:
    first = Progress.kept_in(tmp_path / "demo.json")
    first.enter("catching up")
    first.worked(MORNING.date(), sent=12)
    first.worked(MORNING.date() + timedelta(days=1), sent=8)
    again = Progress.kept_in(tmp_path / "demo.json")
    assert again.reached == first.reached
    assert (again.reached.sent, again.reached.through) == (20, MORNING.date() + timedelta(days=1))
