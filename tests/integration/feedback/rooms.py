"""The service on real servers, with an own database, topics and a clock that stands still."""

import asyncio
from collections.abc import AsyncIterator, Collection, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from sqlalchemy import text

from contracts import evidence
from contracts.envelope import Contract, Envelope
from contracts.topics import DEAD_LETTERS, EVIDENCE, FEEDBACK, INTERNAL_PARTITIONS, SCORING
from feedback import handlers
from feedback.app import Feedback, create
from feedback.settings import FeedbackSettings
from kit import migrations
from kit.auth import Role
from kit.ids import uuid7
from kit.kafka import ensure_topics, producer
from kit.testing import FixedClock, Servers, TestIssuer, eventually, fresh_database, topic_prefix

MIGRATIONS = Path(__file__).parents[3] / "services/feedback/migrations"
MONDAY = date(2026, 3, 2)


def morning(day: date) -> datetime:
    return datetime.combine(day, time(9), ZoneInfo("Asia/Shanghai")).astimezone(UTC)


@dataclass(slots=True)
class Room:
    settings: FeedbackSettings
    clock: FixedClock
    issuer: TestIssuer
    service: Feedback
    client: httpx.AsyncClient
    others: list[Feedback] = field(default_factory=list)

    def another(self) -> Feedback:
        """A second process on the same database."""
        self.others.append(create(self.settings, verifier=self.issuer.verifier(), clock=self.clock))
        return self.others[-1]

    def day(self, day: date) -> None:
        self.clock.instant = morning(day)

    async def call(
        self, method: str, path: str, role: Role, body: object = None, *, subject: str | None = None, units: Iterable[str] = ()
    ) -> httpx.Response:
        headers = self.issuer.headers(role, subject=subject or f"{role}-1", units=units or (["wanglan"] if role == "unit" else []))
        return await self.client.request(method, path, json=body, headers=headers)

    async def done(self, method: str, path: str, role: Role, body: object = None) -> dict[str, Any]:
        answer = await self.call(method, path, role, body)
        assert answer.is_success, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def problem(self, **changed: object) -> dict[str, Any]:
        body = {
            "cycle": "2026",
            "unit": "wanglan",
            "indicator": "on_time",
            "cause": "no_shift",
            "finding": "夜间无人签收",
            "severity": "severe",
        }
        return await self.done("POST", "/v1/problems", "assessor", body | changed)

    async def signed(self, **changed: object) -> dict[str, Any]:
        item = await self.problem(**changed)
        return await self.done("POST", f"/v1/items/{item['id']}/sign", "unit")

    async def proved(self, item: str) -> None:
        """What evidence would say, handled by this service as its consumer does."""
        said = evidence.AcceptedV1.model_validate(
            {
                "evidence": f"e-{item}",
                "revision": 1,
                "unit": "wanglan",
                "subjects": [{"kind": "item", "id": item}],
                "sha256": "0" * 64,
                "size": 3,
                "media_type": "application/pdf",
                "uploader": "unit-1",
            }
        )
        async with self.service.workshop.transactions() as (work, _):
            await handlers.on_evidence_accepted(said, work)

    async def rows(self, statement: str) -> list[tuple[Any, ...]]:
        async with self.service.database.transaction() as session:
            return [tuple(row) for row in await session.execute(text(statement))]

    async def said(self, kind: str) -> list[dict[str, Any]]:
        """The payloads of one type in the outbox, in order."""
        rows = await self.rows("select value from outbox order by id")
        envelopes = [Envelope.model_validate_json(row[0]) for row in rows]
        return [envelope.data for envelope in envelopes if envelope.type == kind]

    @asynccontextmanager
    async def running(self, *services: Feedback, only: Collection[str] = ("consumer", "relay", "timers")) -> AsyncIterator[None]:
        """These siblings, as tasks of this process, cut off wherever they are at the end of the block."""
        parts = [part for service in services or (self.service,) for name, part in service.siblings().items() if name in only]
        tasks = [asyncio.ensure_future(part()) for part in parts]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def worked(self) -> None:
        """Tick until nothing is left for this day."""
        timers = self.service.timers()
        while await timers.tick():
            pass

    async def timers_through(self, day: date) -> None:
        async def through() -> bool:
            return bool((await self.done("GET", "/v1/timers", "office"))["through"] == str(day))

        await eventually(through)

    async def speak(self, payload: Contract, kafka: AIOKafkaProducer) -> None:
        event = Envelope.around(payload, id=uuid7(), source="test", time=self.clock.now(), correlationid="c-1", causationid=None)
        topic = self.settings.topic_prefix + payload.TOPIC
        await kafka.send_and_wait(topic, key=payload.key.encode(), value=event.model_dump_json().encode())

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[AIOKafkaConsumer]:
        heard = AIOKafkaConsumer(
            self.settings.topic_prefix + FEEDBACK, bootstrap_servers=self.settings.kafka_bootstrap, auto_offset_reset="earliest"
        )
        await heard.start()
        try:
            yield heard
        finally:
            await heard.stop()

    @asynccontextmanager
    async def speaking(self) -> AsyncIterator[AIOKafkaProducer]:
        async with producer(self.settings.kafka_bootstrap, client="test") as kafka:
            yield kafka


@asynccontextmanager
async def a_room(servers: Servers) -> AsyncIterator[Room]:
    async with fresh_database(servers.postgres_url) as url:
        await asyncio.to_thread(migrations.upgrade, MIGRATIONS, url)
        settings = FeedbackSettings.model_validate(
            {
                "database_url": url,
                "kafka_bootstrap": servers.kafka_bootstrap,
                "topic_prefix": topic_prefix(),
                "auth_issuer": "http://issuer.test",
                "auth_jwks_url": "http://issuer.test/jwks.json",
            }
        )
        clock, issuer = FixedClock(morning(MONDAY)), TestIssuer()
        service = create(settings, verifier=issuer.verifier(), clock=clock)
        transport = httpx.ASGITransport(app=service.app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://feedback") as client:
            room = Room(settings, clock, issuer, service, client)
            try:
                yield room
            finally:
                for each in (service, *room.others):
                    await each.database.close()


async def topics_of(room: Room) -> None:
    names = [room.settings.topic_prefix + topic for topic in (SCORING, EVIDENCE, FEEDBACK, DEAD_LETTERS)]
    await ensure_topics(room.settings.kafka_bootstrap, names, partitions=INTERNAL_PARTITIONS)
