import asyncio
import json
import random
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import timedelta

import pytest
from sqlalchemy import select

from kit import outbox
from kit.outbox import count_unsent, outbox_check
from kit.testing import eventually
from tests.integration.kit.rooms import CountedV1, Room

WRITERS = 12
EACH = 25


@asynccontextmanager
async def relays(room: Room, count: int) -> AsyncIterator[list[asyncio.Task[None]]]:
    tasks = [asyncio.create_task(room.messaging.relay().run()) for _ in range(count)]
    try:
        yield tasks
    finally:
        for task in tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


async def unsent(room: Room) -> int:
    async with room.database.transaction() as session:
        return await count_unsent(session, room.tables)


async def nothing_unsent(room: Room) -> bool:
    return await unsent(room) == 0


async def write_slowly(room: Room, writer: int, rng: random.Random) -> None:
    """Say numbers in transactions that commit late, each under the lock of its key."""
    for number in range(EACH):
        async with room.database.transaction() as session:
            await room.outbox(session).add(CountedV1(room=f"k-{number % 3}", number=writer * 1000 + number))
            await asyncio.sleep(rng.random() * 0.01)


async def committed_order(room: Room) -> dict[str, list[int]]:
    """The numbers of each key in the order of their ids, which is the order of commits under the key's lock."""
    outbox = room.tables.outbox
    async with room.database.transaction() as session:
        rows = await session.execute(select(outbox.c.key, outbox.c.value).order_by(outbox.c.id))
        found: dict[str, list[int]] = defaultdict(list)
        for key, value in rows:
            found[key].append(json.loads(value)["data"]["number"])
    return found


async def test_writers_that_commit_late_lose_nothing_and_keep_the_order_per_key(room: Room) -> None:
    rng = random.Random(7)
    async with relays(room, 2):
        await asyncio.gather(*(write_slowly(room, writer, rng) for writer in range(WRITERS)))
        await eventually(lambda: nothing_unsent(room))
    log: dict[str, list[int]] = defaultdict(list)
    for message in await room.log(least=WRITERS * EACH):
        log[(message.key or b"").decode()].append(json.loads(message.value or b"")["data"]["number"])
    assert log == await committed_order(room)


async def test_a_relay_that_dies_is_followed_by_another(room: Room) -> None:
    async with relays(room, 1):
        await room.say("a", 1)
        await eventually(lambda: nothing_unsent(room))
    await room.say("a", 2)
    assert await unsent(room) == 1
    async with relays(room, 1):
        await eventually(lambda: nothing_unsent(room))
    assert [json.loads(message.value or b"")["data"]["number"] for message in await room.log(least=2)] == [1, 2]


async def test_what_was_rolled_back_is_never_said(room: Room) -> None:
    with suppress(ZeroDivisionError):
        async with room.database.transaction() as session:
            await room.outbox(session).add(CountedV1(room="a", number=1))
            raise ZeroDivisionError
    await room.say("a", 2)
    async with relays(room, 1):
        await eventually(lambda: nothing_unsent(room))
    assert len(await room.log(least=1)) == 1


async def test_a_committed_row_leaves_at_once_however_seldom_the_relay_looks(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "POLL", 3600)
    async with relays(room, 1):
        for number in range(3):
            await room.say("a", number)
            await eventually(lambda: nothing_unsent(room), within=10)


async def test_a_relay_that_starts_again_finds_its_shares_free(room: Room) -> None:
    """Its locks end with it: left behind on a pooled connection they would keep every later relay from sending."""
    async with AsyncExitStack() as pooled:
        for _ in range(4):  # several connections, so that the next relay has another one
            session = await pooled.enter_async_context(room.database.transaction())
            await session.execute(select(1))
    for number in range(3):
        await room.say("a", number)
        async with relays(room, 1):
            await eventually(lambda: nothing_unsent(room), within=10)


async def test_readiness_turns_red_when_rows_wait_too_long(room: Room) -> None:
    assert await outbox_check(room.database, room.tables)() is None
    await room.say("a", 1)
    assert await outbox_check(room.database, room.tables)() is None
    assert "old" in str(await outbox_check(room.database, room.tables, oldest=timedelta(0))())
