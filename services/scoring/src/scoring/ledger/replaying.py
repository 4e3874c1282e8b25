"""Sends what was asked to be replayed: outside any transaction, and marked after Kafka's acknowledgement.

Whoever dies between the two sends it once more: the worker then finds it there already (I2).
"""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Final

from sqlalchemy.exc import DBAPIError

from kit.db import heed_cancellation
from kit.errors import NotYet
from kit.logs import logger
from scoring.ledger.handlers.work import Feed, Replays

EVERY: Final = 0.5  # seconds between looks
MOST: Final = 100  # messages of a look; one is in memory at a time, since each may have 12 MB
BACK_OFF: Final = 2.0


class Replayer:
    """Any number may run: one at a time gets the replays."""

    def __init__(self, replays: Callable[[], AbstractAsyncContextManager[Replays | None]], feed: Feed) -> None:
        self._replays = replays
        self._feed = feed

    async def run(self) -> None:
        """Until cancelled; what fails is tried again."""
        while True:
            try:
                sent = await self.send_some()
            except (NotYet, DBAPIError, OSError, TimeoutError) as error:
                heed_cancellation()
                logger("scoring.replaying").warning("again", error=type(error).__name__)
                await asyncio.sleep(BACK_OFF)
                continue
            await asyncio.sleep(0 if sent else EVERY)

    async def send_some(self) -> int:
        """How many were sent."""
        async with self._replays() as replays:
            if replays is None:
                return 0
            asked = await replays.asked(most=MOST)
            for one in asked:
                message = await replays.message(one)
                if message:
                    await self._feed.send([message])
                    await replays.sent(one)
            return len(asked)
