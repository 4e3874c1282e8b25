"""The composition root of feedback: settings in, siblings out."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date
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
from kit.clock import Clock, today
from kit.db import Database
from kit.health import Health
from kit.http import Edge, create_app
from kit.ids import uuid7
from kit.inbox import Consumer
from kit.metrics import Metrics
from kit.outbox import Cause
from kit.run import Sibling, http_server
from kit.service import Messaging, messaging_of
from kit.waking import Bell

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

    settings: FeedbackSettings
    clock: Clock
    messaging: Messaging[Fact]
    changed: Bell = field(default_factory=Bell)  # an item was changed: the timers look at it

    def open_work(self, session: AsyncSession, cause: Cause, *, who: Person = PLATFORM, units: frozenset[UnitCode] | None = None) -> Work:
        policy = self.settings.policy
        return Work(
            items=SqlItems(session, units, changed=self.changed.ring),
            numbers=SqlNumbers(session),
            stages=SqlStages(session),
            proofs=SqlProofs(session),
            deductions=SqlDeductions(session),
            years=SqlYears(session, self.clock),
            reading=SqlReading(session, units),
            outbox=self.messaging.outbox(session, cause),
            clock=self.clock,
            zone=self.settings.zone,
            policy=policy,
            new_id=lambda: str(uuid7()),
            who=who,
            units=units,
        )

    def open_for(self, session: AsyncSession, principal: Principal, cause: Cause) -> Work:
        return self.open_work(session, cause, who=Person(principal.subject), units=scope_of(principal))

    def today(self) -> date:
        return today(self.clock, self.settings.zone)

    @asynccontextmanager
    async def transactions(self) -> AsyncIterator[tuple[Work, SqlWaiting]]:
        async with self.messaging.transaction() as (session, cause):
            yield self.open_work(session, cause), SqlWaiting(session)


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
        shop = self.workshop
        return Timers(shop.transactions, self.metrics, today=shop.today, changed=shop.changed)

    def siblings(self) -> Mapping[str, Sibling]:
        return {"http": self.http, "consumer": self.consumer.run, "relay": self.workshop.messaging.relay().run, "timers": self.timers().run}


def create(settings: FeedbackSettings, *, verifier: Verifier | None = None, clock: Clock | None = None) -> Feedback:
    """Put the service together; nothing is started, and no server is asked."""
    metrics = Metrics(METRICS)
    messaging = messaging_of(SERVICE, settings, PLUMBING, events.Tongue(settings.policy).contract_of, metrics=metrics, clock=clock)
    workshop = Workshop(settings, messaging.clock, messaging)
    consumer = messaging.consumer(events.SUBSCRIPTIONS, workshop.open_work)
    app = _app(workshop, consumer, verifier or settings.verifier())
    http = http_server(app, host=settings.http_host, port=settings.http_port)
    return Feedback(app, messaging.database, workshop, consumer, metrics, http)


def _app(workshop: Workshop, consumer: Consumer[Work], verifier: Verifier) -> FastAPI:
    messaging = workshop.messaging
    return create_app(
        title="Kaohe feedback 问题整改",
        description="Problems become rectifications with legal deadlines: notices, ladder, verification, deductions.",
        routers=api.ROUTERS,
        problems=api.PROBLEMS,
        edge=Edge(verifier, messaging.database, workshop.open_for),
        health=Health({**messaging.checks(), "events": consumer.reader.check}),
        metrics=messaging.metrics,
    )
