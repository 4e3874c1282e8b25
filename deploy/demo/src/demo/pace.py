"""Business time, driven: the demonstration alone moves the clock file, and time stands still whenever it does not."""

import asyncio
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from kit.clock import Clock, FileClock, Pace

STEP_EVERY = 0.25  # seconds between two steps of a day that is watched


@dataclass(frozen=True, slots=True)
class Hands:
    """The hands of the clock file: set to an instant, never back, with rate 0.

    A rate would let business days rush by while nobody sends their facts (a killed demonstration, a stack that is down); so a
    watched day is many small steps, and what has not been stepped has not happened.
    """

    path: Path
    system: Clock

    def now(self) -> datetime:
        return FileClock(self.path, self.system).now()

    def set(self, instant: datetime) -> None:
        """Whole or not at all: other processes read the file at any moment."""
        if self.path.exists() and instant < self.now():
            return
        pace = Pace(anchor=self.system.now(), start=instant.astimezone(UTC), rate=0)
        written = self.path.with_suffix(".next")
        written.write_text(pace.dumped(), encoding="utf-8")
        os.replace(written, self.path)  # noqa: PTH105 - the atomic one by its name

    async def walk(self, until: datetime, rate: float) -> AsyncIterator[datetime]:
        """Step to an instant, `rate` business seconds a second; gives each instant after it was set."""
        while (here := self.now()) < until:
            await asyncio.sleep(STEP_EVERY)
            there = min(until, here + timedelta(seconds=STEP_EVERY * rate))
            self.set(there)
            yield there
