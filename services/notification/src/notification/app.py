"""The composition root of notification: settings in, siblings out."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date
from random import Random
from typing import Final

from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncSession

from kit.auth import Principal, Verifier
from kit.clock import Clock, today
from kit.db import Database
from kit.health import Health
from kit.http import Edge, create_app
from kit.inbox import Consumer
from kit.metrics import Metric, Metrics
from kit.outbox import Cause
from kit.run import Sibling, http_server
from kit.service import Messaging, messaging_of
from kit.waking import Bell
from kit.workdays import shipped
from notification import api, events
from notification.channels import MailServer, SmtpChannel
from notification.domain.deliveries import Channel
from notification.domain.occasions import Occasion
from notification.domain.people import Email
from notification.handlers.work import Archive, Carrier, Desk, Fact, Policy, Work
from notification.settings import NotificationSettings
from notification.store.archive import SqlArchive
from notification.store.deliveries import SqlDeliveries
from notification.store.messages import SqlMessages
from notification.store.people import SqlPeople, SqlUnits
from notification.store.tables import PLUMBING
from notification.timers import Sender, Watch
from notification.wording import TextTemplates

SERVICE: Final = "notification"

METRICS: Final = (
    Metric(
        "counter", "delivery_attempts_total", "Attempts to deliver a message, by channel and what came of them.", ("channel", "outcome")
    ),
    Metric("gauge", "deliveries_waiting", "Deliveries not made yet: due now, or held for a business hour.", ("state",)),
    Metric("counter", "alarms_total", "Times that somebody could not be told, by reason.", ("reason",)),
)


@dataclass(frozen=True, slots=True)
class CountedAlarms:
    metrics: Metrics

    def raised(self, occasion: Occasion) -> None:
        self.metrics.count("alarms_total", reason=occasion)


@dataclass(frozen=True, slots=True)
class Workshop:
    """Opens the `Work` of one transaction."""

    settings: NotificationSettings
    clock: Clock
    templates: TextTemplates
    alarms: CountedAlarms
    policy: Policy
    random: Random
    messaging: Messaging[Fact]
    letters: Bell = field(default_factory=Bell)  # there are letters to carry: the senders look

    def open_work(self, session: AsyncSession, cause: Cause) -> Work:
        return Work(
            people=SqlPeople(session),
            units=SqlUnits(session),
            messages=SqlMessages(session, added=self.letters.ring),
            deliveries=SqlDeliveries(session, lease=self.settings.lease),
            templates=self.templates,
            outbox=self.messaging.outbox(session, cause),
            alarms=self.alarms,
            clock=self.clock,
            random=self.random,
            policy=self.policy,
            cause=cause.event or cause.correlation,
        )

    def today(self) -> date:
        return today(self.clock, self.policy.zone)

    @asynccontextmanager
    async def transactions(self) -> AsyncIterator[tuple[Work, Archive]]:
        async with self.messaging.transaction() as (session, cause):
            yield self.open_work(session, cause), SqlArchive(session)


@dataclass(frozen=True, slots=True)
class Notification:
    """The service put together; tests take its parts, `__main__` runs its siblings."""

    app: FastAPI
    database: Database
    workshop: Workshop
    consumer: Consumer[Work]
    carrier: Carrier
    metrics: Metrics
    http: Sibling
    senders: int

    def sender(self) -> Sender:
        shop = self.workshop
        return Sender(
            Channel.EMAIL, self.carrier, transactions=shop.transactions, counts=self.metrics, clock=shop.clock, letters=shop.letters
        )

    def watch(self) -> Watch:
        return Watch(transactions=self.workshop.transactions, counts=self.metrics, today=self.workshop.today)

    def siblings(self) -> Mapping[str, Sibling]:
        senders = {f"sender {number}": self.sender().run for number in range(self.senders)}
        return {
            "http": self.http,
            "consumer": self.consumer.run,
            "relay": self.workshop.messaging.relay().run,
            "watch": self.watch().run,
            **senders,
        }


def create(settings: NotificationSettings, *, verifier: Verifier | None = None, clock: Clock | None = None) -> Notification:
    """Put the service together; nothing is started, and no server is asked."""
    metrics = Metrics(METRICS)
    messaging = messaging_of(SERVICE, settings, PLUMBING, events.contract_of, metrics=metrics, clock=clock)
    workshop = _workshop(settings, messaging)
    consumer = messaging.consumer(events.SUBSCRIPTIONS, workshop.open_work)
    carrier = SmtpChannel(
        MailServer.at(settings.smtp_url.get_secret_value()),
        sender=Email(settings.mail_from),
        sender_name=settings.mail_from_name,
        patience=settings.smtp_patience_seconds,
    )
    app = _app(workshop, consumer, verifier or settings.verifier())
    http = http_server(app, host=settings.http_host, port=settings.http_port)
    return Notification(app, messaging.database, workshop, consumer, carrier, metrics, http, settings.senders)


def _workshop(settings: NotificationSettings, messaging: Messaging[Fact]) -> Workshop:
    policy = Policy(
        zone=settings.zone,
        quiet=settings.quiet,
        calendar=shipped(),
        receipt_days=settings.receipt_working_days,
        backoff=settings.backoff,
    )
    templates = TextTemplates(bureau=settings.bureau_name, zone=settings.zone, clock=messaging.clock)
    return Workshop(settings, messaging.clock, templates, CountedAlarms(messaging.metrics), policy, Random(), messaging)


def _app(workshop: Workshop, consumer: Consumer[Work], verifier: Verifier) -> FastAPI:
    messaging = workshop.messaging

    def open_desk(session: AsyncSession, principal: Principal, cause: Cause) -> Desk:
        return Desk(work=workshop.open_work(session, cause), archive=SqlArchive(session), ears=consumer, caller=principal)

    return create_app(
        title="Kaohe notification 通知",
        description="The right person is told exactly once: people and duties, messages, deliveries, receipts.",
        routers=api.ROUTERS,
        problems=api.PROBLEMS,
        edge=Edge(verifier, messaging.database, open_desk),
        health=Health({**messaging.checks(), "events": consumer.reader.check}),
        metrics=messaging.metrics,
    )
