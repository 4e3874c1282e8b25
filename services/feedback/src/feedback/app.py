"""The composition root of feedback: settings in, siblings out."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncSession

from feedback import api, events
from feedback.domain.facts import Fact
from feedback.domain.words import PLATFORM, Person, UnitCode
from feedback.handlers import Work
from feedback.settings import FeedbackSettings
from feedback.store.items import SqlItems, SqlStages, SqlWaiting
from feedback.store.office import SqlDeductions, SqlNumbers, SqlProofs, SqlYears
from feedback.store.reading import SqlReading
from feedback.store.tables import PLUMBING
from feedback.timers import METRICS, Timers
from kit.auth import Principal, Verifier
from kit.clock import Clock, clock_of
from kit.db import Database
from kit.health import Health
from kit.http import Edge, create_app
from kit.ids import uuid7
from kit.inbox import Consumer
from kit.kafka import broker_check
from kit.metrics import Metrics
from kit.outbox import Cause, Relay, SqlOutbox
from kit.run import Sibling, http_server

SERVICE: Final = "feedback"
EVERYWHERE: Final = frozenset({"office", "leader", "admin", "auditor"})


def scope_of(principal: Principal) -> frozenset[UnitCode] | None:
    """The units that a caller may see; assessors without named units mark everybody."""
    if principal.roles & EVERYWHERE or ("assessor" in principal.roles and not principal.units):
        return None
    return frozenset(map(UnitCode, principal.units))


@dataclass(frozen=True, slots=True)
class Workshop:
    """Opens the `Work` of one transaction."""

    database: Database
    settings: FeedbackSettings
    clock: Clock
    relay: Relay

    def open_work(self, session: AsyncSession, cause: Cause, *, who: Person = PLATFORM, units: frozenset[UnitCode] | None = None) -> Work:
        policy = self.settings.policy
        return Work(
            items=SqlItems(session, units),
            numbers=SqlNumbers(session),
            stages=SqlStages(session),
            proofs=SqlProofs(session),
            deductions=SqlDeductions(session),
            years=SqlYears(session, self.clock),
            reading=SqlReading(session, units),
            outbox=self._outbox(session, cause, events.Tongue(policy)),
            clock=self.clock,
            zone=self.settings.zone,
            policy=policy,
            new_id=lambda: str(uuid7()),
            who=who,
            units=units,
        )

    def open_for(self, session: AsyncSession, principal: Principal, cause: Cause) -> Work:
        return self.open_work(session, cause, who=Person(principal.subject), units=scope_of(principal))

    @asynccontextmanager
    async def transactions(self) -> AsyncIterator[tuple[Work, SqlWaiting]]:
        async with self.database.transaction() as session:
            yield self.open_work(session, Cause(correlation=str(uuid7()))), SqlWaiting(session)
        self.relay.wake()

    def _outbox(self, session: AsyncSession, cause: Cause, tongue: events.Tongue) -> SqlOutbox[Fact]:
        return SqlOutbox[Fact](
            session,
            PLUMBING.outbox,
            service=SERVICE,
            contract_of=tongue.contract_of,
            clock=self.clock,
            cause=cause,
            prefix=self.settings.topic_prefix,
        )


@dataclass(frozen=True, slots=True)
class Feedback:
    """The service put together; tests take its parts, `__main__` runs its siblings."""

    app: FastAPI
    database: Database
    workshop: Workshop
    consumer: Consumer[Work]
    metrics: Metrics
    http: Sibling

    def timers(self) -> Timers:
        return Timers(self.workshop.transactions, self.metrics)

    def siblings(self) -> Mapping[str, Sibling]:
        return {"http": self.http, "consumer": self.consumer.run, "relay": self.workshop.relay.run, "timers": self.timers().run}


def create(settings: FeedbackSettings, *, verifier: Verifier | None = None, clock: Clock | None = None) -> Feedback:
    """Put the service together; nothing is started, and no server is asked."""
    metrics = Metrics(METRICS)
    database = Database(settings.database_url.get_secret_value(), application=SERVICE)
    bootstrap = settings.kafka_bootstrap
    relay = Relay(database, PLUMBING.outbox, bootstrap=bootstrap, service=SERVICE, metrics=metrics, inbox=PLUMBING.inbox)
    workshop = Workshop(database, settings, clock or clock_of(settings.clock_file), relay)
    consumer = Consumer[Work](
        database,
        PLUMBING,
        subscriptions=events.SUBSCRIPTIONS,
        open_work=workshop.open_work,
        bootstrap=bootstrap,
        service=SERVICE,
        prefix=settings.topic_prefix,
        metrics=metrics,
        wake=relay.wake,
    )
    app = _app(workshop, consumer, verifier or settings.verifier(), metrics)
    return Feedback(app, database, workshop, consumer, metrics, http_server(app, host=settings.http_host, port=settings.http_port))


def _app(workshop: Workshop, consumer: Consumer[Work], verifier: Verifier, metrics: Metrics) -> FastAPI:
    return create_app(
        title="Kaohe feedback 问题整改",
        description="Problems become rectifications with legal deadlines: notices, ladder, verification, deductions.",
        routers=api.ROUTERS,
        problems=api.PROBLEMS,
        edge=Edge(verifier, workshop.database, workshop.open_for, workshop.relay.wake),
        health=Health(
            {
                "database": workshop.database.check,
                "broker": broker_check(workshop.settings.kafka_bootstrap),
                "events": consumer.reader.check,
                "outbox": workshop.relay.check,
            }
        ),
        metrics=metrics,
    )
