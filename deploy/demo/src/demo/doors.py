"""The doors of the platform through which the bureau's systems speak: their own topic on Kafka, or the HTTP intake."""

import asyncio
import json
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from aiokafka import AIOKafkaProducer

from contracts.topics import FEED_PREFIX
from demo.bureau import Source
from demo.simulator.facts import Message

MOST_IN_A_BATCH: Final = 500  # events in one HTTP request
SEND_PATIENCE: Final = 30.0  # seconds


@dataclass(frozen=True, slots=True)
class KafkaDoor:
    """A system that writes to its own topic by itself."""

    producer: AIOKafkaProducer
    prefix: str

    async def send(self, messages: Sequence[Message]) -> None:
        async with asyncio.timeout(SEND_PATIENCE):
            waiting = [await self.producer.send(self._topic(one.source), one.value, key=one.key, headers=HEADERS) for one in messages]
            await asyncio.gather(*waiting)

    def _topic(self, source: Source) -> str:
        return f"{self.prefix}{FEED_PREFIX}{source.slug}"


HEADERS: Final = [("content-type", b"application/cloudevents+json; charset=UTF-8")]

Posting = Callable[[Source, str], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class HttpDoor:
    """A system that posts batches of CloudEvents as itself."""

    post: Posting

    async def send(self, messages: Sequence[Message]) -> None:
        for some in _chunks(messages):
            await self.post(some[0].source, json.dumps([json.loads(one.value) for one in some], ensure_ascii=False))


def _chunks(messages: Sequence[Message]) -> Iterable[Sequence[Message]]:
    by_source: dict[str, list[Message]] = defaultdict(list)
    for message in messages:
        by_source[message.source.slug].append(message)
    for said in by_source.values():
        for start in range(0, len(said), MOST_IN_A_BATCH):
            yield said[start : start + MOST_IN_A_BATCH]


@dataclass(frozen=True, slots=True)
class Doors:
    kafka: KafkaDoor
    http: HttpDoor

    async def send(self, messages: Sequence[Message]) -> int:
        """Hand all messages over, each source in its order; how many they were. Returns when they are acknowledged."""
        through = {door: [one for one in messages if one.source.door == door] for door in ("kafka", "http")}
        await asyncio.gather(self.kafka.send(through["kafka"]), self.http.send(through["http"]))
        return len(messages)
