"""What was told to whom: one message a key, receipts of formal notices."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import NewType
from uuid import UUID

from notification.domain.errors import NoReceiptAsked, NotTheReceiver
from notification.domain.occasions import Occasion, Part
from notification.domain.people import PersonId, UnitCode

MessageId = NewType("MessageId", UUID)
ItemId = NewType("ItemId", str)


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """What a message is about. With the receiver it is the ledger's key: whoever was told of it is never told again.

    A stage of the ladder is known by its item, its due date and itself, so a new due date starts the ladder again. What may
    happen again to the same due date (a return, an extension asked for) also names its `occurrence`.
    """

    occasion: Occasion
    item: ItemId | None = None
    unit: UnitCode | None = None
    due_on: date | None = None
    occurrence: str = ""


@dataclass(frozen=True, slots=True)
class Wording:
    """A message's subject (one line) and text."""

    subject: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    id: MessageId
    matter: Matter
    receiver: PersonId
    part: Part
    wording: Wording = field(repr=False)  # texts never reach a log
    told_at: datetime
    receipt_asked: bool = False
    receipt_due_on: date | None = None  # None: not asked for, or in a year that the calendar does not cover
    receipted_at: datetime | None = None

    def receipted(self, by: PersonId, at: datetime) -> "Message":
        """The message with its receipt; a second receipt changes nothing. Raises `NotTheReceiver`, `NoReceiptAsked`."""
        if by != self.receiver:
            raise NotTheReceiver
        if not self.receipt_asked:
            raise NoReceiptAsked
        return self if self.receipted_at else replace(self, receipted_at=at)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptGiven:
    message: MessageId
    matter: Matter
    receiver: PersonId
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiverUnreachable:
    """No channel that leaves the platform reaches this person: the office has to find an address."""

    person: PersonId
    on: date
