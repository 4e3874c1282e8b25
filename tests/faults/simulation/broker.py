"""A log as Kafka keeps it, in memory: partitions, offsets, groups that rebalance, producers whose answers get lost."""

import asyncio
import re
import zlib
from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from random import Random

from aiokafka import TopicPartition
from aiokafka.abc import ConsumerRebalanceListener
from aiokafka.errors import IllegalStateError, KafkaConnectionError, NoOffsetForPartitionError

from kit.reader import Message
from tests.faults.simulation.scheduler import Actor, Fault, acting

HEADERS = (("content-type", b"application/cloudevents+json"),)
AT_A_SEND = (Fault.CRASH, Fault.CUT, Fault.LOST)
AT_A_FETCH = (Fault.CRASH,)
PATIENT, IMPATIENT = 2.0, 0.05  # seconds of the simulation that a group waits for a member that does not rejoin
GRAIN = 0.01  # seconds that a fetch without a position takes


@dataclass(slots=True)
class Record:
    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]


class Broker:
    """All topics and groups of one history."""

    def __init__(self, dice: Random, topics: Mapping[str, int]) -> None:
        self.dice = dice
        self.logs: dict[TopicPartition, list[Record]] = {
            TopicPartition(topic, number): [] for topic, count in topics.items() for number in range(count)
        }
        self.groups: dict[str, Group] = defaultdict(lambda: Group(self))
        self._grown = asyncio.Event()

    def append(self, topic: str, *, key: bytes | None, value: bytes | None, partition: int | None = None) -> None:
        numbers = self.partitions(topic)
        number = zlib.crc32(key or b"") % len(numbers) if partition is None else partition
        log = self.logs[TopicPartition(topic, number)]
        log.append(Record(topic, number, len(log), len(log), key, value, HEADERS))
        grown, self._grown = self._grown, asyncio.Event()
        grown.set()

    def partitions(self, topic: str) -> list[int]:
        return sorted(partition.partition for partition in self.logs if partition.topic == topic)

    def records(self, topic: str) -> Iterator[Record]:
        """Of each partition in order."""
        for number in self.partitions(topic):
            yield from self.logs[TopicPartition(topic, number)]

    def ends(self) -> dict[TopicPartition, int]:
        return {partition: len(log) for partition, log in self.logs.items()}

    def grown(self) -> asyncio.Event:
        """The next growth of any log."""
        return self._grown

    def client(self, *, group_id: str | None = None, **_settings: object) -> "Client":
        """In the place of aiokafka's consumer."""
        return Client(self, self.groups[group_id] if group_id else None)

    @asynccontextmanager
    async def producer(self) -> AsyncIterator["Producer"]:
        """In the place of aiokafka's producer."""
        yield Producer(self)

    def evict(self) -> None:
        """A member whose heartbeats were lost: the others take over its partitions, and it does not know."""
        groups = [group for group in self.groups.values() if len(group.members) > 1]
        if groups:
            group = self.dice.choice(groups)
            group.leave(self.dice.choice(list(group.members)))


class Producer:
    """Idempotent: what was sent before a failure lies in the log in order, and what comes after it is not sent."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self._broken = False

    async def send(self, topic: str, *, key: bytes, value: bytes, headers: object = None) -> "asyncio.Future[None]":  # noqa: ARG002
        actor = acting.get()
        fault = await actor.scheduler.turn(actor, "send", AT_A_SEND) if actor else None
        answer: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if fault is not Fault.CUT and not self._broken:
            self._broker.append(topic, key=key, value=value)
        self._broken = self._broken or fault is not None
        if self._broken:
            answer.set_exception(KafkaConnectionError())
        else:
            answer.set_result(None)
        return answer


@dataclass(eq=False)
class Group:
    """The members of a consumer group; a change of them starts a round in which all give away and get anew."""

    broker: Broker
    members: dict["Client", None] = field(default_factory=dict)
    generation: int = 0
    _joined: dict["Client", asyncio.Future[bool]] = field(default_factory=dict)
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    def change(self) -> asyncio.Event:
        return self._changed

    def join(self, member: "Client") -> None:
        self.members[member] = None
        self._begin()

    def leave(self, member: "Client") -> None:
        if member in self.members:
            del self.members[member]
            self._begin()

    def _begin(self) -> None:
        self.generation += 1
        for waiting in self._joined.values():
            if not waiting.done():
                waiting.set_result(False)
        self._joined.clear()
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    async def rejoin(self, member: "Client") -> int | None:
        """The generation in which the member has its share now; `None` when another round has begun meanwhile."""
        if member not in self.members:
            self.join(member)
        generation = self.generation
        joined = self._joined.setdefault(member, asyncio.get_running_loop().create_future())
        if len(self._joined) == len(self.members):
            self._share_out()
        with suppress(TimeoutError):
            async with asyncio.timeout(member.dice.choice([PATIENT, IMPATIENT])):
                return generation if await asyncio.shield(joined) else None
        self._give_up_on_the_rest()
        return None

    def _give_up_on_the_rest(self) -> None:
        for member in [member for member in self.members if member not in self._joined]:
            self.leave(member)

    def _share_out(self) -> None:
        members = list(self._joined)
        wanted = sorted({partition for member in members for partition in member.wanted()})
        for place, member in enumerate(members):
            member.given = dict.fromkeys(wanted[place :: len(members)])
        for waiting in self._joined.values():
            if not waiting.done():
                waiting.set_result(True)


class Client:
    """aiokafka's consumer as `kit.reader` uses it: a member of a group, or a probe that is given its partitions."""

    def __init__(self, broker: Broker, group: Group | None) -> None:
        self._broker = broker
        self._group = group
        self._actor = acting.get()
        self.dice = self._actor.dice if self._actor else broker.dice
        self._topics: list[str] = []
        self._listener: ConsumerRebalanceListener | None = None
        self._at: dict[TopicPartition, int | None] = {}
        self._paused: set[TopicPartition] = set()
        self._coordinating: asyncio.Task[None] | None = None
        self.given: dict[TopicPartition, None] = {}

    def subscribe(self, topics: Sequence[str] = (), pattern: str | None = None, listener: ConsumerRebalanceListener | None = None) -> None:
        known = dict.fromkeys(partition.topic for partition in self._broker.logs)
        self._topics = [topic for topic in known if topic in topics or (pattern and re.match(pattern, topic))]
        self._listener = listener

    def wanted(self) -> list[TopicPartition]:
        return [partition for partition in self._broker.logs if partition.topic in self._topics]

    async def start(self) -> None:
        await _turn(self._actor, "join" if self._group else "probe")
        if self._group is not None and self._actor is not None:
            self._group.join(self)
            self._coordinating = self._actor.spawn(self._coordinate(self._group))

    async def stop(self) -> None:
        if self._coordinating is not None:
            self._coordinating.cancel()
        if self._group is not None and not (self._actor and self._actor.has_crashed):
            self._group.leave(self)

    async def _coordinate(self, group: Group) -> None:
        """Beside the reader's own loop, as aiokafka does it; what its callbacks raise is swallowed there too."""
        assert self._listener is not None
        seen = 0
        while True:
            change = group.change()
            if seen == group.generation and self in group.members:
                await change.wait()
            with suppress(Exception):
                await self._listener.on_partitions_revoked(set(self._at))
            self._at.clear()
            seen = await self._rejoined(group)
            self._at = dict.fromkeys(self.given)
            with suppress(Exception):
                await self._listener.on_partitions_assigned(set(self._at))

    async def _rejoined(self, group: Group) -> int:
        while True:
            await _turn(self._actor, "rejoin")
            generation = await group.rejoin(self)
            if generation is not None:
                return generation

    def assign(self, partitions: Sequence[TopicPartition]) -> None:
        self._at = dict.fromkeys(partitions)

    def assignment(self) -> set[TopicPartition]:
        return set(self._at)

    def partitions_for_topic(self, topic: str) -> set[int]:
        return set(self._broker.partitions(topic))

    def seek(self, partition: TopicPartition, offset: int) -> None:
        if partition not in self._at:
            raise IllegalStateError(f"{partition} is not assigned")
        self._at[partition] = offset

    def pause(self, *partitions: TopicPartition) -> None:
        self._paused |= set(partitions)

    def resume(self, *partitions: TopicPartition) -> None:
        self._paused -= set(partitions)

    def paused(self) -> set[TopicPartition]:
        return self._paused & self._at.keys()

    async def getmany(self, *partitions: TopicPartition, timeout_ms: int = 0, max_records: int = 1) -> dict[TopicPartition, list[Message]]:
        await _turn(self._actor, "fetch")
        grown = self._broker.grown()
        found = self._fetched(partitions, max_records)
        if found or not timeout_ms:
            return found
        if not partitions and any(at is None for at in self._at.values()):
            await asyncio.sleep(GRAIN)
            raise NoOffsetForPartitionError(repr(self._at))
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout_ms / 1000):
                await grown.wait()
        return self._fetched(partitions, max_records)

    def _fetched(self, only: Collection[TopicPartition], most: int) -> dict[TopicPartition, list[Message]]:
        left = min(most, self.dice.randint(1, 8))
        found: dict[TopicPartition, list[Message]] = {}
        for partition in sorted(self._at, key=lambda _: self.dice.random()):
            at = self._at[partition]
            if at is None or partition in self._paused or (only and partition not in only):
                continue
            some: list[Message] = [*self._broker.logs[partition][at : at + left]]
            if some:
                found[partition], left = some, left - len(some)
                self._at[partition] = at + len(some)
        return found

    async def beginning_offsets(self, partitions: Sequence[TopicPartition]) -> dict[TopicPartition, int]:
        return dict.fromkeys(partitions, 0)

    async def end_offsets(self, partitions: Sequence[TopicPartition]) -> dict[TopicPartition, int]:
        return {partition: len(self._broker.logs[partition]) for partition in partitions}

    async def position(self, partition: TopicPartition) -> int:
        at = self._at[partition]
        if at is None:
            raise IllegalStateError(f"{partition} has no position yet")
        return at

    async def commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        """For lag displays only (I1): nobody ever reads it."""


async def _turn(actor: Actor | None, what: str) -> None:
    if actor is not None:
        await actor.scheduler.turn(actor, what, AT_A_FETCH)
