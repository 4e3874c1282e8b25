import json

import pytest

from kit.errors import Refused
from kit.restoring import adopt, refill
from kit.testing import eventually
from tests.integration.kit.rooms import Room
from tests.integration.kit.test_inbox import heard_is, listening
from tests.integration.kit.test_outbox import nothing_unsent, relays

PARTITIONS = 4


async def refilled(room: Room) -> int:
    return await refill(room.database, room.tables.outbox, bootstrap=room.bootstrap, topics={room.topic: PARTITIONS})


async def numbers(room: Room, *, least: int) -> list[int]:
    return [json.loads(message.value or b"")["data"]["number"] for message in await room.log(least=least)]


async def test_a_refill_sends_everything_again_in_its_order_on_a_new_topic(room: Room) -> None:
    async with relays(room, 1):
        for number in range(5):
            await room.say("a", number)
        await eventually(lambda: nothing_unsent(room))
    for _ in range(2):  # done again after it broke off, it is whole
        assert await refilled(room) == 5
    assert await room.log(least=0) == []
    async with relays(room, 1):
        await room.say("a", 5)
        await eventually(lambda: nothing_unsent(room))
    assert await numbers(room, least=6) == list(range(6))


async def test_a_refill_beside_a_running_relay_is_refused_and_changes_nothing(room: Room) -> None:
    async with relays(room, 1):
        await room.say("a", 1)
        await eventually(lambda: nothing_unsent(room))
        with pytest.raises(Refused, match="stop it first"):
            await refilled(room)
    assert await nothing_unsent(room)
    assert await numbers(room, least=1) == [1]


async def test_whoever_adopts_a_refilled_topic_hears_only_what_it_had_not(room: Room) -> None:
    async with relays(room, 1):
        async with listening(room):
            await room.say("a", 1)
            await eventually(heard_is(room, 1))
        await room.say("a", 2)
        await eventually(lambda: nothing_unsent(room))
    await refilled(room)
    async with listening(room) as consumer, relays(room, 1):

        async def red() -> bool:
            return f"python -m room adopt {room.topic}" in str(await consumer.reader.check())

        await eventually(red)
        await adopt(room.database, room.tables.positions, bootstrap=room.bootstrap, topic=room.topic)
        await eventually(heard_is(room, 1, 2))
        assert await consumer.reader.check() is None


async def test_only_a_topic_that_is_there_and_was_read_is_adopted(room: Room) -> None:
    for topic in (room.topic, "nobody.events"):
        with pytest.raises(Refused):
            await adopt(room.database, room.tables.positions, bootstrap=room.bootstrap, topic=topic)
