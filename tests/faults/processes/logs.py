"""The topics as they are, read whole: what was said so far, in the order of each partition."""

from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import pydantic_core
from aiokafka import AIOKafkaConsumer, TopicPartition

from contracts.feed import PLATFORM_SLUG
from contracts.topics import DEAD_LETTERS, FEED_PARTITIONS, INTERNAL, INTERNAL_PARTITIONS, feed_topic
from tests.faults.processes.world import SOURCES

FEEDS: Final = (*(feed_topic(source.slug) for source in SOURCES), feed_topic(PLATFORM_SLUG))
TOPICS: Final = (*INTERNAL, DEAD_LETTERS, *FEEDS)


@dataclass(frozen=True, slots=True)
class Said:
    """One message of a log."""

    partition: int
    offset: int
    key: str
    value: bytes

    @property
    def event(self) -> dict[str, Any]:
        found: dict[str, Any] = pydantic_core.from_json(self.value)
        return found


@dataclass(slots=True)
class Logs:
    """Grows with each reading; `ends` are the offsets up to which everything was read."""

    bootstrap: str
    said: dict[str, list[Said]] = field(default_factory=lambda: defaultdict(list))
    ends: dict[TopicPartition, int] = field(default_factory=dict)

    async def read_on(self) -> Mapping[TopicPartition, int]:
        """Read what came since the last reading; the ends of all partitions."""
        async with _reader(self.bootstrap) as reader:
            ends = await reader.end_offsets(await _partitions(reader))
            reader.assign(list(ends))
            for partition in ends:
                reader.seek(partition, self.ends.get(partition, 0))
            await self._read_to(reader, ends)
        return self.ends

    async def _read_to(self, reader: AIOKafkaConsumer, ends: Mapping[TopicPartition, int]) -> None:
        while behind := [partition for partition, end in ends.items() if self.ends.get(partition, 0) < end]:
            for partition, messages in (await reader.getmany(*behind, timeout_ms=500)).items():
                for one in messages:
                    said = Said(partition.partition, one.offset, (one.key or b"").decode(), one.value or b"")
                    self.said[partition.topic].append(said)
                self.ends[partition] = messages[-1].offset + 1

    def events(self, topic: str, of: str) -> Iterator[dict[str, Any]]:
        """The payloads of a type, each event once however often it was sent."""
        seen: set[str] = set()
        for said in self.said[topic]:
            event = said.event
            if event["type"] == of and event["id"] not in seen:
                seen.add(event["id"])
                yield event["data"]

    def ids(self, topics: Collection[str]) -> set[str]:
        return {said.event["id"] for topic in topics for said in self.said[topic]}


async def ends_of(bootstrap: str) -> Mapping[TopicPartition, int]:
    """Of all partitions of all topics that are there."""
    async with _reader(bootstrap) as reader:
        found: dict[TopicPartition, int] = await reader.end_offsets(await _partitions(reader))
    return found


@asynccontextmanager
async def _reader(bootstrap: str) -> AsyncIterator[AIOKafkaConsumer]:
    reader = AIOKafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False, auto_offset_reset="earliest")
    try:
        await reader.start()
        yield reader
    finally:
        await reader.stop()


async def _partitions(reader: AIOKafkaConsumer) -> list[TopicPartition]:
    """By contract: a client that subscribes to nothing is told of no partitions."""
    known = await reader.topics()
    numbers = {topic: FEED_PARTITIONS if topic in FEEDS else INTERNAL_PARTITIONS for topic in TOPICS if topic in known}
    return [TopicPartition(topic, number) for topic, most in numbers.items() for number in range(most)]
