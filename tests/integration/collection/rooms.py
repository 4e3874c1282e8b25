"""A collection service on real servers: its own database, its own topics, and what stands on them."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from typing import Any

import httpx
from aiokafka import AIOKafkaConsumer, TopicPartition
from pydantic import SecretStr

import collection
from collection.app import Collection, create
from collection.settings import Settings
from contracts.topics import FEED_PARTITIONS, feed_topic
from kit.kafka import ensure_topics
from kit.migrations import upgrade
from kit.reader import Message
from kit.testing import FixedClock, Servers, TestIssuer, fresh_database, topic_prefix

MIGRATIONS = Path(str(resources.files(collection))).parents[1] / "migrations"
NOW = datetime(2026, 3, 10, 1, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Room:
    service: Collection
    client: httpx.AsyncClient
    issuer: TestIssuer
    kafka: str
    prefix: str
    database_url: str

    async def put(self, text: str) -> httpx.Response:
        name = text.split('name = "', 1)[1].split('"', 1)[0]
        return await self.client.put(f"/v1/mappings/{name}", content=text.encode(), headers={"content-type": "application/toml"})

    async def collect(self, mapping: str, file: str, data: bytes | str, **query: str) -> httpx.Response:
        """Uploads in small pieces, as a stream."""
        body = data.encode() if isinstance(data, str) else data
        return await self.client.post("/v1/collections", params={"mapping": mapping, "file": file, **query}, content=pieces(body))

    async def sent(self, slug: str) -> list[dict[str, Any]]:
        """Every event on the source's topic; those of one record in their order."""
        topic = self.prefix + feed_topic(slug)
        consumer = AIOKafkaConsumer(bootstrap_servers=self.kafka, auto_offset_reset="earliest", enable_auto_commit=False)
        await consumer.start()
        try:
            partitions = [TopicPartition(topic, number) for number in range(FEED_PARTITIONS)]
            consumer.assign(partitions)
            ends = await consumer.end_offsets(partitions)
            found: list[dict[str, Any]] = []
            while any([await consumer.position(one) < ends[one] for one in partitions]):
                batch = await consumer.getmany(timeout_ms=500)
                found += [checked(message) for messages in batch.values() for message in messages]
            return found
        finally:
            await consumer.stop()


def checked(message: Message) -> dict[str, Any]:
    event: dict[str, Any] = json.loads(message.value or b"")
    assert (message.key or b"").decode() == event["subject"]
    assert dict(message.headers)["content-type"].startswith(b"application/cloudevents+json")
    return event


async def pieces(body: bytes, size: int = 1_000) -> AsyncIterator[bytes]:
    for at in range(0, len(body), size):
        yield body[at : at + size]


def folded(events: Iterable[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The records that the events make, by the greatest stamp: what a reader of the feed ends with."""
    records: dict[str, dict[str, Any]] = {}
    distinct = {event["id"]: event for event in events}
    for event in sorted(distinct.values(), key=lambda one: (datetime.fromisoformat(one["time"]), one["id"])):
        if event["type"] == "feed.record_withdrawn.v1":
            records.pop(event["subject"], None)
        else:
            record = records.setdefault(event["subject"], {})
            record |= event["data"]["set"] | ({"unit": event["data"]["unit"]} if "unit" in event["data"] else {})
    return records


@asynccontextmanager
async def a_template(servers: Servers) -> AsyncIterator[str]:
    """The name of a database with all tables, copied for each test."""
    async with fresh_database(servers.postgres_url) as url:
        await asyncio.to_thread(upgrade, MIGRATIONS, url)  # migrations have a loop of their own
        yield url.rsplit("/", 1)[1]


@asynccontextmanager
async def a_room(servers: Servers, template: str, *slugs: str) -> AsyncIterator[Room]:
    prefix, issuer = topic_prefix(), TestIssuer()
    await ensure_topics(servers.kafka_bootstrap, [prefix + feed_topic(slug) for slug in slugs], partitions=FEED_PARTITIONS)
    async with fresh_database(servers.postgres_url, template=template) as url:
        settings = settings_for(servers, url, prefix)
        service = create(settings, verifier=issuer.verifier(), clock=FixedClock(NOW))
        transport = httpx.ASGITransport(app=service.app)
        headers = issuer.headers("office", subject="li")
        async with httpx.AsyncClient(transport=transport, base_url="http://collection", headers=headers, timeout=60) as client:
            yield Room(service, client, issuer, servers.kafka_bootstrap, prefix, url)
        await service.database.close()


def settings_for(servers: Servers, url: str, prefix: str) -> Settings:
    return Settings(
        environment="local",
        database_url=SecretStr(url),
        kafka_bootstrap=servers.kafka_bootstrap,
        topic_prefix=prefix,
        auth_issuer="http://issuer.test",
        auth_jwks_url="http://issuer.test/jwks.json",
    )
