"""Scoring on real servers: the API in this process, a feed worker and the settle loop on demand, facts over Kafka."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from contracts.envelope import Contract, Envelope
from contracts.feed import PLATFORM_SLUG
from contracts.topics import DEAD_LETTERS, EVIDENCE, FEED_PARTITIONS, FEEDBACK, INTERNAL_PARTITIONS, SCORING, feed_topic
from kit import migrations
from kit.auth import Role
from kit.ids import uuid7
from kit.kafka import ensure_topics, producer
from kit.testing import FixedClock, Servers, TestIssuer, eventually, fresh_database, topic_prefix
from kit.workdays import shipped
from scoring.app import Scoring, create
from scoring.ledger.domain.values import Kind
from scoring.ledger.handlers.registering import KindEntry, SourceEntry
from scoring.ledger.store.catalogue import SqlCatalogue
from scoring.ledger.worker import open_worker
from scoring.settings import ScoringSettings
from tests.unit.scoring.appraisal.bureau import CASE, DOCUMENT, REVIEW, UNITS

MIGRATIONS = Path(__file__).parents[4] / "services/scoring/migrations"
JUNE = datetime(2026, 6, 15, 2, tzinfo=UTC)
SOURCE = "urn:source:case-system"
SLUG = "case-system"


@dataclass(slots=True)
class Room:
    servers: Servers
    settings: ScoringSettings
    clock: FixedClock
    issuer: TestIssuer
    kafka: AIOKafkaProducer
    service: Scoring
    client: httpx.AsyncClient
    others: list[Scoring] = field(default_factory=list)

    def another(self) -> Scoring:
        """A second process on the same database."""
        made = create(self.settings, verifier=self.issuer.verifier(), clock=self.clock)
        self.others.append(made)
        return made

    async def ask(
        self, method: str, path: str, *roles: Role, units: Iterable[str] = (), subject: str = "somebody", **sent: object
    ) -> httpx.Response:
        headers = self.issuer.headers(*roles, units=units, subject=subject)
        return await self.client.request(method, path, headers=headers, **sent)  # type: ignore[arg-type]  # httpx takes many kinds of bodies

    async def get(self, path: str, *roles: Role, units: Iterable[str] = (), **query: str | int) -> Any:  # noqa: ANN401 - whatever the answer holds
        answer = await self.ask("GET", path, *(roles or ("office",)), units=units, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def put(self, path: str, body: Mapping[str, Any], *roles: Role) -> None:
        answer = await self.ask("PUT", path, *(roles or ("office",)), json=body)
        assert answer.status_code == 200, answer.text

    async def mark(self, unit: str, mark: str, reason: str = "理由") -> httpx.Response:
        """By somebody who looked before at what stands there."""
        standing = await self.ask("GET", f"/v1/marks/2026?unit={unit}&indicator=duty_report&current=true", "office")
        body = {"mark": mark, "reason": reason, "replaces": next((each["id"] for each in standing.json()), None)}
        return await self.ask("PUT", f"/v1/marks/2026/{unit}/duty_report", "assessor", subject="hua", json=body)

    async def appoint(self, subject: str, *departments: str, **more: object) -> httpx.Response:
        body = {"name": subject, "trained_on": "2026-01-12", "departments": departments, **more}
        return await self.ask("PUT", f"/v1/assessors/2026/{subject}", "office", json=body)

    async def activate(self, text: str = DOCUMENT) -> None:
        added = await self.ask("POST", "/v1/schemes", "office", content=text.encode())
        assert added.status_code == 201, added.text
        version = added.json()["version"]
        activated = await self.ask("POST", f"/v1/schemes/2026/{version}/activate", "office")
        assert activated.status_code == 200, activated.text
        assert activated.json()["counting"]["scheme"] == f"2026/{version}"
        departments = {indicator["department"] for indicator in await self.get("/v1/indicators/2026")}
        assert (await self.appoint("hua", *departments)).status_code == 200

    async def send(self, *facts: Mapping[str, Any]) -> None:
        waiting = [await self.kafka.send(self.topic(SLUG), json.dumps(fact).encode(), key=str(fact["subject"]).encode()) for fact in facts]
        await asyncio.gather(*waiting)

    async def say(self, payload: Contract) -> None:
        """On Kafka, as its owner would."""
        event = Envelope.around(payload, id=uuid7(), source="test", time=self.clock.now(), correlationid="c-1", causationid=None)
        topic = self.settings.topic_prefix + payload.TOPIC
        await self.kafka.send_and_wait(topic, key=payload.key.encode(), value=event.model_dump_json().encode())

    async def heard(self, contract: type[Contract]) -> list[dict[str, Any]]:
        """The payloads of a type that were said so far."""
        consumer = AIOKafkaConsumer(
            self.settings.topic_prefix + contract.TOPIC, bootstrap_servers=self.servers.kafka_bootstrap, auto_offset_reset="earliest"
        )
        await consumer.start()
        try:
            ends = await consumer.end_offsets(consumer.assignment())
            found: list[dict[str, Any]] = []
            while any([await consumer.position(partition) < end for partition, end in ends.items()]):
                for messages in (await consumer.getmany(timeout_ms=200)).values():
                    found += [json.loads(message.value or b"") for message in messages]
        finally:
            await consumer.stop()
        return [event["data"] for event in found if event["type"] == contract.TYPE]

    def topic(self, slug: str) -> str:
        return self.settings.topic_prefix + feed_topic(slug)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Everything but HTTP, with one feed worker, as tasks of this process."""
        async with open_worker(
            database_url=self.settings.database_url.get_secret_value(),
            bootstrap=self.settings.kafka_bootstrap,
            prefix=self.settings.topic_prefix,
            clock=self.clock,
            calendar=shipped(),
        ) as worker:
            own = [part for name, part in self.service.siblings().items() if name != "http"]
            tasks = [asyncio.ensure_future(part()) for part in (*own, *worker.siblings.values())]
            try:
                yield
                for task in tasks:
                    assert not task.done(), task
            finally:
                for task in tasks:
                    task.cancel()
                with suppress(asyncio.CancelledError):
                    await asyncio.gather(*tasks)

    async def points(self, unit: str, indicator: str) -> str | None:
        scores = (await self.get(f"/v1/scores/2026/{unit}"))["scores"]
        found: str | None = next((score["points"] for score in scores if score["indicator"] == indicator), None)
        return found

    async def until_points(self, unit: str, indicator: str, points: str | None) -> None:
        async def reached() -> bool:
            return await self.points(unit, indicator) == points

        await eventually(reached, within=30)

    async def until_settled(self) -> None:
        async def settled() -> bool:
            found = await self.get("/v1/settlement")
            return not found["waiting"] and not found["counting"] and found["reckoned_through"].get("2026") is not None

        await eventually(settled, within=30)


def observed(subject: str, unit: str, *, ident: str | None = None, at: str = "2026-06-01T08:00:00Z", **values: object) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": ident or f"{subject}-1",
        "source": SOURCE,
        "type": "feed.record_observed.v1",
        "subject": subject,
        "time": at,
        "data": {"kind": "case", "unit": unit, "set": values},
    }


def cases(unit: str, *, in_time: int, late: int, month: str = "2026-05") -> list[dict[str, Any]]:
    """Closed cases of a unit that were due in a month."""
    days = ["19"] * in_time + ["25"] * late
    return [
        observed(f"{unit}-{month}-{number}", unit, status="closed", due_on=f"{month}-20", closed_on=f"{month}-{day}")
        for number, day in enumerate(days)
    ]


@asynccontextmanager
async def a_template(servers: Servers) -> AsyncIterator[str]:
    """The name of a migrated database, to copy from."""
    async with fresh_database(servers.postgres_url) as url:
        await asyncio.to_thread(migrations.upgrade, MIGRATIONS, url)
        yield url.rsplit("/", 1)[1]


@asynccontextmanager
async def a_room(servers: Servers, template: str) -> AsyncIterator[Room]:
    clock, issuer, prefix = FixedClock(JUNE), TestIssuer(), topic_prefix()
    async with fresh_database(servers.postgres_url, template=template) as url, producer(servers.kafka_bootstrap, client="test") as kafka:
        topics = [prefix + topic for topic in (SCORING, FEEDBACK, EVIDENCE, DEAD_LETTERS)]
        await ensure_topics(servers.kafka_bootstrap, topics, partitions=INTERNAL_PARTITIONS)
        feeds = [prefix + feed_topic(slug) for slug in (SLUG, PLATFORM_SLUG)]
        await ensure_topics(servers.kafka_bootstrap, feeds, partitions=FEED_PARTITIONS)
        settings = _settings(servers, url, prefix)
        service = create(settings, verifier=issuer.verifier(), clock=clock)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=service.app), base_url="http://scoring.test") as client:
            room = Room(servers, settings, clock, issuer, kafka, service, client)
            try:
                await _furnish(room)
                yield room
            finally:
                for one in (service, *room.others):
                    await one.database.close()


def _settings(servers: Servers, url: str, prefix: str) -> ScoringSettings:
    return ScoringSettings.model_validate(
        {
            "environment": "local",
            "database_url": url,
            "kafka_bootstrap": servers.kafka_bootstrap,
            "topic_prefix": prefix,
            "auth_issuer": "http://issuer.test",
            "auth_jwks_url": "http://issuer.test/jwks.json",
        }
    )


async def _furnish(room: Room) -> None:
    await room.service.prepare()
    await room.put("/v1/groups/branch", {"name": "甲组 分局"})
    await room.put("/v1/groups/brigade", {"name": "乙组 大队"})
    for unit in UNITS:
        await room.put(f"/v1/units/{unit.code}", {"name": unit.name, "group": unit.group})
    await room.put("/v1/cycles/2026", {"name": "2026 年度", "start": "2026-01", "end": "2026-12"})
    async with room.service.database.transaction() as session:
        catalogue = SqlCatalogue(session)
        await catalogue.put_source(SourceEntry(slug=SLUG, uri=SOURCE, name="案件系统"))
        for kind in (CASE, REVIEW):
            await catalogue.put_kind(KindEntry(kind=Kind(kind.key, kind.attributes), name=kind.key))
        await catalogue.put_aliases(SLUG, {unit.code: unit.code for unit in UNITS})
