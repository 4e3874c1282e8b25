"""Attempts to deliver: claimed under a lease, answered by compare-and-set."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from notification.domain.deliveries import Channel, Delivery, DeliveryId, Outcome
from notification.handlers.work import Letter
from notification.store.messages import to_message
from notification.store.tables import delivery, message, person


class SqlDeliveries:
    """`lease` is how long a worker may take to answer; after it the letter is anybody's."""

    def __init__(self, session: AsyncSession, *, lease: timedelta) -> None:
        self._session = session
        self._lease = lease

    async def claim(self, channel: Channel, *, now: datetime) -> Letter | None:
        free = or_(delivery.c.leased_until.is_(None), delivery.c.leased_until < func.clock_timestamp())
        due = (
            select(delivery.c.id)
            .where(delivery.c.channel == channel, delivery.c.outcome == Outcome.WAITING, free)
            .where(delivery.c.leaves_at <= now, delivery.c.next_try_at <= func.clock_timestamp())
            .order_by(delivery.c.next_try_at, delivery.c.id)
            .limit(1)
            .with_for_update(skip_locked=True)
            .scalar_subquery()
        )
        leased = update(delivery).where(delivery.c.id == due)
        claimed = leased.values(attempts=delivery.c.attempts + 1, leased_until=func.clock_timestamp() + self._lease)
        found = (await self._session.execute(claimed.returning(delivery.c.id))).scalar()
        return await self._letter(found) if found else None

    async def next_leaving(self, channel: Channel, *, after: datetime) -> datetime | None:
        waiting = select(func.min(delivery.c.leaves_at)).where(delivery.c.channel == channel, delivery.c.outcome == Outcome.WAITING)
        first: datetime | None = (await self._session.execute(waiting.where(delivery.c.leaves_at > after))).scalar()
        return first

    async def _letter(self, wanted: DeliveryId) -> Letter:
        columns = select(
            message,
            person.c.name,
            person.c.email,
            delivery.c.id.label("delivery"),
            delivery.c.channel,
            delivery.c.attempts,
            delivery.c.refusals,
        )
        joined = columns.join(delivery, delivery.c.message == message.c.id).join(person, person.c.id == message.c.receiver)
        return _letter((await self._session.execute(joined.where(delivery.c.id == wanted))).one())

    async def record(self, answered: Delivery) -> bool:
        """The number of attempts is the lease's token: a worker that slept through its lease finds another number."""
        ours = update(delivery).where(
            delivery.c.id == answered.id, delivery.c.attempts == answered.attempts, delivery.c.outcome == Outcome.WAITING
        )
        recorded = ours.values(
            outcome=answered.outcome,
            refusals=answered.refusals,
            code=answered.code,
            answer=answered.answer,
            answered_at=func.clock_timestamp(),
            next_try_at=func.clock_timestamp() + answered.pause,
            leased_until=None,
        )
        return (await self._session.execute(recorded.returning(delivery.c.id))).first() is not None


def _letter(row: Row[Any]) -> Letter:
    attempt = Delivery(id=DeliveryId(row.delivery), channel=Channel(row.channel), attempts=row.attempts, refusals=row.refusals)
    return Letter(delivery=attempt, message=to_message(row), name=row.name, email=row.email)
