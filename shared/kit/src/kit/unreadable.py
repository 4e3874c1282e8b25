"""Messages that Kafka's client can't decode, since the name of a header is no UTF-8.

Its error names neither partition nor offset and throws away what was fetched with it, of all partitions: one such message would
stop everything that its reader reads. So it is looked for, message by message, and something else stands in its place.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from aiokafka import TopicPartition

if TYPE_CHECKING:
    from kit.reader import Client, Message

PATIENCE_MS: Final = 2_000  # for a message that the log holds
STAND_IN: Final = "kaohe-unreadable"  # the only header of what stands in


@dataclass(slots=True)
class Unreadable:
    """Stands in for a message whose key, value and headers nobody could read; they stay on the log."""

    topic: str
    partition: int
    offset: int
    headers: Sequence[tuple[str, bytes]]
    timestamp: int = 0
    key: bytes | None = None
    value: bytes | None = None

    @classmethod
    def at(cls, partition: TopicPartition, offset: int) -> "Unreadable":
        """Its header says where the message lies: no two of them are the same."""
        place = f"{partition.topic}/{partition.partition}/{offset}".encode()
        return cls(partition.topic, partition.partition, offset, ((STAND_IN, place),))


async def read_apart(client: "Client", positions: Mapping[TopicPartition, int], *, most: int) -> dict[TopicPartition, list["Message"]]:
    """The messages of each partition from its position on, up to and with the first that can't be decoded."""
    for partition, position in positions.items():
        client.seek(partition, position)
    ends, held = await client.end_offsets(list(positions)), client.paused()
    wanted = [one for one in sorted(positions) if ends[one] > positions[one] and one not in held]
    return {one: await _readable(client, one, positions[one], most=most) for one in wanted}


async def _readable(client: "Client", partition: TopicPartition, offset: int, *, most: int) -> list["Message"]:
    messages: list[Message] = []
    while len(messages) < most:
        try:
            fetched = (await client.getmany(partition, timeout_ms=PATIENCE_MS, max_records=1)).get(partition)
        except UnicodeDecodeError:
            client.seek(partition, offset + 1)
            return [*messages, Unreadable.at(partition, offset)]
        if not fetched:
            break
        messages += fetched
        offset = fetched[-1].offset + 1
    return messages
