"""The outbox (I6): what a transaction says is written with it, and sent from there, never lost, in order per key."""

import asyncio
import zlib
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, Generic, TypeVar

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from sqlalchemy import Row, Table, delete, func, insert, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from contracts.envelope import CONTENT_TYPE, Contract, Envelope
from kit.clock import Clock
from kit.db import Database, heed_cancellation
from kit.ids import uuid7
from kit.kafka import SEND_PATIENCE, producer
from kit.logs import logger
from kit.metrics import Metrics
from kit.tables import VIRTUAL_PARTITIONS

BATCH: Final = 1_000  # rows selected, sent and marked at a time (measured: 68,000 rows/s)
POLL: Final = 0.1  # seconds between looks; the writers of the own process wake the relay at once
BACK_OFF: Final = 2.0  # seconds after Kafka or PostgreSQL failed
KEEP_SENT: Final = timedelta(days=7)  # after a restore not older than this the topics can be filled again from here
KEEP_HANDLED: Final = timedelta(days=14)
PRUNE_EVERY: Final = 3600.0
LOCK_SPACE: Final = 0x6B616F  # first key of the advisory locks, so that they meet no other's
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

    Takes a lock on the key until the transaction ends, so that a key's rows have ids in the order of commits.
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
        prefix: str = "",
    ) -> None:
        self._session = session
        self._table = table
        self._service = service
        self._contract_of = contract_of
        self._clock = clock
        self._cause = cause
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


class Relay:
    """Sends unsent rows in the order of their ids and marks them after the acknowledgement.

    Any number may run: each share of the keys has one owner at a time, by an advisory lock that ends with its connection.
    """

    def __init__(
        self, database: Database, table: Table, *, bootstrap: str, service: str, metrics: Metrics, inbox: Table | None = None
    ) -> None:
        self._database = database
        self._table = table
        self._inbox = inbox
        self._bootstrap = bootstrap
        self._service = service
        self._metrics = metrics
        self._woken = asyncio.Event()
        self._log = logger("kit.outbox").bind(service=service)

    def wake(self) -> None:
        self._woken.set()

    async def run(self) -> None:
        """Until cancelled; a failure of Kafka or PostgreSQL is waited out with fresh connections."""
        while True:
            try:
                async with (
                    producer(self._bootstrap, client=f"{self._service}-relay") as kafka,
                    self._database.engine.connect() as connection,
                ):
                    try:
                        await self._serve(kafka, await connection.execution_options(isolation_level="AUTOCOMMIT"))
                    finally:
                        # Back in the pool it would keep its locks, and no relay, this one included, could ever take the shares again.
                        await connection.invalidate()
            except (KafkaError, OSError, TimeoutError, DBAPIError) as error:
                heed_cancellation()
                self._log.warning("relay starts again", error=str(error))
                await asyncio.sleep(BACK_OFF)

    async def _serve(self, kafka: AIOKafkaProducer, owner: AsyncConnection) -> None:
        loop = asyncio.get_running_loop()
        pruned = loop.time()
        owned: set[int] = set()
        while True:
            owned |= await self._more_shares(owner, owned)
            sent = await self._send_some(kafka, owner, sorted(owned))
            if loop.time() - pruned > PRUNE_EVERY:
                await self._prune(owner)
                pruned = loop.time()
            if sent < BATCH:
                await self._rest()

    async def _rest(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(POLL):
                await self._woken.wait()
        self._woken.clear()

    async def _more_shares(self, owner: AsyncConnection, owned: set[int]) -> set[int]:
        """Shares that nobody serves, taken over."""
        wanted = [share for share in range(VIRTUAL_PARTITIONS) if share not in owned]
        if not wanted:
            return set()
        taken = await owner.execute(
            text("select share from unnest(cast(:wanted as int[])) share where pg_try_advisory_lock(:space, share)"),
            {"wanted": wanted, "space": LOCK_SPACE},
        )
        return {row.share for row in taken}

    async def _send_some(self, kafka: AIOKafkaProducer, owner: AsyncConnection, shares: Sequence[int]) -> int:
        table = self._table
        unsent = select(table.c.id, table.c.topic, table.c.key, table.c.value, (func.clock_timestamp() - table.c.added_at).label("age"))
        chosen = unsent.where(table.c.sent_at.is_(None), table.c.share.in_(shares)).order_by(table.c.id).limit(BATCH)
        rows = (await owner.execute(chosen)).all()
        self._metrics.set("outbox_oldest_unsent_seconds", rows[0].age.total_seconds() if rows else 0)
        if rows:
            await self._acknowledged(kafka, rows)
            await owner.execute(update(table).where(table.c.id.in_([row.id for row in rows])).values(sent_at=func.clock_timestamp()))
            self._metrics.count("outbox_sent_total", len(rows))
        return len(rows)

    @staticmethod
    async def _acknowledged(kafka: AIOKafkaProducer, rows: Sequence[Row[Any, Any, Any, Any, Any]]) -> None:
        async with asyncio.timeout(SEND_PATIENCE):
            sending = [await kafka.send(row.topic, key=row.key.encode(), value=row.value, headers=HEADERS) for row in rows]
            await asyncio.gather(*sending)

    async def _prune(self, owner: AsyncConnection) -> None:
        await owner.execute(delete(self._table).where(self._table.c.sent_at < func.now() - KEEP_SENT))
        if self._inbox is not None:
            await owner.execute(delete(self._inbox).where(self._inbox.c.handled_at < func.now() - KEEP_HANDLED))

    async def check(self, *, oldest: timedelta = timedelta(seconds=30)) -> str | None:
        """For readiness: silent unless a row has waited longer than `oldest`."""
        table = self._table
        async with self._database.transaction() as session:
            age = (
                await session.execute(select(func.clock_timestamp() - func.min(table.c.added_at)).where(table.c.sent_at.is_(None)))
            ).scalar()
        return f"the oldest unsent event is {age} old" if age is not None and age > oldest else None
