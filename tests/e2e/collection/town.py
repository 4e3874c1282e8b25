"""Collection and scoring together on real servers, as `make load-...` meets them: HTTP at their doors, Kafka between them."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from pydantic import SecretStr
from starlette.types import ASGIApp, Receive, Scope, Send

import collection.app
import scoring.app
from collection.settings import Settings
from contracts.feed import PLATFORM_SLUG
from contracts.topics import DEAD_LETTERS, EVIDENCE, FEED_PARTITIONS, FEEDBACK, INTERNAL_PARTITIONS, SCORING, feed_topic
from demo.real.platform import Platform
from kit import migrations
from kit.kafka import ensure_topics
from kit.testing import FixedClock, Servers, TestIssuer, fresh_database, topic_prefix
from kit.workdays import shipped
from scoring.ledger.worker import open_worker
from scoring.settings import ScoringSettings

SERVICES = Path(__file__).parents[3] / "services"
CLOCK = FixedClock(datetime(2026, 6, 15, 2, tzinfo=UTC))


@asynccontextmanager
async def a_town(servers: Servers) -> AsyncIterator[Platform]:
    """Both services, one feed worker and an issuer; gone at the end."""
    prefix, issuer = topic_prefix(), TestIssuer()
    internal = [prefix + topic for topic in (SCORING, FEEDBACK, EVIDENCE, DEAD_LETTERS)]
    await ensure_topics(servers.kafka_bootstrap, internal, partitions=INTERNAL_PARTITIONS)
    await ensure_topics(servers.kafka_bootstrap, [prefix + feed_topic(PLATFORM_SLUG)], partitions=FEED_PARTITIONS)
    async with migrated(servers, "scoring") as judging, migrated(servers, "collection") as taking:
        told: dict[str, Any] = {
            "environment": "local",
            "kafka_bootstrap": servers.kafka_bootstrap,
            "topic_prefix": prefix,
            "auth_issuer": "http://issuer.test",
            "auth_jwks_url": "http://issuer.test/jwks.json",
        }
        settings = ScoringSettings(database_url=SecretStr(judging), **told)
        judge = scoring.app.create(settings, verifier=issuer.verifier(), clock=CLOCK)
        taker = collection.app.create(Settings(database_url=SecretStr(taking), **told), verifier=issuer.verifier(), clock=CLOCK)
        await judge.prepare()
        async with at_work(judge, settings):
            doors: dict[str, ASGIApp] = {"scoring": judge.app, "collection": taker.app, "issuer": issuing(issuer)}
            mounts = {f"http://{name}": httpx.ASGITransport(app=app) for name, app in doors.items()}
            async with httpx.AsyncClient(mounts=mounts, timeout=120) as client:
                yield Platform(client, {name: f"http://{name}" for name in doors}, "secret")
        await judge.database.close()
        await taker.database.close()


@asynccontextmanager
async def migrated(servers: Servers, service: str) -> AsyncIterator[str]:
    async with fresh_database(servers.postgres_url) as url:
        await asyncio.to_thread(migrations.upgrade, SERVICES / service / "migrations", url)
        yield url


@asynccontextmanager
async def at_work(judge: scoring.app.Scoring, settings: ScoringSettings) -> AsyncIterator[None]:
    """The settle loop, the relay and a feed worker, as tasks of this process."""
    async with open_worker(
        database_url=settings.database_url.get_secret_value(),
        bootstrap=settings.kafka_bootstrap,
        prefix=settings.topic_prefix,
        clock=CLOCK,
        calendar=shipped(),
    ) as worker:
        own = [part for name, part in judge.siblings().items() if name != "http"]
        tasks = [asyncio.ensure_future(part()) for part in (*own, *worker.siblings.values())]
        try:
            yield
            assert not [task for task in tasks if task.done()]
        finally:
            for task in tasks:
                task.cancel()
            with suppress(asyncio.CancelledError):
                await asyncio.gather(*tasks)


def issuing(issuer: TestIssuer) -> ASGIApp:
    """`POST /token`, as the development issuer answers it."""

    async def app(_scope: Scope, receive: Receive, send: Send) -> None:
        wanted = json.loads((await receive())["body"])
        token = issuer.token(*wanted["roles"], subject=wanted["subject"])
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
        await send({"type": "http.response.body", "body": json.dumps({"access_token": token}).encode()})

    return app


async def figures(platform: Platform, cycle: str, unit: str) -> dict[str, tuple[int, str]]:
    """The unit's measures in the cycle: how many records each counted, and their total."""
    found = await platform.call("GET", "scoring", f"/v1/measures/{cycle}/{unit}", role="office")
    return {one["key"]: (one["n"], one["total"]) for indicator in found for one in indicator["measures"]}
