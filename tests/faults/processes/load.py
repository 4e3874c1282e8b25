"""Everything that goes on at the bureau, for the time of a block: facts come in, people act, days pass."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from tests.faults.processes.bureau import Bureau
from tests.faults.processes.feeding import feed_calls, feed_cases
from tests.faults.processes.people import People

DAY_LASTS: Final = 1.2  # seconds


@asynccontextmanager
async def busy(bureau: Bureau, dice: random.Random, *, days: int) -> AsyncIterator[None]:
    """At the end of the block whatever was begun is said to its end: everything in the generator's list was acknowledged."""
    stop = asyncio.Event()
    work = [
        asyncio.create_task(feed_cases(bureau, random.Random(dice.random()), stop)),
        asyncio.create_task(feed_calls(bureau, random.Random(dice.random()), stop)),
        asyncio.create_task(People(bureau, random.Random(dice.random())).act(stop)),
        asyncio.create_task(_days_pass(bureau, days, stop)),
    ]
    try:
        yield
    finally:
        stop.set()
        await asyncio.gather(*work)


async def _days_pass(bureau: Bureau, days: int, stop: asyncio.Event) -> None:
    """Whoever is down on a day has to catch up with it."""
    for _ in range(days):
        await asyncio.sleep(DAY_LASTS)
        if not stop.is_set():
            bureau.pass_a_day()
