"""A header whose name is no UTF-8: Kafka's client can't decode the message, nor tell which one it is."""

import json

from aiokafka import AIOKafkaProducer
from aiokafka.record.default_records import _DefaultRecordBatchBuilderPy

from tests.faults.loads import load
from tests.faults.poison.ledgers import must_hold_exactly
from tests.integration.scoring.ledger.rooms import Room

NAME = "编号".encode("gbk")


class Name(str):
    """Written as a client in C would, whose header names are bytes."""

    __slots__ = ()

    def encode(self, *_: object) -> bytes:
        return NAME


async def send_unreadable(room: Room, partition: int) -> int:
    """Where it lies."""
    kafka = AIOKafkaProducer(bootstrap_servers=room.servers.kafka_bootstrap)
    await kafka.start()
    try:
        batch = kafka.create_batch()
        batch._builder = _DefaultRecordBatchBuilderPy(
            magic=2, compression_type=0, is_transactional=0, producer_id=-1, producer_epoch=-1, base_sequence=-1, batch_size=1_000_000
        )
        batch.append(key=b"case-1", value=b"{}", timestamp=None, headers=[(Name("id"), b"7")])
        sent = await kafka.send_batch(batch, room.topic, partition=partition)
        return int((await sent).offset)
    finally:
        await kafka.stop()


async def test_a_header_with_an_unreadable_name_stops_neither_its_partition_nor_the_others(room: Room) -> None:
    events = load(300, seed=7)
    await room.send(events[:100])
    places = {(0, await send_unreadable(room, 0)), (0, await send_unreadable(room, 0)), (5, await send_unreadable(room, 5))}
    await room.send(events[100:200])
    async with room.worker():
        await room.until_taken()
        places |= {(5, await send_unreadable(room, 5))}
        await room.send(events[200:])
        await room.until_taken()
    async with room.worker():
        await must_hold_exactly(room, events)
        rows = await room.pool.fetch('select reason, partition, "offset", headers::text from ledger.quarantine')
        assert {(row["partition"], row["offset"]) for row in rows} == places
        assert {row["reason"] for row in rows} == {"not_utf8"}
        told = {bytes.fromhex(json.loads(row["headers"])[0][1]).decode() for row in rows}
        assert told == {f"{room.topic}/{partition}/{offset}" for partition, offset in places}
        more = load(20, seed=8)
        fresh = [event | {"id": f"more-{event['id']}"} for event in more]
        await room.send(fresh)
        await room.until_taken()
        await must_hold_exactly(room, [*events, *fresh])
