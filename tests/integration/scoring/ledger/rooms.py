"""A ledger of its own for each test: a migrated database, a topic prefix, a registered source, and workers on demand."""

import asyncio
import json
from collections.abc import AsyncIterator, Collection, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import asyncpg
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from contracts.topics import FEED_PARTITIONS, feed_topic
from kit.db import Database
from kit.kafka import LARGEST_MESSAGE, ensure_topics, producer
from kit.migrations import upgrade
from kit.testing import FixedClock, Servers, eventually, fresh_database, topic_prefix
from kit.workdays import shipped
from scoring.ledger.domain.values import Kind
from scoring.ledger.handlers.registering import KindEntry, SourceEntry
from scoring.ledger.store.catalogue import SqlCatalogue
from scoring.ledger.store.scheme_counting import count_scheme
from scoring.ledger.worker import Worker, open_worker
from tests.unit.scoring.ledger.events import CASE

MIGRATIONS = Path(__file__).parents[4] / "services" / "scoring" / "migrations"
SLUG = "case-system"
CYCLE = {"cycle_start": "2026-01", "cycle_end": "2026-12", "zone": "Asia/Shanghai"}
NOW = datetime(2026, 3, 31, 4, 0, tzinfo=UTC)
MEASURES = {
    "closed": {"kind": "case", "at": "closed_on"},
    "amount": {"kind": "case", "at": "closed_on", "where": [["status", "=", "closed"]], "take": {"sum": "amount"}},
    "days": {"kind": "case", "at": "closed_on", "take": {"working_days": ["filed_on", "closed_on"]}},
}


@dataclass(frozen=True, slots=True)
class Room:
    """Where one test happens."""

    servers: Servers
    url: str
    prefix: str
    database: Database
    kafka: AIOKafkaProducer
    pool: asyncpg.Pool

    @property
    def topic(self) -> str:
        return self.prefix + feed_topic(SLUG)

    async def send(self, events: Iterable[Mapping[str, Any]]) -> None:
        """Structured events, keyed by their subjects."""
        await self.send_raw((str(event.get("subject", "")).encode(), json.dumps(event).encode()) for event in events)

    async def send_raw(self, messages: Iterable[tuple[bytes | None, bytes | None]], *, partition: int | None = None) -> None:
        waiting = [await self.kafka.send(self.topic, value, key=key, partition=partition) for key, value in messages]
        await asyncio.gather(*waiting)

    async def count(self, table: str, where: str = "true") -> int:
        found: int = await self.pool.fetchval(f"select count(*) from ledger.{table} where {where}")  # noqa: S608 - a test's own words
        return found

    async def totals(self) -> list[tuple[str, str, str, int, str]]:
        """Measure, unit, month, n and total of all places that hold something."""
        rows = await self.pool.fetch(
            "select key, unit, month, n, trim_scale(total)::text as total from ledger.totals join ledger.measures on number = measure"
            " where n <> 0 or total <> 0 order by key, unit, month"
        )
        return [(row["key"], row["unit"], row["month"], row["n"], row["total"]) for row in rows]

    async def totals_of(self, scheme: str) -> dict[tuple[str, str, str], tuple[int, Fraction]]:
        """By measure, unit and month; what is counted whole or not."""
        rows = await self.pool.fetch(
            "select key, unit, month, n, total from ledger.totals join ledger.measures on number = measure"
            " where scheme = $1 and (n <> 0 or total <> 0)",
            scheme,
        )
        return {(row["key"], row["unit"], row["month"]): (row["n"], Fraction(row["total"])) for row in rows}

    async def ask_count(self, scheme: str, measures: Mapping[str, Any] = MEASURES) -> None:
        """As an activation does."""
        async with self.database.transaction() as session:
            await SqlCatalogue(session).ask_count(scheme, measures, **CYCLE)

    async def until(self, table: str, number: int, where: str = "true", *, within: float = 30) -> None:
        async def reached() -> bool:
            return await self.count(table, where) >= number

        await eventually(reached, within=within)

    async def until_taken(self, *, within: float = 60) -> None:
        """Until every message of the topic was taken."""
        ends = await self.ends()

        async def taken() -> bool:
            rows = await self.pool.fetch("select partition, next_offset from ledger.positions where topic = $1", self.topic)
            held = {row["partition"]: row["next_offset"] for row in rows}
            return all(held.get(partition, 0) >= end for partition, end in ends.items())

        await eventually(taken, within=within, every=0.2)

    async def ends(self) -> dict[int, int]:
        probe = AIOKafkaConsumer(bootstrap_servers=self.servers.kafka_bootstrap)
        await probe.start()
        try:
            found = await probe.end_offsets([TopicPartition(self.topic, number) for number in range(FEED_PARTITIONS)])
        finally:
            await probe.stop()
        return {partition.partition: end for partition, end in found.items()}

    @asynccontextmanager
    async def worker(self, *, instance: str | None = None, without: Collection[str] = ()) -> AsyncIterator[Worker]:
        """A worker in this process; `without` some of its siblings."""
        async with open_worker(
            database_url=self.url,
            bootstrap=self.servers.kafka_bootstrap,
            prefix=self.prefix,
            clock=FixedClock(NOW),
            calendar=shipped(),
            instance=instance,
        ) as made:
            tasks = [asyncio.ensure_future(sibling()) for name, sibling in made.siblings.items() if name not in without]
            try:
                yield made
                for task in tasks:
                    assert not task.done(), task
            finally:
                for task in tasks:
                    task.cancel()
                with suppress(asyncio.CancelledError):
                    await asyncio.gather(*tasks)


@asynccontextmanager
async def a_room(servers: Servers) -> AsyncIterator[Room]:
    async with fresh_database(servers.postgres_url) as url:
        await asyncio.to_thread(upgrade, MIGRATIONS, url)
        prefix = topic_prefix()
        settings = {"max.message.bytes": str(LARGEST_MESSAGE)}
        await ensure_topics(servers.kafka_bootstrap, [prefix + feed_topic(SLUG)], partitions=FEED_PARTITIONS, settings=settings)
        database = Database(url, application="test")
        async with producer(servers.kafka_bootstrap, client="test") as kafka, asyncpg.create_pool(url, min_size=1, max_size=3) as pool:
            room = Room(servers, url, prefix, database, kafka, pool)
            await _register(room)
            yield room
        await database.close()


async def _register(room: Room) -> None:
    async with room.database.transaction() as session:
        catalogue = SqlCatalogue(session)
        await catalogue.put_source(SourceEntry(slug=SLUG, uri="urn:source:case-system", name="案件系统"))
        await catalogue.put_kind(KindEntry(kind=Kind.of("case", {name: of.value for name, of in CASE.attributes.items()}), name="案件"))
        await catalogue.put_aliases(SLUG, {"east": "u-east", "west": "u-west"})
    await count_scheme(room.database, shipped(), scheme="2026/1", documents=MEASURES, **CYCLE)
