"""One way to put a service together: what it says and hears goes through the same few things in each of them."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Generic, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from contracts.envelope import Contract
from kit.clock import Clock, clock_of
from kit.db import Database
from kit.health import Check, broker_check
from kit.ids import uuid7
from kit.inbox import Consumer, Subscriptions
from kit.kafka import producer
from kit.metrics import Metrics
from kit.outbox import Cause, Relay, SqlOutbox, outbox_check, rows_of
from kit.settings import ServiceSettings
from kit.tables import Plumbing
from kit.waking import Bell

Fact = TypeVar("Fact")
Work = TypeVar("Work")


@dataclass(frozen=True, slots=True, kw_only=True)
class Messaging(Generic[Fact]):
    """What a service's transactions, outbox, relay and consumer have in common, said once."""

    service: str
    bootstrap: str
    prefix: str
    database: Database
    tables: Plumbing
    clock: Clock
    metrics: Metrics
    contract_of: Callable[[Fact], Contract]
    instance: str | None = None  # this process's static name in its group
    bell: Bell = field(default_factory=Bell)  # an outbox rings it, the relay hears it

    def outbox(self, session: AsyncSession, cause: Cause) -> SqlOutbox[Fact]:
        """Of one transaction."""
        return SqlOutbox(
            session,
            self.tables.outbox,
            service=self.service,
            contract_of=self.contract_of,
            clock=self.clock,
            cause=cause,
            bell=self.bell,
            prefix=self.prefix,
        )

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[tuple[AsyncSession, Cause]]:
        """For what the service does by itself: a chain begins here."""
        async with self.database.transaction() as session:
            yield session, Cause(correlation=str(uuid7()))

    def relay(self) -> Relay:
        return Relay(
            partial(rows_of, self.database, self.tables),
            partial(producer, self.bootstrap, client=f"{self.service}-relay"),
            service=self.service,
            metrics=self.metrics,
            bell=self.bell,
        )

    def consumer(self, subscriptions: Subscriptions[Work], open_work: Callable[[AsyncSession, Cause], Work]) -> Consumer[Work]:
        return Consumer(
            self.database,
            self.tables,
            subscriptions=subscriptions,
            outbox=self.outbox,
            open_work=open_work,
            bootstrap=self.bootstrap,
            instance=self.instance,
            service=self.service,
            prefix=self.prefix,
            metrics=self.metrics,
        )

    def checks(self) -> dict[str, Check]:
        """What readiness asks in every service that speaks."""
        return {
            "database": self.database.check,
            "broker": broker_check(self.bootstrap),
            "outbox": outbox_check(self.database, self.tables),
        }


def messaging_of(
    service: str,
    settings: ServiceSettings,
    tables: Plumbing,
    contract_of: Callable[[Fact], Contract],
    *,
    metrics: Metrics,
    clock: Clock | None = None,
) -> Messaging[Fact]:
    """With the database that the settings name, and their clock unless another one is given; nothing is connected yet."""
    return Messaging(
        service=service,
        bootstrap=settings.kafka_bootstrap,
        instance=settings.instance,
        prefix=settings.topic_prefix,
        database=Database(settings.database_url.get_secret_value(), application=service),
        tables=tables,
        clock=clock or clock_of(settings.clock_file),
        metrics=metrics,
        contract_of=contract_of,
    )
