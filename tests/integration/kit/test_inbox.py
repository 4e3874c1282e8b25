import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace

import pytest
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from sqlalchemy import Table, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from kit.ids import uuid7
from kit.inbox import Consumer, Invalid, SqlPositions
from kit.kafka import producer
from kit.reader import Lost, Position
from kit.restoring import adopt
from kit.testing import eventually
from tests.integration.kit.rooms import PARTITIONS, CountedV1, Room


@dataclass(frozen=True, slots=True)
class Work:
    session: AsyncSession
    heard: Table


FAILURES: dict[int, int] = {}


async def on_counted(event: CountedV1, work: Work) -> None:
    """Remember the number; some fail for a while, and negative ones are never taken."""
    await work.session.execute(insert(work.heard).values(room=event.room, number=event.number))
    if FAILURES.get(event.number, 0) > 0:
        FAILURES[event.number] -= 1
        raise TimeoutError
    if event.number < 0:
        raise Invalid("a number is never negative")


def consumer_of(room: Room) -> Consumer[Work]:
    return room.messaging.consumer({CountedV1: on_counted}, lambda session, _cause: Work(session, room.heard))


@asynccontextmanager
async def listening(room: Room) -> AsyncIterator[Consumer[Work]]:
    consumer = consumer_of(room)
    task = asyncio.create_task(consumer.run())
    try:
        yield consumer
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def envelope_of(number: int, ident: str | None = None) -> bytes:
    envelope: dict[str, object] = {
        "specversion": "1.0",
        "id": ident or str(uuid7()),
        "source": "room",
        "type": CountedV1.TYPE,
        "time": "2026-01-05T00:00:00Z",
    }
    envelope |= {"subject": "a", "correlationid": "c-1", "data": {"room": "a", "number": number}}
    return json.dumps(envelope).encode()


async def send(room: Room, number: int, *, ident: str | None = None, value: bytes | None = None) -> None:
    async with producer(room.bootstrap, client="test") as kafka:
        await kafka.send_and_wait(room.topic, key=b"a", value=value or envelope_of(number, ident))


async def send_in_a_transaction(room: Room, number: int) -> None:
    """As sources that write exactly once do: behind the message the log holds a marker."""
    kafka = AIOKafkaProducer(bootstrap_servers=room.bootstrap, transactional_id=f"{room.topic}-writer")
    await kafka.start()
    try:
        async with kafka.transaction():
            await kafka.send(room.topic, key=b"a", value=envelope_of(number))
    finally:
        await kafka.stop()


async def heard(room: Room) -> list[int]:
    async with room.database.transaction() as session:
        return sorted((await session.execute(select(room.heard.c.number))).scalars())


def heard_is(room: Room, *numbers: int) -> Callable[[], Awaitable[bool]]:
    async def check() -> bool:
        return await heard(room) == list(numbers)

    return check


async def test_the_same_event_twice_is_done_once(room: Room) -> None:
    ident = str(uuid7())
    async with listening(room):
        for number, same in ((1, ident), (1, ident), (2, None)):
            await send(room, number, ident=same)
        await eventually(heard_is(room, 1, 2))


async def test_what_failed_is_tried_again_until_it_is_done(room: Room) -> None:
    FAILURES[5] = 3
    async with listening(room):
        await send(room, 5)
        await send(room, 6)
        await eventually(heard_is(room, 5, 6))
    assert FAILURES[5] == 0


async def test_an_invalid_event_goes_to_the_dead_letters_and_stops_nobody(room: Room) -> None:
    async with listening(room):
        await send(room, -1)
        await send(room, 0, value=b"\xff not json")
        await send(room, 3)
        await eventually(heard_is(room, 3))
    async with room.database.transaction() as session:
        dead = (await session.execute(select(room.tables.outbox.c.value).order_by(room.tables.outbox.c.id))).scalars().all()
    assert len(dead) == 2
    assert dead[1] == b"\xff not json"


async def test_a_new_consumer_goes_on_where_the_last_one_committed(room: Room) -> None:
    async with listening(room):
        await send(room, 1)
        await eventually(heard_is(room, 1))
    await send(room, 2)
    async with listening(room):
        await eventually(heard_is(room, 1, 2))


async def test_who_starts_again_under_its_own_name_has_its_partitions_back_while_the_dead_one_is_still_a_member(room: Room) -> None:
    named = replace(room, messaging=replace(room.messaging, instance="room-1"))
    dead = consumer_of(named).reader
    await dead.start(topics=[room.topic])
    async with listening(named) as consumer:
        await eventually(lambda: _holds_all(consumer))
    await dead.stop()


async def _holds_all(consumer: Consumer[Work]) -> bool:
    return await consumer.behind() is not None and len(consumer.reader.consumer.assignment()) == PARTITIONS


async def test_markers_of_transactions_are_no_backlog(room: Room) -> None:
    async with listening(room) as consumer:
        await send_in_a_transaction(room, 1)
        await eventually(heard_is(room, 1))

        async def done() -> bool:
            return await consumer.behind() == 0

        await eventually(done)
        await send_in_a_transaction(room, 2)
        await eventually(heard_is(room, 1, 2))
        await eventually(done)


async def test_a_position_that_another_owner_moved_is_lost(room: Room) -> None:
    positions = SqlPositions(room.database, room.tables.positions)
    partition, first = TopicPartition(room.topic, 0), Position(next_offset=0)
    then = Position(next_offset=5, timestamp=1, digest=b"x")
    async with room.database.transaction() as session:
        await positions.move(session, partition, was=first, now=then)
    with pytest.raises(Lost):
        async with room.database.transaction() as session:
            await positions.move(session, partition, was=first, now=then)
    assert (await positions.load([partition]))[partition] == then


async def test_a_topic_that_was_made_anew_is_noticed_and_can_be_adopted(room: Room) -> None:
    async with listening(room):
        await send(room, 1)
        await eventually(heard_is(room, 1))
    await make_anew(room)
    await send(room, 2)
    await send(room, 3)
    async with listening(room) as consumer:

        async def red() -> bool:
            return "not the log I know" in str(await consumer.reader.check())

        await eventually(red)
        assert await heard(room) == [1]
        assert await adopt(room.database, room.tables.positions, bootstrap=room.bootstrap, topic=room.topic) == 1
        await eventually(heard_is(room, 1, 2, 3))
        assert await consumer.reader.check() is None


async def make_anew(room: Room) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=room.bootstrap)
    await admin.start()
    try:
        await admin.delete_topics([room.topic])

        async def gone() -> bool:
            return room.topic not in await admin.list_topics()

        await eventually(gone)
        await admin.create_topics([NewTopic(room.topic, 4, 1)])
    finally:
        await admin.close()
