"""Hearing other services (I5): one message, one transaction with its inbox row, its work, its outbox rows and its position."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Any, Final, Generic, TypeVar

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError
from pydantic import ValidationError
from sqlalchemy import CursorResult, Result, Row, Table, and_, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from contracts.envelope import Contract, Envelope
from contracts.topics import DEAD_LETTERS
from kit.db import Database
from kit.errors import Refused
from kit.logs import correlation, logger
from kit.metrics import Metrics
from kit.outbox import Cause, Raw, SqlOutbox
from kit.reader import Lost, MakeClient, Message, PartitionReader, Position
from kit.tables import Plumbing

MOST: Final = 200  # messages fetched at a time; each has a transaction of its own
WAIT_MS: Final = 1_000  # what is there is given at once
FIRST_BACK_OFF: Final = 0.2  # seconds; doubled up to the longest while the same message fails
LONGEST_BACK_OFF: Final = 10.0
DEAD_LETTER_LIMIT: Final = 50  # dead letters in a row after which somebody must look: then the reader stands still and says so
SHOW_EVERY: Final = 2.0  # seconds between commits to Kafka, for lag displays

Work = TypeVar("Work")
Handler = Callable[[Any, Work], Awaitable[None]]
Subscriptions = Mapping[type[Contract], Handler[Work]]


class Invalid(Exception):
    """The domain will never take this event: to the dead letters with the reason."""


class SqlPositions:
    """The positions of a service's consumer, in its own database."""

    def __init__(self, database: Database, table: Table) -> None:
        self._database = database
        self._table = table

    async def load(self, partitions: Collection[TopicPartition]) -> Mapping[TopicPartition, Position]:
        table = self._table
        wanted = or_(*(and_(table.c.topic == partition.topic, table.c.partition == partition.partition) for partition in partitions))
        async with self._database.transaction() as session:
            return {TopicPartition(row.topic, row.partition): _position(row) for row in await session.execute(select(table).where(wanted))}

    async def move(self, session: AsyncSession, partition: TopicPartition, *, was: Position, now: Position) -> None:
        """Compare and set; raises `Lost` when the stored position is not `was`."""
        table = self._table
        values = {"next_offset": now.next_offset, "last_timestamp": now.timestamp, "last_digest": now.digest}
        made = (
            insert(table).values(topic=partition.topic, partition=partition.partition, epoch=now.epoch, **values).on_conflict_do_nothing()
        )
        same = and_(table.c.topic == partition.topic, table.c.partition == partition.partition, table.c.epoch == was.epoch)
        moved = update(table).where(same, table.c.next_offset == was.next_offset).values(**values)
        if _touched(await session.execute(moved)) == 0 and (was.digest is not None or _touched(await session.execute(made)) == 0):
            raise Lost(f"{partition.topic}[{partition.partition}] is not at {was.next_offset} any more")


def _touched(result: Result[Any]) -> int:
    assert isinstance(result, CursorResult)  # noqa: S101 - what every data-changing statement gives
    return result.rowcount


def _position(row: Row[Any]) -> Position:
    return Position(next_offset=row.next_offset, epoch=row.epoch, timestamp=row.last_timestamp, digest=row.last_digest)


class Consumer(Generic[Work]):
    """A service's ear: takes the messages of some topics one by one and gives them to the handlers of its subscriptions.

    Three outcomes: done; invalid, to the dead letters; anything else, the same message again after a pause. Nothing is skipped
    because it failed. A type without subscription is done at once.
    """

    def __init__(
        self,
        database: Database,
        tables: Plumbing,
        *,
        subscriptions: Subscriptions[Work],
        outbox: Callable[[AsyncSession, Cause], SqlOutbox[Any]],
        open_work: Callable[[AsyncSession, Cause], Work],
        bootstrap: str,
        service: str,
        prefix: str,
        metrics: Metrics,
        instance: str | None = None,
        client: MakeClient = AIOKafkaConsumer,
    ) -> None:
        self._database = database
        self._tables = tables
        self._contracts = {contract.TYPE: (contract, handler) for contract, handler in subscriptions.items()}
        self._topics = sorted({prefix + contract.TOPIC for contract in subscriptions})
        self._open_work = open_work
        self._outbox = outbox
        self._service = service
        self._metrics = metrics
        self._positions = SqlPositions(database, tables.positions)
        self._buried = 0
        self._log = logger("kit.inbox").bind(service=service)
        self.reader = PartitionReader(
            bootstrap=bootstrap,
            group=f"{prefix}{service}",
            positions=self._positions,
            instance=instance,
            adopting=f"python -m {service} adopt",
            client=client,
        )

    async def run(self) -> None:
        """Until cancelled."""
        await self.reader.start(topics=self._topics)
        shown = time.monotonic()
        try:
            while True:
                async with self.reader.batch(most=MOST, wait_ms=WAIT_MS) as batch:
                    lost = [partition for partition, messages in batch.items() if not await self._take_all(partition, messages)]
                if lost:
                    await self.reader.reset(lost)
                if time.monotonic() - shown > SHOW_EVERY:
                    await self._show()
                    shown = time.monotonic()
        finally:
            await self.reader.stop()

    async def behind(self) -> int | None:
        """How many messages were said that are still to be taken; None before this process reads."""
        return await self.reader.behind()

    async def _show(self) -> None:
        try:
            await self.reader.heed_stored()
            await self.reader.show_progress()
            behind = await self.reader.lag()
        except (KafkaError, DBAPIError, OSError, TimeoutError):
            return
        for topic in self._topics:
            self._metrics.set(
                "consumer_lag_messages", sum(lag for partition, lag in behind.items() if partition.topic == topic), topic=topic
            )

    async def _take_all(self, partition: TopicPartition, messages: list[Message]) -> bool:
        """Whether the partition is still ours after these messages."""
        for message in messages:
            try:
                await self._take_until_done(partition, message)
            except Lost as lost:
                self._log.warning("lost", reason=str(lost))
                return False
        return True

    async def _take_until_done(self, partition: TopicPartition, message: Message) -> None:
        pause = FIRST_BACK_OFF
        while True:
            try:
                await self._take(partition, message)
            except (DBAPIError, OSError, TimeoutError, Refused) as error:
                self._log.warning("again", topic=partition.topic, offset=message.offset, error=f"{type(error).__name__}: {error}")
                self._metrics.count("events_handled_total", type="any", outcome="retried")
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_BACK_OFF)
            else:
                return

    async def _take(self, partition: TopicPartition, message: Message) -> None:
        was = self.reader.position(partition)
        now = was.after(message)
        try:
            outcome = await self._transacted(partition, message, was, now)
        except (Invalid, ValidationError) as error:
            outcome = await self._bury(partition, message, was, now, reason=str(error))
        self.reader.advance(partition, now)
        self._metrics.count("events_handled_total", type=outcome[0], outcome=outcome[1])

    async def _transacted(self, partition: TopicPartition, message: Message, was: Position, now: Position) -> tuple[str, str]:
        envelope = Envelope.model_validate_json(message.value or b"")
        correlation.set(envelope.correlationid)
        async with self._database.transaction() as session:
            await self._positions.move(session, partition, was=was, now=now)
            inbox = insert(self._tables.inbox).values(event=envelope.id).on_conflict_do_nothing()
            if _touched(await session.execute(inbox)) == 0:
                return envelope.type, "duplicate"
            if envelope.type not in self._contracts:
                return "other", "ignored"
            contract, handler = self._contracts[envelope.type]
            work = self._open_work(session, Cause(correlation=envelope.correlationid, event=str(envelope.id)))
            await handler(contract.model_validate(envelope.data), work)
        self._buried = 0
        return envelope.type, "done"

    async def _bury(self, partition: TopicPartition, message: Message, was: Position, now: Position, *, reason: str) -> tuple[str, str]:
        """The bytes as they were go to the dead letters, beside their reason in the log."""
        self._buried += 1
        if self._buried > DEAD_LETTER_LIMIT:
            raise TimeoutError(f"{self._buried} dead letters in a row: somebody sends what nobody understands; look at {DEAD_LETTERS}")
        self._log.error("dead letter", topic=partition.topic, partition=partition.partition, offset=message.offset, reason=reason)
        async with self._database.transaction() as session:
            await self._positions.move(session, partition, was=was, now=now)
            key = f"{self._service}/{partition.topic}/{partition.partition}/{message.offset}"
            letter = Raw(topic=DEAD_LETTERS, key=key, value=message.value or b"")
            await self._outbox(session, Cause(correlation=correlation.get())).add_raw(letter)
        return "any", "dead"
