from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from kit.clock import FileClock, Pace, SystemClock
from stack import business_time

SHANGHAI = ZoneInfo("Asia/Shanghai")


def now(path: Path) -> datetime:
    return FileClock(path, SystemClock()).now()


def test_business_time_begins_on_the_morning_that_was_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "clock.json"
    business_time.resume(path, {"KAOHE_CLOCK_START": "2026-03-02"}, rate=0)
    assert now(path) == datetime(2026, 3, 2, 8, tzinfo=SHANGHAI)


def test_a_later_start_goes_on_where_time_stood(tmp_path: Path) -> None:
    path = tmp_path / "clock.json"
    stood = datetime(2026, 9, 14, 15, tzinfo=SHANGHAI)
    path.write_text(Pace(anchor=SystemClock().now() - timedelta(days=3), start=stood, rate=0).dumped())
    business_time.resume(path, {"KAOHE_CLOCK_START": "2026-01-05"}, rate=0)
    assert now(path) == stood


def test_the_time_between_two_runs_does_not_count(tmp_path: Path) -> None:
    path = tmp_path / "clock.json"
    held = datetime(2026, 2, 2, 9, tzinfo=SHANGHAI)
    path.write_text(Pace(anchor=SystemClock().now() - timedelta(hours=8), start=held, rate=60).dumped())
    business_time.resume(path, {}, rate=60)
    assert held <= now(path) < held + timedelta(hours=1)


def test_a_heartbeat_keeps_what_has_passed(tmp_path: Path) -> None:
    path = tmp_path / "clock.json"
    began = datetime(2026, 2, 2, 9, tzinfo=SHANGHAI)
    path.write_text(Pace(anchor=SystemClock().now() - timedelta(hours=1), start=began, rate=2).dumped())
    business_time.hold(path, rate=2)
    assert Pace.loaded(path.read_text()).start >= began + timedelta(hours=2)
