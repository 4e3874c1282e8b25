"""Whether the feed flows, and stopping one source of it."""

from collections.abc import Collection, Mapping

import asyncpg
from aiokafka import TopicPartition

from kit.reader import Position
from scoring.ledger.store.knowledge import Connection, why_paused


async def is_open(connection: Connection) -> bool:
    """Whether nothing is counted that the feed has to wait for."""
    return await why_paused(connection) is None


async def version_of(connection: Connection) -> int:
    found: int = await connection.fetchval("select version from ledger.control where one = 1")
    return found


async def pause(connection: Connection, slug: str, reason: str) -> None:
    """Take nothing more of a source until it is resumed; all workers learn it by the version."""
    async with connection.transaction():
        await connection.execute("update ledger.control set version = version + 1 where one = 1")
        await connection.execute("update ledger.sources set paused = $2 where slug = $1 and paused is null", slug, reason)


class PgPositions:
    """The worker's positions, for its reader."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def load(self, partitions: Collection[TopicPartition]) -> Mapping[TopicPartition, Position]:
        rows = await self._pool.fetch(
            "select topic, partition, epoch, next_offset, last_timestamp, last_digest from ledger.positions"
            " where (topic, partition) in (select * from unnest($1::text[], $2::int[]))",
            [partition.topic for partition in partitions],
            [partition.partition for partition in partitions],
        )
        return {
            TopicPartition(row["topic"], row["partition"]): Position(
                row["next_offset"], row["epoch"], row["last_timestamp"], row["last_digest"]
            )
            for row in rows
        }
