"""What time itself does: deemed signing and the ladder, derived from the tables and today's date; any number of them may run."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import date
from typing import Final, Protocol

from sqlalchemy.exc import DBAPIError

from feedback import handlers
from feedback.domain.ladder import Stage
from feedback.domain.states import State
from feedback.domain.words import ItemId
from feedback.handlers import Work
from kit.clock import turning
from kit.logs import logger
from kit.metrics import Metric, Metrics
from kit.waking import Bell, rest

POLL: Final = 1.0  # seconds between ticks that find nothing: a changed item rings, a new day is seen on the clock
BATCH: Final = 50  # items of one tick, each in a transaction of its own
BACK_OFF: Final = 2.0  # seconds after PostgreSQL failed
COUNT_EVERY: Final = 5.0  # seconds between counts for the metrics

METRICS: Final = (
    Metric("gauge", "rectifications", "Rectifications, by state.", ("state",)),
    Metric("gauge", "overdue_items", "Items whose deadline runs, by the last stage of the ladder that was told.", ("stage",)),
    Metric("counter", "timer_looks_total", "Items that the timers looked at."),
)


class Waiting(Protocol):
    """What the timers ask of the tables."""

    async def unlooked(self, day: date, *, most: int) -> Sequence[ItemId]:
        """Items that nobody looked at on this day, or since they changed."""

    async def by_state(self) -> dict[State, int]: ...

    async def by_stage(self) -> dict[Stage, int]: ...


Transactions = Callable[[], AbstractAsyncContextManager[tuple[Work, Waiting]]]


class Timers:
    """One scheduler. Exactly once rests on the item's lock and the ledger's key, never on there being one scheduler."""

    def __init__(self, transactions: Transactions, metrics: Metrics, *, today: Callable[[], date], changed: Bell) -> None:
        self._transactions = transactions
        self._metrics = metrics
        self._today = today
        self._changed = changed
        self._log = logger("feedback.timers")

    async def run(self) -> None:
        """Until cancelled."""
        counted = 0.0
        loop = asyncio.get_running_loop()
        while True:
            ring, new_day = self._changed.next_ring(), turning(self._today)
            try:
                looked = await self.tick()
                if loop.time() - counted > COUNT_EVERY:
                    await self._count()
                    counted = loop.time()
            except (DBAPIError, OSError, TimeoutError) as error:
                self._log.warning("again", error=f"{type(error).__name__}: {error}")
                await asyncio.sleep(BACK_OFF)
            else:
                if not looked:
                    await rest(ring, at_most=POLL, unless=new_day)

    async def tick(self) -> int:
        """Look at the items that are due for it; how many we looked at: one that somebody else holds is not worth another look at once."""
        async with self._transactions() as (work, waiting):
            items = await waiting.unlooked(work.today(), most=BATCH)
        looked = 0
        for item in items:
            async with self._transactions() as (work, _):
                looked += await handlers.look(item, work)
        if looked:
            self._metrics.count("timer_looks_total", looked)
        return looked

    async def _count(self) -> None:
        async with self._transactions() as (_, waiting):
            states, stages = await waiting.by_state(), await waiting.by_stage()
        for state in State:
            self._metrics.set("rectifications", states.get(state, 0), state=state)
        for stage, count in stages.items():
            self._metrics.set("overdue_items", count, stage=stage)
