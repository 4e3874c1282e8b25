"""The outbox (I6): what a transaction says is written with it, and sent from there, never lost, in order per key."""

import asyncio
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Generic, Protocol, TypeVar

from aiokafka.errors import KafkaError
from sqlalchemy import Table, delete, func, insert, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from contracts.envelope import CONTENT_TYPE, Contract, Envelope
from kit.clock import Clock
from kit.db import Database, after_commit, heed_cancellation
from kit.health import Check
from kit.ids import uuid7
from kit.kafka import SEND_PATIENCE
from kit.logs import logger
from kit.metrics import Metrics
from kit.tables import VIRTUAL_PARTITIONS, Plumbing
from kit.waking import Bell, rest

BATCH: Final = 1_000  # rows selected, sent and marked at a time (measured: 68,000 rows/s)
POLL: Final = 0.5  # seconds between looks for rows of other processes; the own process rings when it has committed some
BACK_OFF: Final = 2.0  # seconds after Kafka or PostgreSQL failed
KEEP_SENT: Final = timedelta(days=7)  # after a restore not older than this the topics can be filled again from here
KEEP_HANDLED: Final = timedelta(days=14)
PRUNE_EVERY: Final = 3600.0
LOCK_SPACE: Final = 0x6B616F  # first key of the advisory locks, so that they meet no other's
OLDEST: Final = timedelta(seconds=30)  # an event that waited longer turns readiness red
ALL_SHARES: Final = frozenset(range(VIRTUAL_PARTITIONS))
HEADERS: Final = [("content-type", CONTENT_TYPE.encode())]

Fact = TypeVar("Fact")


@dataclass(frozen=True, slots=True)
class Cause:
    """What led to this transaction: the chain's correlation id and the event, if it was one."""

    correlation: str
    event: str | None = None


@dataclass(frozen=True, slots=True)
class Raw:
    """A message that is no contract between services, already encoded: a fact of the platform's own feed."""

    topic: str
    key: str
    value: bytes


class SqlOutbox(Generic[Fact]):
    """Writes facts of the domain as contracts into the outbox of the open transaction.

    Takes a lock on the key until the transaction ends, so that a key's rows have ids in the order of commits. Rings the relay's bell
    when the transaction has committed.
    """

    def __init__(
        self,
        session: AsyncSession,
        table: Table,
        *,
        service: str,
        contract_of: Callable[[Fact], Contract],
        clock: Clock,
        cause: Cause,
        bell: Bell,
        prefix: str = "",
    ) -> None:
        self._session = session
        self._table = table
        self._service = service
        self._contract_of = contract_of
        self._clock = clock
        self._cause = cause
        self._bell = bell
        self._prefix = prefix

    async def add(self, fact: Fact) -> None:
        payload = self._contract_of(fact)
        envelope = Envelope.around(
            payload,
            id=uuid7(),
            source=self._service,
            time=self._clock.now(),
            correlationid=self._cause.correlation,
            causationid=self._cause.event,
        )
        await self.add_raw(Raw(topic=payload.TOPIC, key=payload.key, value=envelope.model_dump_json().encode()))

    async def add_raw(self, message: Raw) -> None:
        topic = self._prefix + message.topic
        await self._session.execute(text("select pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": f"{topic}/{message.key}"})
        share = zlib.crc32(message.key.encode()) % VIRTUAL_PARTITIONS
        await self._session.execute(insert(self._table).values(share=share, topic=topic, key=message.key, value=message.value))
        after_commit(self._session, self._bell.ring)


@dataclass(frozen=True, slots=True)
class Unsent:
    """A row of the outbox that nobody has marked as sent."""

    id: int
    topic: str
    key: str
    value: bytes
    age: timedelta


class Rows(Protocol):
    """The outbox as one relay sees it while its connection lasts."""

    async def take_shares(self, wanted: Collection[int]) -> set[int]:
        """Those of the wanted shares that nobody served; they are ours until the connection ends."""

    async def unsent(self, shares: Collection[int], *, most: int) -> Sequence[Unsent]:
        """In the order of ids."""

    async def mark_sent(self, ids: Collection[int]) -> None: ...

    async def prune(self) -> None:
        """Forget what was sent and handled long ago."""


class SqlRows:
    """Shares by advisory locks of the connection, which must be in autocommit."""

    def __init__(self, connection: AsyncConnection, tables: Plumbing) -> None:
        self._connection = connection
        self._tables = tables

    async def take_shares(self, wanted: Collection[int]) -> set[int]:
        taken = await self._connection.execute(
            text("select share from unnest(cast(:wanted as int[])) share where pg_try_advisory_lock(:space, share)"),
            {"wanted": sorted(wanted), "space": LOCK_SPACE},
        )
        return {row.share for row in taken}

    async def unsent(self, shares: Collection[int], *, most: int) -> Sequence[Unsent]:
        c = self._tables.outbox.c
        waiting = select(c.id, c.topic, c.key, c.value, func.clock_timestamp() - c.added_at)
        chosen = waiting.where(c.sent_at.is_(None), c.share.in_(sorted(shares))).order_by(c.id).limit(most)
        return [Unsent(*row) for row in await self._connection.execute(chosen)]

    async def mark_sent(self, ids: Collection[int]) -> None:
        table = self._tables.outbox
        await self._connection.execute(update(table).where(table.c.id.in_(ids)).values(sent_at=func.clock_timestamp()))

    async def prune(self) -> None:
        outbox, inbox = self._tables.outbox, self._tables.inbox
        await self._connection.execute(delete(outbox).where(outbox.c.sent_at < func.now() - KEEP_SENT))
        await self._connection.execute(delete(inbox).where(inbox.c.handled_at < func.now() - KEEP_HANDLED))


@asynccontextmanager
async def rows_of(database: Database, tables: Plumbing) -> AsyncIterator[Rows]:
    """On a connection of their own, whose locks end with the block."""
    async with database.engine.connect() as connection:
        try:
            yield SqlRows(await connection.execution_options(isolation_level="AUTOCOMMIT"), tables)
        finally:
            # Back in the pool it would keep its locks, and no relay, this one included, could ever take the shares again.
            await connection.invalidate()


class Producer(Protocol):
    """What a relay needs of Kafka (aiokafka's producer): in `send` a message is queued, what it gives ends with the acknowledgement."""

    async def send(self, topic: str, *, key: bytes, value: bytes, headers: Sequence[tuple[str, bytes]]) -> Awaitable[object]: ...


class Relay:
    """Sends unsent rows in the order of their ids and marks them after the acknowledgement.

    Any number may run: each share of the keys has one owner at a time, by an advisory lock that ends with its connection.
    Rows and producer are opened anew after each failure.
    """

    def __init__(
        self,
        open_rows: Callable[[], AbstractAsyncContextManager[Rows]],
        open_producer: Callable[[], AbstractAsyncContextManager[Producer]],
        *,
        service: str,
        metrics: Metrics,
        bell: Bell,
    ) -> None:
        self._open_rows = open_rows
        self._open_producer = open_producer
        self._metrics = metrics
        self._bell = bell
        self._log = logger("kit.outbox").bind(service=service)

    async def run(self) -> None:
        """Until cancelled; a failure of Kafka or PostgreSQL is waited out with fresh connections."""
        while True:
            try:
                async with self._open_producer() as producer, self._open_rows() as rows:
                    await self._serve(producer, rows)
            except (KafkaError, OSError, TimeoutError, DBAPIError) as error:
                heed_cancellation()
                self._log.warning("relay starts again", error=str(error))
                await asyncio.sleep(BACK_OFF)

    async def _serve(self, producer: Producer, rows: Rows) -> None:
        loop = asyncio.get_running_loop()
        pruned = loop.time()
        owned: set[int] = set()
        while True:
            ring = self._bell.next_ring()
            if others := ALL_SHARES - owned:
                owned |= await rows.take_shares(others)
            sent = await self._send_some(producer, rows, owned)
            if loop.time() - pruned > PRUNE_EVERY:
                await rows.prune()
                pruned = loop.time()
            if sent < BATCH:
                await rest(ring, at_most=POLL)

    async def _send_some(self, producer: Producer, rows: Rows, shares: Collection[int]) -> int:
        unsent = await rows.unsent(shares, most=BATCH)
        self._metrics.set("outbox_oldest_unsent_seconds", unsent[0].age.total_seconds() if unsent else 0)
        if unsent:
            await _acknowledged(producer, unsent)
            await rows.mark_sent([row.id for row in unsent])
            self._metrics.count("outbox_sent_total", len(unsent))
        return len(unsent)


async def _acknowledged(producer: Producer, rows: Sequence[Unsent]) -> None:
    async with asyncio.timeout(SEND_PATIENCE):
        sending = [await producer.send(row.topic, key=row.key.encode(), value=row.value, headers=HEADERS) for row in rows]
        await asyncio.gather(*sending)


async def count_unsent(session: AsyncSession, tables: Plumbing) -> int:
    """Events that Kafka has not acknowledged yet."""
    outbox = tables.outbox
    return (await session.execute(select(func.count()).select_from(outbox).where(outbox.c.sent_at.is_(None)))).scalar_one()


def outbox_check(database: Database, tables: Plumbing, *, oldest: timedelta = OLDEST) -> Check:
    """For readiness: silent unless a row has waited longer than `oldest`."""

    async def check() -> str | None:
        c = tables.outbox.c
        async with database.transaction() as session:
            age = (await session.execute(select(func.clock_timestamp() - func.min(c.added_at)).where(c.sent_at.is_(None)))).scalar()
        return f"the oldest unsent event is {age} old" if age is not None and age > oldest else None

    return check
