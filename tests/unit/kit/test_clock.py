import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from kit.clock import FileClock, Pace, today, turning
from kit.ids import uuid7
from kit.testing import FixedClock

BEGIN = datetime(2026, 1, 5, tzinfo=UTC)


def test_business_time_passes_as_fast_as_the_file_says(tmp_path: Path) -> None:
    system = FixedClock(datetime(2030, 5, 1, tzinfo=UTC))
    path = tmp_path / "clock.json"
    path.write_text(Pace(anchor=system.now(), start=BEGIN, rate=2880).dumped())
    clock = FileClock(path, system)
    system.move(seconds=30)
    assert clock.now() == BEGIN + timedelta(days=1)


def test_a_new_file_is_seen_at_once(tmp_path: Path) -> None:
    system = FixedClock(datetime(2030, 5, 1, tzinfo=UTC))
    path, new = tmp_path / "clock.json", tmp_path / "new"
    path.write_text(Pace(anchor=system.now(), start=BEGIN, rate=0).dumped())
    clock = FileClock(path, system)
    assert clock.now() == BEGIN
    new.write_text(Pace(anchor=system.now(), start=BEGIN + timedelta(days=9), rate=0).dumped())
    os.replace(new, path)  # noqa: PTH105 - renamed into place, as the driver does
    assert clock.now() == BEGIN + timedelta(days=9)


def test_today_is_the_date_in_the_bureaus_zone() -> None:
    clock = FixedClock(datetime(2026, 3, 31, 16, 0, tzinfo=UTC))
    assert today(clock, ZoneInfo("Asia/Shanghai")) == date(2026, 4, 1)


def test_ids_sort_by_the_time_they_were_made() -> None:
    made = [uuid7() for _ in range(3)]
    assert all(one.version == 7 for one in made)
    assert [one.int >> 80 for one in made] == sorted(one.int >> 80 for one in made)


def test_a_day_that_turned_is_noticed_and_an_hour_is_not() -> None:
    clock = FixedClock(datetime(2026, 1, 5, 15, tzinfo=UTC))
    turned = turning(lambda: today(clock, ZoneInfo("Asia/Shanghai")))
    clock.move(minutes=30)
    assert not turned()
    clock.move(minutes=30)
    assert turned()
