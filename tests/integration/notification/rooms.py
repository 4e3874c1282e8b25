"""The service on real servers, with an own database, topics, post office and a clock that stands still."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
from aiokafka import AIOKafkaProducer

from contracts import feedback, scoring
from contracts.envelope import Contract, Envelope
from contracts.topics import DEAD_LETTERS, FEEDBACK, INTERNAL_PARTITIONS, NOTIFICATION, SCORING
from kit.auth import Role
from kit.ids import uuid7
from kit.kafka import ensure_topics, producer
from kit.testing import FixedClock, Servers, TestIssuer, eventually, fresh_database, topic_prefix
from notification.app import Notification, create
from notification.settings import NotificationSettings
from tests.integration.notification.post import Post, a_post

MIGRATIONS = Path(__file__).parents[3] / "services/notification/migrations"
MORNING = datetime(2026, 9, 14, 2, tzinfo=UTC)  # Monday, ten o'clock in Shanghai

DUTIES = {
    "contact": "hangyan",
    "deputy": "hangyan",
    "head": "hangyan",
    "discipline_officer": "hangyan",
    "office_director": None,
    "bureau_deputy": None,
    "bureau_head": None,
}


@dataclass(slots=True)
class Room:
    settings: NotificationSettings
    clock: FixedClock
    issuer: TestIssuer
    post: Post
    kafka: AIOKafkaProducer
    service: Notification
    client: httpx.AsyncClient
    others: list[Notification] = field(default_factory=list)

    def another(self, **changed: object) -> Notification:
        """A second process on the same database."""
        made = create(self.settings.model_copy(update=changed), verifier=self.issuer.verifier(), clock=self.clock)
        self.others.append(made)
        return made

    async def say(self, payload: Contract, *, ident: UUID | None = None) -> None:
        """On Kafka, as its owner would."""
        event = Envelope.around(payload, id=ident or uuid7(), source="test", time=self.clock.now(), correlationid="c-1", causationid=None)
        topic = self.settings.topic_prefix + payload.TOPIC
        await self.kafka.send_and_wait(topic, key=payload.key.encode(), value=event.model_dump_json().encode())

    @asynccontextmanager
    async def running(self, *services: Notification) -> AsyncIterator[None]:
        """Everything but HTTP, as tasks of this process."""
        chosen = services or (self.service,)
        parts = [part for service in chosen for name, part in service.siblings().items() if name != "http"]
        tasks = [asyncio.ensure_future(part()) for part in parts]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            _, going = await asyncio.wait(tasks, timeout=40)
            assert not going, f"these were cancelled and went on: {going}"

    async def quiet(self) -> None:
        """Everything that was said is heard, and everything that may leave has left."""

        async def done() -> bool:
            return bool((await self.get("/v1/progress"))["quiet"])

        await eventually(done, within=30)

    async def get(self, path: str, *, role: Role = "office", subject: str = "office-1", **query: str | int) -> dict[str, Any]:
        answer = await self.client.get(path, params=query, headers=self.issuer.headers(role, subject=subject))
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def messages(self, **query: str | int) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await self.get("/v1/messages", role="office", subject="office-1", limit=500, **query))["messages"]
        return found

    async def told(self, stage: str) -> list[str]:
        return sorted(message["receiver"] for message in await self.messages(stage=stage))

    async def put_people(self, people: Iterable[dict[str, Any]]) -> None:
        headers = self.issuer.headers("office")
        answer = await self.client.post("/v1/people/import", json={"people": list(people)}, headers=headers)
        assert answer.status_code == 200, answer.text

    async def send_all(self, service: Notification | None = None) -> int:
        """Carry what may leave now, by hand; how many attempts that took."""
        sender, attempts = (service or self.service).sender(), 0
        while await sender.send_one() is not None:
            attempts += 1
        return attempts


def everybody(**changed: dict[str, object]) -> list[dict[str, Any]]:
    """One person a duty, whose id is the duty."""
    return [
        {
            "id": duty,
            "name": f"某{duty}",
            "email": f"{duty}@example.org",
            "duties": [{"duty": duty, "unit": unit, "from_on": "2026-01-01"}],
        }
        | changed.get(duty, {})
        for duty, unit in DUTIES.items()
    ]


def stage(name: feedback.Stage, *, item: str = "item-1", due_on: date = date(2026, 9, 14), over: int = 0) -> feedback.StageReachedV1:
    return feedback.StageReachedV1(
        item=item,
        cycle="2026",
        unit="hangyan",
        number=7,
        indicator_name="按期办结率",
        finding="低于黄线",
        due_on=due_on,
        stage=name,
        over=over,
    )


def notice(item: str = "item-1") -> feedback.NoticeIssuedV1:
    return feedback.NoticeIssuedV1(
        item=item,
        cycle="2026",
        unit="hangyan",
        label="考整〔2026〕7号",
        number=7,
        indicator="in_time",
        indicator_name="按期办结率",
        severity="major",
        finding="低于黄线",
        sent_on=date(2026, 9, 14),
        working_days=15,
        due_on=None,
    )


HANGYAN = scoring.UnitRegisteredV1(unit="hangyan", name="渣土扬尘大队", group="乙组")


@asynccontextmanager
async def a_room(servers: Servers, template: str) -> AsyncIterator[Room]:
    clock, issuer, prefix = FixedClock(MORNING), TestIssuer(), topic_prefix()
    async with (
        fresh_database(servers.postgres_url, template=template) as url,
        a_post() as post,
        producer(servers.kafka_bootstrap, client="test") as kafka,
    ):
        topics = [prefix + topic for topic in (SCORING, FEEDBACK, NOTIFICATION, DEAD_LETTERS)]
        await ensure_topics(servers.kafka_bootstrap, topics, partitions=INTERNAL_PARTITIONS)
        settings = NotificationSettings.model_validate(
            {
                "environment": "local",
                "database_url": url,
                "kafka_bootstrap": servers.kafka_bootstrap,
                "topic_prefix": prefix,
                "auth_issuer": "http://issuer.test",
                "auth_jwks_url": "http://issuer.test/jwks.json",
                "smtp_url": post.url,
                "mail_from": "kaohe@bureau.example.org",
                "bureau_name": "清砚市城市管理行政执法局",
                "retry_first_seconds": 1,
                "retry_longest_seconds": 1,
                "retry_refusals": 3,
                "smtp_patience_seconds": 5,
            }
        )
        service = create(settings, verifier=issuer.verifier(), clock=clock)
        transport = httpx.ASGITransport(app=service.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://notification.test") as client:
            room = Room(settings, clock, issuer, post, kafka, service, client)
            await room.put_people(everybody())
            try:
                yield room
            finally:
                for one in (service, *room.others):
                    await one.database.close()
