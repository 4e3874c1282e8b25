"""What a handler may reach: Protocols of plural nouns, built by the composition root for one transaction."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from random import Random
from typing import Protocol
from zoneinfo import ZoneInfo

from kit.auth import Principal
from kit.clock import Clock, today
from kit.workdays import Calendar
from notification.domain.deliveries import Answer, Backoff, Channel, Delivery, DeliveryId, Outcome
from notification.domain.messages import ItemId, Matter, Message, MessageId, ReceiptGiven, ReceiverUnreachable, Wording
from notification.domain.occasions import Addressee, Occasion
from notification.domain.people import Duty, Email, Person, PersonId, UnitCode
from notification.domain.quiet import Quiet

Facts = Mapping[str, object]  # what a template may say, by name
Fact = ReceiptGiven | ReceiverUnreachable


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A delivery to make; `leaves_at` is business time."""

    channel: Channel
    leaves_at: datetime
    outcome: Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What a channel carries: `delivery` is the attempt, whose id stays the same at every attempt."""

    delivery: Delivery
    message: Message
    name: str = field(repr=False)
    email: Email | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Chased:
    """A formal notice that nobody gave a receipt for, with the words in which it was told."""

    matter: Matter
    subject: str
    told_at: datetime


class People(Protocol):
    async def holding(self, duties: Collection[Duty], *, on: date) -> Sequence[Person]:
        """Whoever holds one of these duties anywhere on that day."""

    async def by_id(self, person: PersonId) -> Person:
        """Raises `NoSuchPerson`."""

    async def put(self, people: Sequence[Person]) -> None:
        """Make them known; each replaces whoever had the id, with all duties."""

    async def retire(self, person: PersonId, *, on: date) -> None:
        """End the duties the day before and forget the address; what was told stays. Raises `NoSuchPerson`."""


class Units(Protocol):
    async def put(self, unit: UnitCode, name: str) -> None: ...

    async def name_of(self, unit: UnitCode) -> str:
        """The code itself while the name is not known."""


class Messages(Protocol):
    async def add(self, message: Message, deliveries: Sequence[Planned]) -> bool:
        """Whether it is new: the ledger takes each (matter, receiver) once, whoever tries."""

    async def locked(self, message: MessageId) -> Message:
        """The message, locked until the transaction ends; raises `NoSuchMessage`."""

    async def keep_receipt(self, message: Message) -> None: ...

    async def receipt_for_all(self, item: ItemId, occasion: Occasion, *, at: datetime) -> None:
        """Everybody who was asked for a receipt of this has given it, unless before."""

    async def stop_chasing(self, item: ItemId) -> None:
        """Receipts of this item are waited for no more."""

    async def take_unreceipted(self, *, before: date, most: int) -> Sequence[Chased]:
        """Formal notices whose receipts were due before that day and that no receiver has received; each is given out once."""


class Deliveries(Protocol):
    async def claim(self, channel: Channel, *, now: datetime) -> Letter | None:
        """A letter that may leave at this business instant, leased to the caller, who has to answer before the lease ends."""

    async def next_leaving(self, channel: Channel, *, after: datetime) -> datetime | None:
        """When the first of the letters that are held back until later may leave, in business time."""

    async def record(self, delivery: Delivery) -> bool:
        """Whether the attempt was still ours to answer for: else its lease had run out and another worker has it."""


class Carrier(Protocol):
    async def carry(self, letter: Letter) -> Answer:
        """One attempt, over in a bounded time; whatever goes wrong is an answer, never an exception."""


class Templates(Protocol):
    def worded(self, addressee: Addressee, occasion: Occasion, facts: Facts) -> Wording: ...


class Outbox(Protocol):
    async def add(self, fact: Fact) -> None: ...


class Alarms(Protocol):
    def raised(self, occasion: Occasion) -> None:
        """Count it, so that the operators see it even if there is nobody in the office to be told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryLine:
    """A delivery as it is shown: `answer` is the server's own words and may hold an address; the office alone sees it."""

    id: DeliveryId
    message: MessageId
    receiver: PersonId
    channel: Channel
    outcome: Outcome
    attempts: int
    leaves_at: datetime
    next_try_at: datetime
    answered_at: datetime | None
    code: int | None
    answer: str | None = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageLine:
    message: Message
    receiver_name: str
    deliveries: tuple[DeliveryLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which messages to list, newest first; without a receiver everybody's."""

    receiver: PersonId | None
    unit: UnitCode | None = None
    item: ItemId | None = None
    occasion: Occasion | None = None
    before: MessageId | None = None
    limit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """What is left to do: deliveries that may leave now, those held back, receipts to chase today."""

    unsent: int
    held: int
    unchased: int


class Archive(Protocol):
    async def messages(self, wanted: Wanted) -> Sequence[MessageLine]: ...

    async def deliveries(self, outcome: Outcome | None, channel: Channel | None, *, limit: int) -> Sequence[DeliveryLine]:
        """Newest first."""

    async def people(self, unit: UnitCode | None, duty: Duty | None, *, on: date) -> Sequence[Person]:
        """By id; with a unit or a duty those who hold one there, or that one, on the day."""

    async def waiting(self, *, now: datetime, today: date) -> Waiting: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What the bureau decided about messages."""

    zone: ZoneInfo
    quiet: Quiet
    calendar: Calendar
    receipt_days: int  # working days after which a formal notice without receipt goes to the head
    backoff: Backoff


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """Everything for one transaction; `cause` is the id of the event that is handled, or of the request."""

    people: People
    units: Units
    messages: Messages
    deliveries: Deliveries
    templates: Templates
    outbox: Outbox
    alarms: Alarms
    clock: Clock
    random: Random
    policy: Policy
    cause: str

    def today(self) -> date:
        return today(self.clock, self.policy.zone)


class Ears(Protocol):
    async def behind(self) -> int | None:
        """How many events were said that this process has still to hear; None before it listens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What a request may reach: the work, what can be read, and who asks."""

    work: Work
    archive: Archive
    ears: Ears
    caller: Principal
