"""The ledger of messages and their receipts, in PostgreSQL."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from kit.db import after_commit
from kit.ids import uuid7
from notification.domain.deliveries import Channel, Outcome
from notification.domain.errors import NoSuchMessage
from notification.domain.messages import ItemId, Matter, Message, MessageId, Wording
from notification.domain.occasions import Occasion, Part
from notification.handlers.work import Chased, Planned
from notification.store.tables import delivery, message

CHASERS: Final = 0x6B6E  # the advisory lock of the one transaction that chases receipts at a time


class SqlMessages:
    """`added` is called when a transaction has committed that left letters to carry."""

    def __init__(self, session: AsyncSession, *, added: Callable[[], None]) -> None:
        self._session = session
        self._added = added

    async def add(self, added: Message, deliveries: Sequence[Planned]) -> bool:
        made = insert(message).values(**_columns(added)).on_conflict_do_nothing(constraint="message_ledger").returning(message.c.id)
        if (await self._session.execute(made)).first() is None:
            return False
        await self._session.execute(insert(delivery), [_planned(added.id, planned) for planned in deliveries])
        after_commit(self._session, self._added)
        return True

    async def locked(self, wanted: MessageId) -> Message:
        row = (await self._session.execute(select(message).where(message.c.id == wanted).with_for_update())).one_or_none()
        if row is None:
            raise NoSuchMessage
        return to_message(row)

    async def keep_receipt(self, receipted: Message) -> None:
        await self._session.execute(update(message).where(message.c.id == receipted.id).values(receipted_at=receipted.receipted_at))
        await self._session.execute(update(message).where(_about(receipted.matter)).values(chase=False))

    async def receipt_for_all(self, item: ItemId, occasion: Occasion, *, at: datetime) -> None:
        asked = update(message).where(message.c.item == item, message.c.stage == occasion, message.c.receipt_asked)
        await self._session.execute(asked.values(receipted_at=func.coalesce(message.c.receipted_at, at), chase=False))

    async def stop_chasing(self, item: ItemId) -> None:
        await self._session.execute(update(message).where(message.c.item == item, message.c.chase).values(chase=False))

    async def take_unreceipted(self, *, before: date, most: int) -> Sequence[Chased]:
        due = select(message).where(message.c.chase, message.c.receipt_due_on < before).order_by(message.c.receipt_due_on, message.c.id)
        # Two chasers at once would each lock a row of a matter and want the other's: one at a time, the other finds nothing to do.
        if not (await self._session.execute(select(func.pg_try_advisory_xact_lock(CHASERS)))).scalar():
            return []
        chased: dict[Matter, Chased] = {}
        for row in await self._session.execute(due.limit(most)):
            found = to_message(row)
            chased.setdefault(found.matter, Chased(found.matter, found.wording.subject, found.told_at))
        for matter in chased:
            await self._session.execute(update(message).where(_about(matter)).values(chase=False))
        return list(chased.values())


def _about(matter: Matter) -> ColumnElement[bool]:
    return and_(
        message.c.item.is_not_distinct_from(matter.item),
        message.c.due_on.is_not_distinct_from(matter.due_on),
        message.c.stage == matter.occasion,
        message.c.occurrence == matter.occurrence,
    )


def _columns(added: Message) -> dict[str, Any]:
    matter = added.matter
    return {
        "id": added.id,
        "item": matter.item,
        "unit": matter.unit,
        "due_on": matter.due_on,
        "stage": matter.occasion,
        "occurrence": matter.occurrence,
        "receiver": added.receiver,
        "part": added.part,
        "subject": added.wording.subject,
        "text": added.wording.text,
        "told_at": added.told_at,
        "receipt_asked": added.receipt_asked,
        "receipt_due_on": added.receipt_due_on,
        "chase": added.receipt_due_on is not None,
    }


def _planned(about: UUID, planned: Planned) -> dict[str, Any]:
    told = planned.channel is Channel.IN_APP and planned.outcome is Outcome.DELIVERED
    return {
        "id": uuid7(),
        "message": about,
        "channel": planned.channel,
        "outcome": planned.outcome,
        "leaves_at": planned.leaves_at,
        "attempts": int(told),  # writing it down was the attempt
    }


def to_message(row: Row[Any]) -> Message:
    return Message(
        id=MessageId(row.id),
        matter=Matter(occasion=Occasion(row.stage), item=row.item, unit=row.unit, due_on=row.due_on, occurrence=row.occurrence),
        receiver=row.receiver,
        part=Part(row.part),
        wording=Wording(row.subject, row.text),
        told_at=row.told_at,
        receipt_asked=row.receipt_asked,
        receipt_due_on=row.receipt_due_on,
        receipted_at=row.receipted_at,
    )
