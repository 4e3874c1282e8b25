"""What a service has said: every row of its outbox lies in Kafka's log, per key in the order of its ids."""

from collections import defaultdict

import asyncpg
from aiokafka import AIOKafkaConsumer, TopicPartition

from contracts.topics import INTERNAL_PARTITIONS
from kit.testing import eventually
from tests.faults.upgrade.sides import Ground

Keyed = dict[str, list[bytes]]


async def must_be_said(ground: Ground, *, outbox: str = "outbox") -> None:
    """Once nothing is unsent; a row that was sent twice lies there twice in a row and counts once."""
    connection = await asyncpg.connect(ground.database_url)
    try:

        async def all_sent() -> bool:
            unsent: int = await connection.fetchval(f"select count(*) from {outbox} where sent_at is null")  # noqa: S608 - a flow's own table
            return unsent == 0

        await eventually(all_sent, within=30)
        rows = await connection.fetch(f"select topic, key, value from {outbox} order by id")  # noqa: S608 - likewise
    finally:
        await connection.close()
    wanted: dict[str, Keyed] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        wanted[row["topic"]][row["key"]].append(row["value"])
    for topic, keyed in wanted.items():
        assert await lying_in(ground.servers.kafka_bootstrap, topic) == keyed


async def lying_in(bootstrap: str, topic: str, *, partitions: int = INTERNAL_PARTITIONS) -> Keyed:
    """Every distinct message of a topic by its key, in the order of the log."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, auto_offset_reset="earliest", enable_auto_commit=False)
    await consumer.start()
    try:
        assigned = [TopicPartition(topic, number) for number in range(partitions)]
        consumer.assign(assigned)
        ends = await consumer.end_offsets(assigned)
        found: Keyed = defaultdict(list)
        while any([await consumer.position(one) < ends[one] for one in assigned]):
            for messages in (await consumer.getmany(timeout_ms=200)).values():
                for message in messages:
                    values = found[message.key.decode()]
                    values += [] if message.value in values else [message.value]
        return found
    finally:
        await consumer.stop()
