"""The business clock's file: made at the first start, and kept going when no demonstration steps it."""

import asyncio
from collections.abc import Mapping
from datetime import date, datetime, time
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from kit.clock import Pace, SystemClock
from stack.folder import write_private

FIRST_DAY: Final = date(2026, 1, 5)
MORNING: Final = time(8)
ZONE: Final = ZoneInfo("Asia/Shanghai")
HEARTBEAT: Final = 2.0  # seconds of the system's time that a kill -9 may take back


def resume(path: Path, given: Mapping[str, str], *, rate: float) -> None:
    """Go on from where business time stopped; at the first start from the morning of `KAOHE_CLOCK_START`."""
    first = date.fromisoformat(given.get("KAOHE_CLOCK_START") or FIRST_DAY.isoformat())
    start = Pace.loaded(path.read_text()).start if path.exists() else datetime.combine(first, MORNING, ZONE)
    write_private(path, Pace(anchor=SystemClock().now(), start=start, rate=rate).dumped())


async def keep_going(path: Path, *, rate: float) -> None:
    """Write down again and again how far business time has come, so that a later start goes on from there."""
    while True:
        await asyncio.sleep(HEARTBEAT)
        hold(path, rate=rate)


def hold(path: Path, *, rate: float) -> None:
    """Let the present instant of business time be the file's start, and time go on from it at this rate."""
    now = SystemClock().now()
    write_private(path, Pace(anchor=now, start=Pace.loaded(path.read_text()).at(now), rate=rate).dumped())
