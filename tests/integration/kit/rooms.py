"""A service as small as one can be: the plumbing's tables and one contract."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import ClassVar

from aiokafka import AIOKafkaConsumer
from sqlalchemy import Column, Integer, MetaData, Table, Text
from sqlalchemy.ext.asyncio import AsyncSession

from contracts.envelope import Contract
from kit.clock import SystemClock
from kit.db import Database
from kit.kafka import ensure_topics
from kit.metrics import Metrics
from kit.outbox import Cause, SqlOutbox
from kit.reader import Message
from kit.service import Messaging
from kit.tables import Plumbing, plumbing
from kit.testing import Servers, fresh_database, topic_prefix

TOPIC = "room.events"
PARTITIONS = 4


class CountedV1(Contract):
    TYPE: ClassVar = "room.counted.v1"
    TOPIC: ClassVar = TOPIC
    KEY: ClassVar = "room"

    room: str
    number: int


@dataclass(frozen=True, slots=True)
class Room:
    messaging: Messaging[CountedV1]
    url: str
    heard: Table

    @property
    def database(self) -> Database:
        return self.messaging.database

    @property
    def tables(self) -> Plumbing:
        return self.messaging.tables

    @property
    def bootstrap(self) -> str:
        return self.messaging.bootstrap

    @property
    def topic(self) -> str:
        return self.messaging.prefix + TOPIC

    def outbox(self, session: AsyncSession) -> SqlOutbox[CountedV1]:
        return self.messaging.outbox(session, Cause(correlation="c-1"))

    async def say(self, room: str, number: int) -> None:
        async with self.database.transaction() as session:
            await self.outbox(session).add(CountedV1(room=room, number=number))

    async def log(self, *, least: int) -> list[Message]:
        """What the topic holds once there are `least` messages, a moment later so that more than expected would be seen."""
        consumer = AIOKafkaConsumer(self.topic, bootstrap_servers=self.bootstrap, auto_offset_reset="earliest", enable_auto_commit=False)
        await consumer.start()
        found: list[Message] = []
        try:
            quiet = 0
            while len(found) < least or not quiet:
                fetched = await consumer.getmany(timeout_ms=500)
                quiet = not fetched
                found += [message for messages in fetched.values() for message in messages]
        finally:
            await consumer.stop()
        return found


@asynccontextmanager
async def a_room(servers: Servers) -> AsyncIterator[Room]:
    metadata = MetaData()
    tables = plumbing(metadata)
    heard = Table("heard", metadata, Column("room", Text), Column("number", Integer))
    prefix = topic_prefix()
    async with fresh_database(servers.postgres_url) as url:
        database = Database(url, application="room")
        async with database.engine.begin() as connection:
            await connection.run_sync(metadata.create_all)
        await ensure_topics(servers.kafka_bootstrap, [prefix + TOPIC, prefix + "dead-letters"], partitions=PARTITIONS)
        try:
            yield Room(_messaging(database, tables, prefix, servers), url, heard)
        finally:
            await database.close()


def _messaging(database: Database, tables: Plumbing, prefix: str, servers: Servers) -> Messaging[CountedV1]:
    return Messaging(
        service="room",
        bootstrap=servers.kafka_bootstrap,
        prefix=prefix,
        database=database,
        tables=tables,
        clock=SystemClock(),
        metrics=Metrics(),
        contract_of=lambda fact: fact,
    )
