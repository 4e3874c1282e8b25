"""How far the feed was taken, by what PostgreSQL says: the truth about who works and who only says so."""

import asyncio
import time
from collections.abc import Mapping
from typing import Final

import asyncpg

from contracts.topics import FEED_PARTITIONS, feed_topic
from kit.testing import eventually
from tests.faults.processes.bureau import Bureau
from tests.faults.processes.world import CASES

LOOK_EVERY: Final = 0.1
AWAY: Final = (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError)
"""What a database that is being killed answers."""


async def positions(bureau: Bureau) -> dict[int, int]:
    """By partition of the cases' feed, the next offset; fails while the database is away."""
    async with bureau.database("scoring") as database:
        rows = await database.fetch("select partition, next_offset from ledger.positions where topic = $1", feed_topic(CASES.slug))
    return {row["partition"]: row["next_offset"] for row in rows}


async def some_partition_moves(bureau: Bureau, *, within: float) -> float:
    """How long it takes from now until something is taken."""
    return await _moves(bureau, at_least=1, within=within)


async def every_partition_moves(bureau: Bureau, *, within: float) -> float:
    """How long it takes from now until each partition has an owner who works, while facts come in for all."""
    return await _moves(bureau, at_least=FEED_PARTITIONS, within=within)


async def _moves(bureau: Bureau, *, at_least: int, within: float) -> float:
    began = time.monotonic()
    before = await eventually(lambda: _known(bureau), within=within, every=LOOK_EVERY) or {}

    async def moved() -> bool:
        return len(_advanced(before, await _known(bureau) or {})) >= at_least

    await eventually(moved, within=within, every=LOOK_EVERY)
    return time.monotonic() - began


async def _known(bureau: Bureau) -> dict[int, int] | None:
    try:
        async with asyncio.timeout(5):
            return await positions(bureau)
    except AWAY:
        return None


def _advanced(before: Mapping[int, int], now: Mapping[int, int]) -> list[int]:
    return [partition for partition, offset in now.items() if offset > before.get(partition, 0)]
