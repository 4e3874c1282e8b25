"""The composition root of collection: settings in, siblings out."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from importlib import resources
from typing import Final

from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncSession

from collection import api, events
from collection.domain.documents import parsed
from collection.domain.runs import Run
from collection.handlers.ports import Desk, Facts, StoredMapping, Work
from collection.readers import FileRows
from collection.settings import Settings
from collection.store.mappings import SqlMappings
from collection.store.registers import SqlRegisters
from collection.store.runs import SqlRuns
from kit.auth import Principal, Verifier
from kit.clock import Clock, clock_of
from kit.db import Database
from kit.health import Health, broker_check
from kit.http import Edge, create_app
from kit.ids import uuid7
from kit.metrics import Metric, Metrics
from kit.outbox import Cause
from kit.run import Sibling, http_server

SERVICE: Final = "collection"

METRICS: Final = (
    Metric("counter", "collection_facts_sent_total", "Facts that Kafka acknowledged, by source; a second run counts again.", ("source",)),
    Metric("counter", "collection_rows_total", "Rows of ended runs, by source and outcome.", ("source", "outcome")),
    Metric("counter", "collection_runs_total", "Runs that ended, by source and state.", ("source", "state")),
)


@dataclass(frozen=True, slots=True)
class Collection:
    """The service put together; tests take its parts, `__main__` runs its siblings."""

    app: FastAPI
    database: Database
    desk: Desk
    http: Sibling

    def siblings(self) -> Mapping[str, Sibling]:
        return {"http": self.http}


@dataclass(frozen=True, slots=True)
class Workshop:
    """Opens the `Work` of one transaction, and the desk of a run that has many."""

    settings: Settings
    database: Database
    clock: Clock
    metrics: Metrics
    shipped: tuple[StoredMapping, ...]

    def desk(self) -> Desk:
        return Desk(transactions=self._transaction, rows_of=FileRows, feed=self._feed, clock=self.clock, new_id=uuid7, told=self._told)

    def open_work(self, session: AsyncSession, caller: str) -> Work:
        return Work(SqlMappings(session, self.shipped), SqlRuns(session), SqlRegisters(session), caller, self.clock)

    def for_principal(self, session: AsyncSession, principal: Principal, _cause: Cause) -> Work:
        return self.open_work(session, principal.subject)

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[Work]:
        async with self.database.transaction() as session:
            yield self.open_work(session, SERVICE)

    def _feed(self) -> AbstractAsyncContextManager[Facts]:
        return events.feed(self.settings.kafka_bootstrap, prefix=self.settings.topic_prefix, sent=self._sent)

    def _sent(self, source: str, count: int) -> None:
        self.metrics.count("collection_facts_sent_total", count, source=source)

    def _told(self, run: Run) -> None:
        self.metrics.count("collection_runs_total", source=run.slug, state=run.state)
        for outcome in ("observed", "withdrawn", "skipped", "rejected"):
            self.metrics.count("collection_rows_total", getattr(run.counts, outcome), source=run.slug, outcome=outcome)


def create(settings: Settings, *, verifier: Verifier | None = None, clock: Clock | None = None) -> Collection:
    """Put the service together; nothing is started, and no server is asked."""
    metrics = Metrics(METRICS)
    database = Database(settings.database_url.get_secret_value(), application=SERVICE)
    shop = Workshop(settings, database, clock or clock_of(settings.clock_file), metrics, shipped_mappings())
    desk = shop.desk()
    app = create_app(
        title="Kaohe collection 数据采集",
        description="Files of other systems become facts on Kafka, by mappings that are data.",
        routers=[api.uploads(desk, events.cloud_event), api.router],
        problems=api.PROBLEMS,
        edge=Edge(verifier or settings.verifier(), database, shop.for_principal),
        health=Health({"database": database.check, "kafka": broker_check(settings.kafka_bootstrap)}),
        metrics=metrics,
    )
    return Collection(app, database, desk, http_server(app, host=settings.http_host, port=settings.http_port))


def shipped_mappings() -> tuple[StoredMapping, ...]:
    """The mappings that come with the service, as version 0 of their names."""
    texts = [one.read_text("utf-8") for one in (resources.files("collection") / "shipped").iterdir() if one.name.endswith(".toml")]
    return tuple(StoredMapping(parsed(text).name, 0, text, "kaohe", None) for text in texts)
