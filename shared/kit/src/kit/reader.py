"""A reader of Kafka whose positions live in PostgreSQL (I1)."""

import asyncio
import hashlib
import time
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Final, Protocol

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.abc import ConsumerRebalanceListener
from aiokafka.errors import IllegalStateError, KafkaError, NoOffsetForPartitionError, OffsetOutOfRangeError

from kit.kafka import LARGEST_MESSAGE
from kit.logs import logger
from kit.unreadable import read_apart

PROBE_PATIENCE: Final = 10.0  # seconds to look at the log on assignment
POSITION_PATIENCE: Final = 1.0  # seconds: the client waits for a position that is not there yet
STALLED_AFTER: Final = 30.0  # seconds with a backlog and no progress before readiness turns red: a group can hang silently
RECHECK_FOREIGN_EVERY: Final = 3.0  # seconds between looks whether a command adopted a log that was not known


class Message(Protocol):
    """What a consumer gives (aiokafka's ConsumerRecord); `timestamp` in milliseconds."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]


@dataclass(frozen=True, slots=True)
class Position:
    """Where a consumer stands in a partition, and what it last took there (milliseconds and SHA-256 of the value)."""

    next_offset: int
    epoch: int = 0
    timestamp: int | None = None
    digest: bytes | None = None

    def after(self, message: Message) -> "Position":
        return Position(next_offset=message.offset + 1, epoch=self.epoch, timestamp=message.timestamp, digest=digest_of(message))


class Positions(Protocol):
    """The stored positions of one consumer group."""

    async def load(self, partitions: Collection[TopicPartition]) -> Mapping[TopicPartition, Position]:
        """Those that are stored; a partition that was never read is absent."""


def digest_of(message: Message) -> bytes:
    return hashlib.sha256(message.value or b"").digest()


class Client(Protocol):
    """What a reader asks of Kafka's client (aiokafka's consumer)."""

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    def subscribe(
        self, topics: Sequence[str] = (), pattern: str | None = None, listener: ConsumerRebalanceListener | None = None
    ) -> None: ...

    def assign(self, partitions: Sequence[TopicPartition]) -> None: ...

    def assignment(self) -> AbstractSet[TopicPartition]: ...

    def partitions_for_topic(self, topic: str) -> Collection[int] | None: ...

    def seek(self, partition: TopicPartition, offset: int) -> None: ...

    def pause(self, *partitions: TopicPartition) -> None: ...

    def resume(self, *partitions: TopicPartition) -> None: ...

    def paused(self) -> AbstractSet[TopicPartition]: ...

    async def getmany(self, *partitions: TopicPartition, timeout_ms: int, max_records: int) -> Mapping[TopicPartition, list[Message]]: ...

    async def beginning_offsets(self, partitions: Sequence[TopicPartition]) -> Mapping[TopicPartition, int]: ...

    async def end_offsets(self, partitions: Sequence[TopicPartition]) -> Mapping[TopicPartition, int]: ...

    async def position(self, partition: TopicPartition) -> int: ...

    async def commit(self, offsets: Mapping[TopicPartition, int]) -> None: ...


MakeClient = Callable[..., Client]  # takes the settings of aiokafka's consumer, by keyword


class Lost(Exception):
    """A stored position is not the one that was expected: another reader owns the partition now. Drop everything and read again."""


class PartitionReader(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka ships no types
    """A member of a consumer group that starts where PostgreSQL says and refuses a log that it does not know.

    Nothing is taken from a partition before its seek is done, offsets below the own position are dropped, and a batch that is
    being worked on ends before the partition is given away.
    """

    def __init__(
        self,
        *,
        bootstrap: str,
        group: str,
        positions: Positions,
        instance: str | None = None,
        adopting: str = "adopt",
        client: MakeClient = AIOKafkaConsumer,
    ) -> None:
        """`adopting` is the command that takes another log for the known one; it is told with the topic behind it."""
        self._bootstrap = bootstrap
        self._client = client
        self._group = group
        self._positions = positions
        self._own: dict[TopicPartition, Position] = {}
        self._shown: dict[TopicPartition, int] = {}
        self._joined = False
        self._busy = asyncio.Lock()
        self._advanced = time.monotonic()
        self._rechecked = time.monotonic()
        self._log = logger("kit.reader").bind(group=group)
        self.foreign: dict[TopicPartition, str] = {}
        self._instance = instance
        self._adopting = adopting
        self._consumer: Client | None = None

    @property
    def consumer(self) -> Client:
        """The client underneath; there is none before `start`."""
        if self._consumer is None:
            raise RuntimeError("the reader was not started")
        return self._consumer

    async def start(self, *, topics: Sequence[str] = (), pattern: str | None = None) -> None:
        self._consumer = self._client(
            bootstrap_servers=self._bootstrap,
            group_id=self._group,
            group_instance_id=self._instance,
            enable_auto_commit=False,
            auto_offset_reset="none",
            isolation_level="read_committed",
            metadata_max_age_ms=5_000,
            session_timeout_ms=10_000,
            heartbeat_interval_ms=2_000,
            max_poll_interval_ms=120_000,
            max_partition_fetch_bytes=LARGEST_MESSAGE,
        )
        if pattern:
            self.consumer.subscribe(pattern=pattern, listener=self)
        else:
            self.consumer.subscribe(topics=list(topics), listener=self)
        await self.consumer.start()

    async def stop(self) -> None:
        await self.consumer.stop()

    async def on_partitions_revoked(self, revoked: Collection[TopicPartition]) -> None:
        async with self._busy:
            for partition in revoked:
                self._own.pop(partition, None)
                self.foreign.pop(partition, None)

    async def on_partitions_assigned(self, assigned: Collection[TopicPartition]) -> None:
        self._joined = True
        self._advanced = self._rechecked = time.monotonic()
        await self._take(assigned)

    async def _take(self, partitions: Collection[TopicPartition]) -> None:
        """Look at the log of each partition, and seek where it is the known one."""
        if not partitions:
            return
        stored = await self._positions.load(partitions)
        for partition, found in (await examine(self._probe(), partitions, stored)).items():
            if partition not in self.consumer.assignment():
                continue  # given away while its log was looked at
            if isinstance(found, str):
                self.foreign[partition] = found
                where = {"topic": partition.topic, "partition": partition.partition}
                self._log.error("this is not the log I know", **where, reason=found, command=f"{self._adopting} {partition.topic}")
                continue
            self.consumer.seek(partition, found.next_offset)
            self.foreign.pop(partition, None)
            self._own[partition] = found

    def _probe(self) -> Client:
        """A client without a group, so that the group's own fetches are not disturbed."""
        return self._client(bootstrap_servers=self._bootstrap, group_id=None, enable_auto_commit=False, auto_offset_reset="earliest")

    @asynccontextmanager
    async def batch(self, *, most: int, wait_ms: int) -> AsyncIterator[dict[TopicPartition, list[Message]]]:
        """The next messages by partition, in order; partitions are not given away inside the block. May be empty."""
        await self._look_again()
        ready = set(self._own)
        try:
            fetched = await self.consumer.getmany(timeout_ms=wait_ms, max_records=most)
        except NoOffsetForPartitionError:
            fetched = {}  # a partition whose seek is not done yet
        except OffsetOutOfRangeError as error:
            fetched = {}
            await self._doubt(error)
        except UnicodeDecodeError:
            self._log.error("a message has a header whose name is no UTF-8")
            fetched = await read_apart(self.consumer, {one: position.next_offset for one, position in self._own.items()}, most=most)
        async with self._busy:
            kept = {partition: self._kept(partition, messages, ready) for partition, messages in fetched.items()}
            yield {partition: messages for partition, messages in kept.items() if messages}

    def _kept(self, partition: TopicPartition, messages: list[Message], ready: set[TopicPartition]) -> list[Message]:
        """The messages from the own position on; nothing of a partition that was taken while the fetch was under way."""
        if partition not in self._own:
            return []
        position = self._own[partition].next_offset
        if partition not in ready:
            self.consumer.seek(partition, position)  # the client has moved past what is dropped here
            return []
        return [message for message in messages if message.offset >= position]

    def position(self, partition: TopicPartition) -> Position:
        return self._own[partition]

    def advance(self, partition: TopicPartition, position: Position) -> None:
        """The work up to here is committed."""
        self._own[partition] = position
        self._advanced = time.monotonic()

    async def reset(self, partitions: Collection[TopicPartition]) -> None:
        """Forget what was taken and go back to the stored positions: after `Lost`, or to take a batch again."""
        async with self._busy:
            for partition in partitions:
                self._own.pop(partition, None)
            await self._take([partition for partition in partitions if partition in self.consumer.assignment()])

    async def heed_stored(self) -> None:
        """Go back where PostgreSQL says otherwise: a database was restored, or a log adopted, and no message told so yet."""
        own = dict(self._own)
        stored = await self._positions.load(list(own)) if own else {}
        moved = [one for one, position in own.items() if (one in stored or position.digest) and stored.get(one) != position]
        if moved:
            self._log.warning("stored positions were moved", partitions=len(moved))
            await self.reset(moved)

    async def show_progress(self) -> None:
        """Commit to Kafka what PostgreSQL already has: for lag displays only."""
        reached = {partition: position.next_offset for partition, position in self._own.items()}
        if reached and reached != self._shown:
            with suppress(KafkaError):
                await self.consumer.commit(reached)
                self._shown = reached

    async def _doubt(self, error: OffsetOutOfRangeError) -> None:
        """The broker no longer holds what a partition wants next: look at these logs anew."""
        self._log.warning("offset out of range", error=str(error))
        await self.reset(list(self._own))

    async def _look_again(self) -> None:
        """At foreign logs, which a command may have adopted, and at those that nobody looked at since the look failed."""
        doubtful = {*self.foreign, *self._unseen()}
        if doubtful and time.monotonic() - self._rechecked > RECHECK_FOREIGN_EVERY:
            self._rechecked = time.monotonic()
            await self._take(doubtful)

    def _unseen(self) -> set[TopicPartition]:
        return set(self.consumer.assignment()) - self._own.keys() - self.foreign.keys() if self._joined else set()

    async def lag(self) -> dict[TopicPartition, int]:
        """Messages between the own position and the end of the log; asks the broker."""
        if not self._own:
            return {}
        ends = await self.consumer.end_offsets(list(self._own))
        own = {partition: position.next_offset for partition, position in self._own.items() if partition in ends}
        return {partition: max(0, ends[partition] - await self._passed(partition, taken)) for partition, taken in own.items()}

    async def _passed(self, partition: TopicPartition, taken: int) -> int:
        """What needs no taking any more: between two batches also markers of transactions, which are in the log and no messages."""
        if self._busy.locked():
            return taken
        with suppress(IllegalStateError, TimeoutError):  # given away meanwhile, or not sought yet
            async with asyncio.timeout(POSITION_PATIENCE):
                return max(taken, await self.consumer.position(partition))
        return taken

    async def behind(self) -> int | None:
        """All messages of the partitions that this process reads; None until each of them was found at its place."""
        try:
            lags = await self.lag()
        except KafkaError:
            return None
        return sum(lags.values()) if lags and lags.keys() == self.consumer.assignment() else None

    def _foreign(self) -> list[str]:
        """A sentence for each topic whose log is not the known one, with the command to go on."""
        by_topic = {partition.topic: (partition.partition, reason) for partition, reason in sorted(self.foreign.items(), reverse=True)}
        return [
            f"{topic}[{partition}]: this is not the log I know: {reason}; if that is meant 如已核实请执行: {self._adopting} {topic}"
            for topic, (partition, reason) in sorted(by_topic.items())
        ]

    async def check(self) -> str | None:
        """For readiness: joined, no foreign log, and moving or done. An empty assignment is ready."""
        if self.foreign:
            return "; ".join(self._foreign())
        if not self._joined:
            return "not in the consumer group yet"
        if unseen := self._unseen():
            return f"{len(unseen)} partitions are assigned and their logs not looked at yet"
        held = self.consumer.paused()  # on purpose: whoever pauses says so
        behind = sum(lag for partition, lag in (await self.lag()).items() if partition not in held)
        if behind and time.monotonic() - self._advanced > STALLED_AFTER:
            return f"{behind} messages behind and no progress for {time.monotonic() - self._advanced:.0f} s"
        return None


async def examine(
    probe: Client, partitions: Collection[TopicPartition], stored: Mapping[TopicPartition, Position]
) -> dict[TopicPartition, Position | str]:
    """For each partition where to go on, or why its log is not the one that was read before; starts and stops the probe.

    A partition that was never read starts at its beginning; a trimmed, quiet one whose beginning is the stored position is fine.
    """
    async with asyncio.timeout(PROBE_PATIENCE + len(partitions)):
        await probe.start()
        try:
            probe.assign(list(partitions))
            probe.pause(*partitions)  # else the client begins to fetch every log from its beginning
            begins, ends = await probe.beginning_offsets(list(partitions)), await probe.end_offsets(list(partitions))
            found = {partition: _at_sight(stored.get(partition), begins[partition], ends[partition]) for partition in partitions}
            doubtful = {partition: stored[partition] for partition, verdict in found.items() if verdict is None}
            for partition, position in doubtful.items():
                probe.seek(partition, position.next_offset - 1)
            probe.resume(*doubtful)
            compared = {partition: await _compared(probe, partition, position) for partition, position in doubtful.items()}
            return {partition: verdict for partition, verdict in {**found, **compared}.items() if verdict is not None}
        finally:
            await probe.stop()


def _at_sight(stored: Position | None, begin: int, end: int) -> Position | str | None:
    """What the log's ends alone say; None where the message before the position has to be compared."""
    if stored is None:
        return Position(next_offset=begin)
    if not begin <= stored.next_offset <= end:
        return f"position {stored.next_offset} is outside {begin}..{end}"
    return stored if stored.next_offset == begin or stored.digest is None else None


async def _compared(probe: Client, partition: TopicPartition, stored: Position) -> Position | str:
    try:
        found = (await probe.getmany(partition, timeout_ms=2_000, max_records=1)).get(partition, [])
    except UnicodeDecodeError:
        return stored  # something else stood in for it
    before = [(one.timestamp, digest_of(one)) for one in found if one.offset == stored.next_offset - 1]
    is_another = before not in ([], [(stored.timestamp, stored.digest)])
    return f"the message at {stored.next_offset - 1} is another one than was taken" if is_another else stored
