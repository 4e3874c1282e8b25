"""The year is driven day by day: each day once, in order, and again from where it stopped."""

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from demo import pace
from demo.acting import Item, Move
from demo.driver import catch_up, live
from tests.unit.demo.fakes import FakePlatform, demonstration
from tests.unit.demo.played import FIRST, year

FRIDAY, SATURDAY, MONDAY = date(2026, 1, 16), date(2026, 1, 17), date(2026, 1, 19)


async def test_each_day_is_sent_once_on_its_own_day(tmp_path: Path) -> None:
    demo, doors = demonstration(tmp_path, FakePlatform())
    await catch_up(demo, FIRST, FRIDAY)
    assert [message for _, message in doors.sent] == [m for day, sent in year().messages.items() if day <= FRIDAY for m in sent]
    assert all(datetime.fromisoformat(now).date() == message.at.date() for now, message in doors.sent)


async def test_a_later_start_goes_on_with_the_next_day(tmp_path: Path) -> None:
    first, _ = demonstration(tmp_path, FakePlatform())
    await catch_up(first, FIRST, FRIDAY)
    again, doors = demonstration(tmp_path, FakePlatform())
    await catch_up(again, FIRST, MONDAY)
    assert {message.at.date() for _, message in doors.sent} == {SATURDAY, SATURDAY + timedelta(days=1), MONDAY}


async def test_people_act_on_working_days_only(tmp_path: Path) -> None:
    platform = FakePlatform({"1": Item(id="1", unit="yandong", indicator="calls_due", state="noticed", sent_on=date(2026, 1, 15))})
    demo, _ = demonstration(tmp_path, platform)
    demo.progress.worked(date(2026, 1, 15), sent=0)
    await catch_up(demo, FIRST, MONDAY)
    assert platform.all(Move.SIGN) == [FRIDAY]
    assert platform.all(Move.START) == [MONDAY]


async def test_the_reminders_of_a_day_go_out_before_anybody_acts(tmp_path: Path) -> None:
    due = Item(id="1", unit="yandong", indicator="calls_due", state="in_progress", signed_on=FIRST, due_on=FRIDAY)
    platform = FakePlatform({"1": due})
    demo, _ = demonstration(tmp_path, platform)
    await demo.pass_day(FRIDAY)
    assert [what for what, _ in platform.asked] == ["timers", Move.SUBMIT, "deductions", "told", "settled"]


async def test_nobody_waits_for_reminders_that_cannot_come(tmp_path: Path) -> None:
    far = Item(id="1", unit="yandong", indicator="calls_due", state="in_progress", signed_on=FIRST, due_on=date(2026, 3, 2))
    platform = FakePlatform({"1": far})
    demo, _ = demonstration(tmp_path, platform)
    await demo.pass_day(FRIDAY)
    assert platform.all("timers") == []


async def test_marks_and_findings_come_on_their_days(tmp_path: Path) -> None:
    platform = FakePlatform()
    demo, _ = demonstration(tmp_path, platform)
    await demo.pass_day(date(2026, 1, 19))
    assert platform.all("problem") == ["yandong"]
    await demo.pass_day(date(2026, 3, 31))
    assert len(platform.all("mark")) == len(demo.bureau.units)


async def test_a_watched_day_lets_facts_come_when_they_happen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "STEP_EVERY", 0.001)
    demo, doors = demonstration(tmp_path, FakePlatform())
    demo.progress.worked(FRIDAY, sent=0)
    await live(demo, FIRST, MONDAY, rate=600_000)
    watched = [(datetime.fromisoformat(now), message.at) for now, message in doors.sent if message.at.date() == MONDAY]
    assert len(watched) == len(year().of(MONDAY))
    assert all(timedelta(0) <= now - at <= timedelta(minutes=11) for now, at in watched)
    assert {message.at.date() for _, message in doors.sent} == {SATURDAY, SATURDAY + timedelta(days=1), MONDAY}
