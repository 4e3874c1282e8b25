"""The only translation between facts of this service and the public language: CloudEvents on the topic of their source."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, Final

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from collection.domain.facts import Fact, Observed, Withdrawn
from collection.domain.formats import spelled
from collection.domain.mappings import FileMapping
from collection.domain.runs import SourceNotRegistered
from contracts.envelope import CONTENT_TYPE
from contracts.feed import RECORD_OBSERVED, RECORD_WITHDRAWN
from contracts.topics import feed_topic
from kit.errors import NotYet
from kit.kafka import SEND_PATIENCE, producer

HEADERS: Final = [("content-type", CONTENT_TYPE.encode())]


def cloud_event(fact: Fact, source: str) -> dict[str, Any]:
    """The fact as a structured CloudEvent; the same fact gives the same bytes each time."""
    return {
        "specversion": "1.0",
        "type": RECORD_OBSERVED if isinstance(fact, Observed) else RECORD_WITHDRAWN,
        "source": source,
        "id": fact.id,
        "subject": fact.subject,
        "time": spelled(fact.time),
        "datacontenttype": "application/json",
        "data": _data(fact),
    }


def _data(fact: Fact) -> dict[str, Any]:
    match fact:
        case Observed():
            unit = {} if fact.unit is None else {"unit": fact.unit}
            return {"kind": fact.kind, **unit, "set": dict(fact.values)}
        case Withdrawn():
            return {"reason": fact.reason}


def encoded(fact: Fact, source: str) -> bytes:
    return json.dumps(cloud_event(fact, source), ensure_ascii=False, separators=(",", ":")).encode()


class Feed:
    """Sends facts to `feed.<slug>`, keyed by subject, and returns when all replicas have them."""

    def __init__(self, kafka: AIOKafkaProducer, *, prefix: str, sent: Callable[[str, int], None]) -> None:
        self._kafka = kafka
        self._prefix = prefix
        self._sent = sent

    async def check(self, slug: str) -> None:
        """Raises `SourceNotRegistered` where the source has no topic; the broker makes none by itself."""
        topic = self._prefix + feed_topic(slug)
        known = await self._kafka.client.fetch_all_metadata()
        if not known.partitions_for_topic(topic):
            raise SourceNotRegistered(slug)

    async def send(self, mapping: FileMapping, facts: Sequence[Fact]) -> None:
        topic = self._prefix + feed_topic(mapping.slug)
        try:
            async with asyncio.timeout(SEND_PATIENCE):
                sending = [
                    await self._kafka.send(topic, key=fact.subject.encode(), value=encoded(fact, mapping.source), headers=HEADERS)
                    for fact in facts
                ]
                await asyncio.gather(*sending)
        except (KafkaError, OSError, TimeoutError) as error:
            raise _unreachable(error) from error
        self._sent(mapping.slug, len(facts))


@asynccontextmanager
async def feed(bootstrap: str, *, prefix: str, sent: Callable[[str, int], None]) -> AsyncIterator[Feed]:
    """The way to Kafka for one run, with a producer of its own: one that failed for good harms no other run."""
    async with AsyncExitStack() as stack:
        try:
            kafka = await stack.enter_async_context(producer(bootstrap, client="collection"))
        except (KafkaError, OSError) as error:
            raise _unreachable(error) from error
        yield Feed(kafka, prefix=prefix, sent=sent)


def _unreachable(error: Exception) -> NotYet:
    return NotYet("消息系统暂不可用, 请稍后重新执行", f"Kafka is out of reach, run it again later: {type(error).__name__} {error}")
