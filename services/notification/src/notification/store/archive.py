"""What can be read: messages with their deliveries, people, and what is left to do."""

from collections.abc import Sequence
from datetime import date, datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Row, Select, func, not_, select
from sqlalchemy.ext.asyncio import AsyncSession

from notification.domain.deliveries import Channel, DeliveryId, Outcome
from notification.domain.messages import MessageId
from notification.domain.people import Duty, Person, UnitCode
from notification.handlers.work import DeliveryLine, MessageLine, Waiting, Wanted
from notification.store.messages import to_message
from notification.store.people import held, select_people
from notification.store.tables import delivery, holding, message, person


class SqlArchive:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def messages(self, wanted: Wanted) -> Sequence[MessageLine]:
        rows = (await self._session.execute(_messages(wanted))).all()
        if not rows:
            return []
        lines = select(delivery, message.c.receiver).join(message).where(delivery.c.message.in_([row.id for row in rows]))
        ordered = (await self._session.execute(lines.order_by(delivery.c.message, delivery.c.channel))).all()
        by_message = {about: tuple(map(_line, found)) for about, found in groupby(ordered, key=lambda row: row.message)}
        return [MessageLine(message=to_message(row), receiver_name=row.name, deliveries=by_message.get(row.id, ())) for row in rows]

    async def deliveries(self, outcome: Outcome | None, channel: Channel | None, *, limit: int) -> Sequence[DeliveryLine]:
        found = select(delivery, message.c.receiver).join(message).order_by(delivery.c.id.desc()).limit(limit)
        if outcome:
            found = found.where(delivery.c.outcome == outcome)
        if channel:
            found = found.where(delivery.c.channel == channel)
        return [_line(row) for row in await self._session.execute(found)]

    async def people(self, unit: UnitCode | None, duty: Duty | None, *, on: date) -> Sequence[Person]:
        conditions = [holding.c.unit == unit] if unit else []
        conditions += [holding.c.duty == duty] if duty else []
        return await select_people(self._session, *conditions, *([held(on)] if conditions else []))

    async def waiting(self, *, now: datetime, today: date) -> Waiting:
        leaving = delivery.c.leaves_at <= now
        counts = select(func.count().filter(leaving).label("unsent"), func.count().filter(not_(leaving)).label("held"))
        row = (await self._session.execute(counts.where(delivery.c.outcome == Outcome.WAITING))).one()
        due = select(func.count()).select_from(message).where(message.c.chase, message.c.receipt_due_on < today)
        unchased = (await self._session.execute(due)).scalar_one()
        return Waiting(unsent=row.unsent, held=row.held, unchased=unchased)


def _messages(wanted: Wanted) -> Select[Any]:
    found = select(message, person.c.name).join(person).order_by(message.c.id.desc()).limit(wanted.limit)
    limits = (
        (message.c.receiver, wanted.receiver),
        (message.c.unit, wanted.unit),
        (message.c.item, wanted.item),
        (message.c.stage, wanted.occasion),
    )
    found = found.where(*(column == value for column, value in limits if value is not None))
    return found.where(message.c.id < wanted.before) if wanted.before else found


def _line(row: Row[Any]) -> DeliveryLine:
    return DeliveryLine(
        id=DeliveryId(row.id),
        message=MessageId(row.message),
        receiver=row.receiver,
        channel=Channel(row.channel),
        outcome=Outcome(row.outcome),
        attempts=row.attempts,
        leaves_at=row.leaves_at,
        next_try_at=row.next_try_at,
        answered_at=row.answered_at,
        code=row.code,
        answer=row.answer,
    )
