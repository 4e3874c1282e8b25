"""The composition root of notification: settings in, siblings out."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from random import Random
from typing import Final

from aiokafka.errors import KafkaError
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncSession

from kit.auth import Principal, Verifier
from kit.clock import Clock, clock_of
from kit.db import Database
from kit.health import Health
from kit.http import Edge, create_app
from kit.ids import uuid7
from kit.inbox import Consumer
from kit.kafka import broker_check
from kit.metrics import Metric, Metrics
from kit.outbox import Cause, Relay, SqlOutbox
from kit.run import Sibling, http_server
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
class ConsumerEars:
    consumer: Consumer[Work]

    async def behind(self) -> int | None:
        """Of the partitions that this process reads; None until each of them was found at its place."""
        reader = self.consumer.reader
        try:
            lags = await reader.lag()
        except KafkaError:
            return None
        return sum(lags.values()) if lags and lags.keys() == reader.consumer.assignment() else None


@dataclass(frozen=True, slots=True)
class Workshop:
    """Opens the `Work` of one transaction."""

    database: Database
    settings: NotificationSettings
    clock: Clock
    templates: TextTemplates
    alarms: CountedAlarms
    policy: Policy
    random: Random
    relay: Relay

    def open_work(self, session: AsyncSession, cause: Cause) -> Work:
        outbox = SqlOutbox[Fact](
            session,
            PLUMBING.outbox,
            service=SERVICE,
            contract_of=events.contract_of,
            clock=self.clock,
            cause=cause,
            prefix=self.settings.topic_prefix,
        )
        return Work(
            people=SqlPeople(session),
            units=SqlUnits(session),
            messages=SqlMessages(session),
            deliveries=SqlDeliveries(session, lease=self.settings.lease),
            templates=self.templates,
            outbox=outbox,
            alarms=self.alarms,
            clock=self.clock,
            random=self.random,
            policy=self.policy,
            cause=cause.event or cause.correlation,
        )

    @asynccontextmanager
    async def transactions(self) -> AsyncIterator[tuple[Work, Archive]]:
        async with self.database.transaction() as session:
            yield self.open_work(session, Cause(correlation=str(uuid7()))), SqlArchive(session)
        self.relay.wake()


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
        return Sender(Channel.EMAIL, self.carrier, transactions=self.workshop.transactions, counts=self.metrics)

    def watch(self) -> Watch:
        return Watch(transactions=self.workshop.transactions, counts=self.metrics)

    def siblings(self) -> Mapping[str, Sibling]:
        senders = {f"sender {number}": self.sender().run for number in range(self.senders)}
        return {
            "http": self.http,
            "consumer": self.consumer.run,
            "relay": self.workshop.relay.run,
            "watch": self.watch().run,
            **senders,
        }


def create(settings: NotificationSettings, *, verifier: Verifier | None = None, clock: Clock | None = None) -> Notification:
    """Put the service together; nothing is started, and no server is asked."""
    metrics = Metrics(METRICS)
    database = Database(settings.database_url.get_secret_value(), application=SERVICE)
    bootstrap = settings.kafka_bootstrap
    relay = Relay(database, PLUMBING.outbox, bootstrap=bootstrap, service=SERVICE, metrics=metrics, inbox=PLUMBING.inbox)
    workshop = _workshop(settings, database, clock or clock_of(settings.clock_file), metrics, relay)
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
    carrier = SmtpChannel(
        MailServer.at(settings.smtp_url.get_secret_value()),
        sender=Email(settings.mail_from),
        sender_name=settings.mail_from_name,
        patience=settings.smtp_patience_seconds,
    )
    app = _app(workshop, consumer, verifier or settings.verifier(), metrics)
    http = http_server(app, host=settings.http_host, port=settings.http_port)
    return Notification(app, database, workshop, consumer, carrier, metrics, http, settings.senders)


def _workshop(settings: NotificationSettings, database: Database, clock: Clock, metrics: Metrics, relay: Relay) -> Workshop:
    policy = Policy(
        zone=settings.zone,
        quiet=settings.quiet,
        calendar=shipped(),
        receipt_days=settings.receipt_working_days,
        backoff=settings.backoff,
    )
    templates = TextTemplates(bureau=settings.bureau_name, zone=settings.zone, clock=clock)
    return Workshop(database, settings, clock, templates, CountedAlarms(metrics), policy, Random(), relay)


def _app(workshop: Workshop, consumer: Consumer[Work], verifier: Verifier, metrics: Metrics) -> FastAPI:
    ears = ConsumerEars(consumer)

    def open_desk(session: AsyncSession, principal: Principal, cause: Cause) -> Desk:
        return Desk(work=workshop.open_work(session, cause), archive=SqlArchive(session), ears=ears, caller=principal)

    return create_app(
        title="Kaohe notification 通知",
        description="The right person is told exactly once: people and duties, messages, deliveries, receipts.",
        routers=api.ROUTERS,
        problems=api.PROBLEMS,
        edge=Edge(verifier, workshop.database, open_desk, workshop.relay.wake),
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
