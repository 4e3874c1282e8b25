"""The feed's topics: made, written to, looked at. Nothing is consumed here; that is the worker's."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Final, TypeVar

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError

from contracts.topics import FEED_PARTITIONS, feed_topic
from kit.errors import NotYet
from kit.kafka import LARGEST_MESSAGE, SEND_PATIENCE, ensure_topics, producer
from kit.logs import logger
from scoring.ledger.handlers.work import Outgoing

Asking = Callable[[list[TopicPartition]], Awaitable[Mapping[TopicPartition, int]]]

Connection = TypeVar("Connection")

LOOK_PATIENCE: Final = 3.0  # seconds to ask the broker for offsets
BACK_OFF: Final = 2.0


class KafkaFeed:
    """The log of the feed as the API's process needs it; `run` holds its connections."""

    def __init__(self, *, bootstrap: str, prefix: str, replicas: int = 1) -> None:
        self._bootstrap = bootstrap
        self._prefix = prefix
        self._replicas = replicas
        self._kafka: AIOKafkaProducer | None = None
        self._probe: AIOKafkaConsumer | None = None

    async def run(self) -> None:
        """Until cancelled; a broker that is away at the start is waited for."""
        while True:
            try:
                async with self.connected():
                    await asyncio.Event().wait()
            except (KafkaError, OSError) as error:
                logger("scoring.intake").warning("again", error=f"{type(error).__name__}: {error}")
                await asyncio.sleep(BACK_OFF)

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[None]:
        """A producer and a look at offsets for as long as the block lasts."""
        probe = AIOKafkaConsumer(bootstrap_servers=self._bootstrap, enable_auto_commit=False)
        async with producer(self._bootstrap, client="scoring-intake") as kafka:
            try:
                await probe.start()
                self._kafka, self._probe = kafka, probe
                yield
            finally:
                self._kafka = self._probe = None
                await probe.stop()

    async def check(self) -> str | None:
        """For readiness: there is a log to write to."""
        return None if self._kafka else "not connected to the log yet"

    async def ensure(self, slug: str) -> None:
        settings = {"max.message.bytes": str(LARGEST_MESSAGE)}
        topic = self._topic(slug)
        try:
            await ensure_topics(self._bootstrap, [topic], partitions=FEED_PARTITIONS, replicas=self._replicas, settings=settings)
        except (KafkaError, OSError) as error:
            raise _away(error) from error

    async def send(self, messages: Sequence[Outgoing]) -> None:
        kafka = _connected(self._kafka)
        try:
            async with asyncio.timeout(SEND_PATIENCE):
                waiting = [await kafka.send(self._topic(one.slug), one.value, key=one.key, headers=list(one.headers)) for one in messages]
                await asyncio.gather(*waiting)
        except (KafkaError, TimeoutError) as error:
            raise _away(error) from error

    async def begins(self, slug: str) -> Mapping[int, int]:
        return (await self._offsets([slug], _connected(self._probe).beginning_offsets))[slug]

    async def ends(self, slugs: Sequence[str]) -> Mapping[str, Mapping[int, int]]:
        return await self._offsets(slugs, _connected(self._probe).end_offsets)

    async def _offsets(self, slugs: Sequence[str], ask: Asking) -> dict[str, dict[int, int]]:
        wanted = {TopicPartition(self._topic(slug), number): slug for slug in slugs for number in range(FEED_PARTITIONS)}
        found: dict[str, dict[int, int]] = {slug: {} for slug in slugs}
        try:
            async with asyncio.timeout(LOOK_PATIENCE):
                for partition, offset in (await ask(list(wanted))).items():
                    found[wanted[partition]][partition.partition] = offset
        except (KafkaError, TimeoutError) as error:
            raise _away(error) from error
        return found

    def _topic(self, slug: str) -> str:
        return self._prefix + feed_topic(slug)


def _connected(connection: Connection | None) -> Connection:
    if connection is None:
        raise _away(ConnectionError("not connected yet"))
    return connection


def _away(error: Exception) -> NotYet:
    return NotYet(
        "消息系统暂不可用，请稍后重试；重复发送无妨",
        f"the message log is out of reach ({type(error).__name__}): try again later; duplicates do no harm",
    )
