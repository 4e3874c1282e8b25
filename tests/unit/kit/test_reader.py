from collections.abc import Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from aiokafka import ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import IllegalStateError

from kit.reader import Message, PartitionReader, Position

FIRST, SECOND = TopicPartition("topic", 0), TopicPartition("topic", 1)


@dataclass(slots=True)
class FakeClient:
    """A member of a group on an empty log; it refuses a seek of what is not its own, as aiokafka does."""

    own: set[TopicPartition] = field(default_factory=lambda: {FIRST, SECOND})
    sought: dict[TopicPartition, int] = field(default_factory=dict)

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    def subscribe(
        self, topics: Sequence[str] = (), pattern: str | None = None, listener: ConsumerRebalanceListener | None = None
    ) -> None: ...

    def assign(self, partitions: Sequence[TopicPartition]) -> None: ...

    def assignment(self) -> AbstractSet[TopicPartition]:
        return self.own

    def partitions_for_topic(self, topic: str) -> Collection[int] | None:
        return [partition.partition for partition in self.own if partition.topic == topic]

    def seek(self, partition: TopicPartition, offset: int) -> None:
        if partition not in self.own:
            raise IllegalStateError(partition)
        self.sought[partition] = offset

    def pause(self, *partitions: TopicPartition) -> None: ...

    def resume(self, *partitions: TopicPartition) -> None: ...

    def paused(self) -> AbstractSet[TopicPartition]:
        return set()

    async def getmany(self, *partitions: TopicPartition, timeout_ms: int, max_records: int) -> Mapping[TopicPartition, list[Message]]:
        assert timeout_ms + max_records > len(partitions)
        return {}

    async def beginning_offsets(self, partitions: Sequence[TopicPartition]) -> Mapping[TopicPartition, int]:
        return dict.fromkeys(partitions, 3)

    async def end_offsets(self, partitions: Sequence[TopicPartition]) -> Mapping[TopicPartition, int]:
        return dict.fromkeys(partitions, 3)

    async def position(self, partition: TopicPartition) -> int:
        return self.sought[partition]

    async def commit(self, offsets: Mapping[TopicPartition, int]) -> None: ...


@dataclass(slots=True)
class TakenAwayMeanwhile:
    """Positions whose loading lasts until the group has given a partition to another member."""

    client: FakeClient
    lost: TopicPartition
    stored: Mapping[TopicPartition, Position] = field(default_factory=dict)

    async def load(self, partitions: Collection[TopicPartition]) -> Mapping[TopicPartition, Position]:
        assert self.lost in partitions
        self.client.own.discard(self.lost)
        return self.stored


async def a_reader(positions: TakenAwayMeanwhile) -> PartitionReader:
    reader = PartitionReader(bootstrap="", group="g", positions=positions, client=lambda **_: positions.client)
    await reader.start(topics=["topic"])
    return reader


async def test_a_partition_that_was_given_away_while_its_log_was_looked_at_is_let_go() -> None:
    client = FakeClient()
    reader = await a_reader(TakenAwayMeanwhile(client, lost=SECOND))
    await reader.on_partitions_assigned([FIRST, SECOND])
    assert client.sought == {FIRST: 3}
    assert await reader.check() is None


async def test_a_foreign_log_that_was_given_away_meanwhile_is_anothers_alarm() -> None:
    client = FakeClient()
    reader = await a_reader(TakenAwayMeanwhile(client, lost=SECOND, stored={SECOND: Position(next_offset=9)}))
    await reader.on_partitions_assigned([FIRST, SECOND])
    assert reader.foreign == {}
