import asyncio
import random
import signal

import pytest

from kit.testing import eventually
from tests.faults.scoring.loads import flowing, load, must_be_exact, taken_so_far
from tests.faults.scoring.processes import a_worker
from tests.integration.scoring.ledger.rooms import Room

KILLS = 4
EVENTS = 4_000


async def until_beyond(room: Room, offset: int) -> None:
    async def beyond() -> bool:
        return await taken_so_far(room) > offset

    await eventually(beyond, within=90)


@pytest.mark.timeout(400)
async def test_a_worker_killed_at_random_moments_loses_nothing_and_counts_nothing_twice(room: Room) -> None:
    dice = random.Random()
    events = load(EVENTS, seed=dice.randrange(1_000_000))
    share = len(events) // KILLS + 1
    for start in range(0, len(events), share):
        before = await taken_so_far(room)
        async with a_worker(room, instance="only") as worker, flowing(room, events[start : start + share]):
            await until_beyond(room, before)
            await asyncio.sleep(dice.random())
            await worker.kill()
    async with a_worker(room, instance="only"):
        await must_be_exact(room, events)


@pytest.mark.timeout(400)
async def test_a_worker_that_wakes_after_its_partitions_moved_overwrites_nothing(room: Room) -> None:
    events = load(EVENTS, seed=7)
    half = len(events) // 2
    async with a_worker(room, instance="sleeper") as sleeper:
        async with flowing(room, events[:half]):
            await until_beyond(room, 0)
            sleeper.send(signal.SIGSTOP)
        at = await taken_so_far(room)
        await room.send(events[half:])
        async with a_worker(room, instance="heir"):
            await until_beyond(room, at)
            sleeper.send(signal.SIGCONT)
            await must_be_exact(room, events)
            await sleeper.until_ready()
            assert sleeper.running.returncode is None
            late = load(EVENTS + 200, seed=7)[-100:]
            await room.send(late)
            await must_be_exact(room, [*events, *late])
