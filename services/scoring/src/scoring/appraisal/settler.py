"""The settle loop: at least every half second, one owner at a time, each pass one transaction."""

import asyncio
import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Final, Protocol

from sqlalchemy.exc import DBAPIError

from kit.logs import logger
from scoring.appraisal.handlers.settling import Pass, settle_what_moved
from scoring.appraisal.handlers.work import Work

EVERY: Final = 0.4  # seconds between passes: architecture.md §3.3 promises one every half second
BACK_OFF: Final = 1.0  # seconds after the database failed
STALE_AFTER: Final = 30.0  # seconds without a finished pass of anybody's turn before readiness turns red


class Counts(Protocol):
    def count(self, name: str, by: float = 1, **labels: str) -> None: ...

    def set(self, name: str, value: float, **labels: str) -> None: ...

    def observe(self, name: str, value: float, **labels: str) -> None: ...


class Settler:
    """Any number may run: a transaction-bound advisory lock lets one settle, the others look again."""

    def __init__(self, transactions: Callable[[], AbstractAsyncContextManager[Work]], counts: Counts) -> None:
        self._transactions = transactions
        self._counts = counts
        self._passed = time.monotonic()
        self._log = logger("scoring.settler")

    async def run(self) -> None:
        """Until cancelled; what a failed pass took is taken again, since nothing of it was committed."""
        while True:
            try:
                done = await self.settle_once()
            except (DBAPIError, OSError, TimeoutError) as error:
                self._log.warning("again", error=f"{type(error).__name__}: {error}")
                await asyncio.sleep(BACK_OFF)
                continue
            if not done.left:
                await asyncio.sleep(EVERY)

    async def settle_once(self) -> Pass:
        began = time.monotonic()
        async with self._transactions() as work:
            done = await settle_what_moved(work)
            waiting = await work.figures.waiting() if done.units else 0
        self._passed = time.monotonic()
        if done.was_owner:
            self._tell(done, waiting, self._passed - began)
        return done

    def _tell(self, done: Pass, waiting: int, seconds: float) -> None:
        self._counts.set("settle_dirty_marks", waiting)
        if done.units:
            self._counts.observe("settle_seconds", seconds)
            self._counts.count("settled_units_total", done.units)
            self._counts.count("scores_written_total", done.scores)
            self._counts.count("scores_changed_total", done.news)

    async def check(self) -> str | None:
        """For readiness: passes end."""
        silent = time.monotonic() - self._passed
        return f"no settle pass has ended for {silent:.0f} s" if silent > STALE_AFTER else None
