"""The ledger's routes without the rest of scoring, and callers of them."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

import httpx
from sqlalchemy.ext.asyncio import AsyncSession

from kit.auth import Principal, Role
from kit.health import Health
from kit.http import Edge, create_app
from kit.metrics import Metrics
from kit.outbox import Cause
from kit.testing import FixedClock, TestIssuer, eventually
from kit.workdays import shipped
from scoring.ledger import api
from scoring.ledger.events import KafkaFeed
from scoring.ledger.handlers.work import Work
from scoring.ledger.recount import METRICS, WatchedRecounts
from scoring.ledger.replaying import Replayer
from scoring.ledger.store.open_work import open_work
from scoring.ledger.store.proof import PgRecounts
from scoring.ledger.store.replays import replays
from tests.integration.scoring.ledger.rooms import NOW, SLUG, Room


@dataclass(frozen=True, slots=True)
class Desk:
    ledger: Work


@dataclass(frozen=True, slots=True)
class Callers:
    client: httpx.AsyncClient
    issuer: TestIssuer

    async def office(self, method: str, path: str, **sent: Any) -> httpx.Response:  # noqa: ANN401 - what httpx takes
        return await self.call("office", method, path, **sent)

    async def feed(self, method: str, path: str, **sent: Any) -> httpx.Response:  # noqa: ANN401 - what httpx takes
        return await self.call("feed", method, path, units=[SLUG], **sent)

    async def call(self, role: Role, method: str, path: str, *, units: Iterable[str] = (), **sent: Any) -> httpx.Response:  # noqa: ANN401 - what httpx takes
        headers = self.issuer.headers(role, units=units) | dict(sent.pop("headers", {}))
        return await self.client.request(method, f"/v1{path}", headers=headers, **sent)


@asynccontextmanager
async def an_edge(room: Room, *, replaying: bool = True) -> AsyncIterator[Callers]:
    issuer = TestIssuer()
    feed = KafkaFeed(bootstrap=room.servers.kafka_bootstrap, prefix=room.prefix)
    metrics = Metrics(METRICS)
    recounts = WatchedRecounts(PgRecounts(room.url, shipped()), metrics)

    def desk(session: AsyncSession, caller: Principal, _cause: Cause) -> Desk:
        return Desk(open_work(session, caller, feed=feed, recounts=recounts, clock=FixedClock(NOW), prefix=room.prefix))

    app = create_app(
        title="ledger",
        description="",
        routers=api.ROUTERS,
        problems=api.PROBLEMS,
        edge=Edge(issuer.verifier(), room.database, desk),
        health=Health({}),
        metrics=metrics,
    )
    replayer = [Replayer(partial(replays, room.database), feed).run()] if replaying else []
    running = asyncio.gather(feed.run(), *replayer)
    try:
        await eventually(lambda: _ready(feed))
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://scoring") as client:
            yield Callers(client, issuer)
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


async def _ready(feed: KafkaFeed) -> bool:
    return await feed.check() is None
