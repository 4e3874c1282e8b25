"""What goes on beside the feed: backfills and counts over old records, records folded again, and reconciliation of closed batches."""

import asyncio
from typing import Final

import asyncpg
from aiokafka import TopicPartition

from kit.clock import Clock
from kit.logs import logger
from kit.metrics import Metrics
from kit.reader import PartitionReader
from scoring.ledger.domain.contributions import WorkingDays
from scoring.ledger.store.backfilling import Backfiller, records_left
from scoring.ledger.store.counting import CHUNK, count_some
from scoring.ledger.store.knowledge import Outdated, Paused
from scoring.ledger.store.reconciling import compare, differing, note_ends, ready, without_ends
from scoring.ledger.store.refolding import refold_some
from scoring.ledger.worker.feed import OUTSIDE

COUNT_EVERY: Final = 0.2
COMPARE_EVERY: Final = 2.0
BACK_OFF: Final = 2.0


async def count_for_ever(pool: asyncpg.Pool, calendar: WorkingDays, *, chunk: int = CHUNK) -> None:
    """Carry on every count that is asked for, chunk by chunk, whoever began it."""
    while True:
        try:
            async with pool.acquire() as connection:
                some = await count_some(connection, calendar, chunk=chunk)
            await asyncio.sleep(0 if some else COUNT_EVERY)
        except OUTSIDE as error:
            logger("scoring.counting").warning("again", error=type(error).__name__, sqlstate=getattr(error, "sqlstate", None))
            await asyncio.sleep(BACK_OFF)


async def backfill_for_ever(pool: asyncpg.Pool, backfiller: Backfiller, *, metrics: Metrics) -> None:
    """Carry on all backfills beside the feed, whoever began them."""
    left = 0
    while True:
        try:
            async with pool.acquire() as connection:
                passed = await backfiller.step(connection)
                if passed is not None or left:
                    left = await records_left(connection)
            metrics.count("backfilled_records_total", passed or 0)
            metrics.set("backfill_records_left", left)
            await asyncio.sleep(COUNT_EVERY if passed is None else 0)
        except (Outdated, Paused):
            await asyncio.sleep(COUNT_EVERY)
        except OUTSIDE as error:
            backfiller.stride.halve()
            logger("scoring.backfilling").warning("again", error=type(error).__name__, sqlstate=getattr(error, "sqlstate", None))
            await asyncio.sleep(BACK_OFF)


async def refold_for_ever(pool: asyncpg.Pool, calendar: WorkingDays, clock: Clock) -> None:
    """Carry on every refold that is asked for, chunk by chunk, whoever began it."""
    while True:
        try:
            async with pool.acquire() as connection:
                some = await refold_some(connection, calendar, clock)
            await asyncio.sleep(0 if some else COUNT_EVERY)
        except OUTSIDE as error:
            logger("scoring.refolding").warning("again", error=type(error).__name__, sqlstate=getattr(error, "sqlstate", None))
            await asyncio.sleep(BACK_OFF)


async def compare_for_ever(pool: asyncpg.Pool, reader: PartitionReader, *, clock: Clock, metrics: Metrics) -> None:
    """Compare each closed batch once the log has been read past it, and again after late facts."""
    while True:
        await asyncio.sleep(COMPARE_EVERY)
        try:
            async with pool.acquire() as connection:
                for topic in await without_ends(connection):
                    await note_ends(connection, topic, await _ends(reader, topic))
                for day in await ready(connection):
                    same = await compare(connection, day, clock.now())
                    logger("scoring.reconciling").info("compared", source=day.source, day=day.day.isoformat(), same=same)
                metrics.set("feed_batches_different", await differing(connection))
        except OUTSIDE as error:
            logger("scoring.reconciling").warning("again", error=type(error).__name__, sqlstate=getattr(error, "sqlstate", None))
            await asyncio.sleep(BACK_OFF)


async def _ends(reader: PartitionReader, topic: str) -> dict[int, int]:
    numbers = reader.consumer.partitions_for_topic(topic) or set()
    ends = await reader.consumer.end_offsets([TopicPartition(topic, number) for number in sorted(numbers)])
    return {partition.partition: end for partition, end in ends.items()}
