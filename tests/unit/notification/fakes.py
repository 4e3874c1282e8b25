"""The Protocols of notification's handlers, in memory."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from kit.testing import FixedClock
from kit.workdays import shipped
from notification.domain.deliveries import Backoff, Channel, Delivery
from notification.domain.errors import NoSuchMessage, NoSuchPerson
from notification.domain.messages import ItemId, Matter, Message, MessageId
from notification.domain.occasions import Occasion
from notification.domain.people import AT_A_UNIT, Duty, Email, Holding, Person, PersonId, UnitCode
from notification.domain.quiet import Quiet
from notification.handlers.work import Chased, Fact, Letter, Planned, Policy, Work
from notification.wording import TextTemplates

EAST = UnitCode("east")
ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 9, 14, 2, tzinfo=UTC)  # Monday, ten o'clock in Shanghai


@dataclass
class FakePeople:
    known: dict[PersonId, Person] = field(default_factory=dict)

    async def holding(self, duties: Collection[Duty], *, on: date) -> Sequence[Person]:
        return [one for one in self.known.values() if any(d.duty in duties and d.is_held_on(on) for d in one.duties)]

    async def by_id(self, person: PersonId) -> Person:
        if person not in self.known:
            raise NoSuchPerson(person)
        return self.known[person]

    async def put(self, people: Sequence[Person]) -> None:
        self.known |= {person.id: person for person in people}

    async def retire(self, person: PersonId, *, on: date) -> None:
        left = await self.by_id(person)
        ended = tuple(replace(duty, to_on=on - timedelta(days=1)) for duty in left.duties)
        self.known[person] = replace(left, email=None, duties=ended)


@dataclass
class FakeUnits:
    names: dict[UnitCode, str] = field(default_factory=lambda: {EAST: "砚东分局"})

    async def put(self, unit: UnitCode, name: str) -> None:
        self.names[unit] = name

    async def name_of(self, unit: UnitCode) -> str:
        return self.names.get(unit, unit)


@dataclass
class FakeMessages:
    told: dict[tuple[Matter, PersonId], Message] = field(default_factory=dict)
    planned: dict[MessageId, Sequence[Planned]] = field(default_factory=dict)
    due: list[Chased] = field(default_factory=list)
    signed: list[tuple[ItemId, Occasion]] = field(default_factory=list)
    left_alone: list[ItemId] = field(default_factory=list)

    async def add(self, message: Message, deliveries: Sequence[Planned]) -> bool:
        key = (replace(message.matter, unit=None), message.receiver)
        if key in self.told:
            return False
        self.told[key] = message
        self.planned[message.id] = deliveries
        return True

    async def locked(self, message: MessageId) -> Message:
        found = next((one for one in self.told.values() if one.id == message), None)
        if found is None:
            raise NoSuchMessage
        return found

    async def keep_receipt(self, message: Message) -> None:
        self.told[replace(message.matter, unit=None), message.receiver] = message

    async def receipt_for_all(self, item: ItemId, occasion: Occasion, *, at: datetime) -> None:  # noqa: ARG002 - the Protocol's
        self.signed.append((item, occasion))

    async def stop_chasing(self, item: ItemId) -> None:
        self.left_alone.append(item)

    async def take_unreceipted(self, *, before: date, most: int) -> Sequence[Chased]:  # noqa: ARG002 - the Protocol's
        taken, self.due = self.due[:most], self.due[most:]
        return taken

    def of(self, occasion: Occasion) -> dict[str, Message]:
        return {message.receiver: message for message in self.told.values() if message.matter.occasion is occasion}


@dataclass
class FakeDeliveries:
    ours: bool = True
    recorded: list[Delivery] = field(default_factory=list)

    async def claim(self, channel: Channel, *, now: datetime) -> Letter | None:  # noqa: ARG002 - the Protocol's
        return None

    async def next_leaving(self, channel: Channel, *, after: datetime) -> datetime | None:  # noqa: ARG002 - the Protocol's
        return None

    async def record(self, delivery: Delivery) -> bool:
        self.recorded.append(delivery)
        return self.ours


@dataclass
class FakeOutbox:
    said: list[Fact] = field(default_factory=list)

    async def add(self, fact: Fact) -> None:
        self.said.append(fact)


@dataclass
class FakeAlarms:
    rung: list[Occasion] = field(default_factory=list)

    def raised(self, occasion: Occasion) -> None:
        self.rung.append(occasion)


@dataclass
class Bench:
    """A `Work` of fakes, and the fakes."""

    people: FakePeople = field(default_factory=FakePeople)
    units: FakeUnits = field(default_factory=FakeUnits)
    messages: FakeMessages = field(default_factory=FakeMessages)
    deliveries: FakeDeliveries = field(default_factory=FakeDeliveries)
    outbox: FakeOutbox = field(default_factory=FakeOutbox)
    alarms: FakeAlarms = field(default_factory=FakeAlarms)
    clock: FixedClock = field(default_factory=lambda: FixedClock(NOW))
    cause: str = "event-1"

    def work(self, cause: str = "") -> Work:
        policy = Policy(
            zone=ZONE,
            quiet=Quiet(begin=time(20), end=time(8), zone=ZONE),
            calendar=shipped(),
            receipt_days=3,
            backoff=Backoff(first=timedelta(seconds=1), longest=timedelta(minutes=1), refusals=2),
        )
        return Work(
            people=self.people,
            units=self.units,
            messages=self.messages,
            deliveries=self.deliveries,
            templates=TextTemplates(bureau="清砚市城市管理行政执法局", zone=ZONE, clock=self.clock),
            outbox=self.outbox,
            alarms=self.alarms,
            clock=self.clock,
            random=Random(1),
            policy=policy,
            cause=cause or self.cause,
        )


def holder(duty: Duty, *, email: bool = True, unit: UnitCode = EAST) -> Person:
    """One person whose id is the duty."""
    held = Holding(duty=duty, unit=unit if duty in AT_A_UNIT else None, from_on=date(2026, 1, 1))
    return Person(id=PersonId(duty), name=f"某{duty}", email=Email(f"{duty}@example.org") if email else None, duties=(held,))


async def bench(*without: Duty) -> Bench:
    """Everybody but these."""
    made = Bench()
    await made.people.put([holder(duty) for duty in Duty if duty not in without])
    return made
