"""One message in a hundred is unusable, in every way that we know: none of them stops, slows or changes anything else."""

import asyncio
import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from kit.testing import eventually
from tests.faults.budget import dice, either
from tests.faults.loads import load
from tests.faults.poison.kinds import Poison, poisons
from tests.faults.poison.ledgers import must_be_set_aside, must_hold_exactly
from tests.faults.poison.worker import a_worker
from tests.integration.scoring.ledger.edges import Callers
from tests.integration.scoring.ledger.rooms import SLUG, Room

ROUNDS = either(short=1, long=10)
GOOD_ONES = 99  # beside each unusable one
SHARE = 500  # messages sent at once
MEGABYTE = 1 << 20
MOST_MEMORY = 600 * MEGABYTE  # of the worker, with messages of 10 MB among the others


async def send(room: Room, events: Sequence[dict[str, Any]], bad: Sequence[Poison], drawn: random.Random) -> None:
    """The poison lies anywhere between the good ones, also before the first and after the last."""
    good = [Poison("", json.dumps(event).encode(), str(event["subject"]).encode()) for event in events]
    mixed: list[Poison] = [bad[0], *good, bad[-1]]
    for one in bad[1:-1]:
        mixed.insert(drawn.randrange(len(mixed)), one)
    for start in range(0, len(mixed), SHARE):
        share = mixed[start : start + SHARE]
        waiting = [await room.kafka.send(room.topic, one.value, key=one.key, headers=list(one.headers)) for one in share]
        await asyncio.gather(*waiting)


async def nothing_waits(callers: Callers, state: str) -> bool:
    """Whether all that was asked to be replayed has come to this state."""
    found = (await callers.office("GET", "/feed/quarantine", params={"limit": 500})).json()["messages"]
    return {message["state"] for message in found} <= {state}


@pytest.mark.timeout(either(short=600, long=1_200))
async def test_poison_of_every_kind_stops_nothing_and_can_be_replayed_after_a_fix(room: Room, callers: Callers, tmp_path: Path) -> None:
    drawn = dice("poison")
    await callers.office("PUT", "/kinds/permit", json={"name": "许可", "attributes": {"fee": "text"}})
    bad = [one for number in range(ROUNDS) for one in poisons(number, drawn)]
    events = load(len(bad) * GOOD_ONES, seed=drawn.randrange(10**9))
    async with a_worker(room, tmp_path) as worker:
        await send(room, events, bad, drawn)
        await room.until_taken(within=either(short=60, long=900))
        await worker.until_ready()
        await must_hold_exactly(room, events)
        await must_be_set_aside(room, bad)
        received, quarantined = await room.pool.fetchrow("select received, quarantined from ledger.counters") or (0, 0)
        assert (received, quarantined) == (len(events) + len(bad), len(bad))

        await replayed_before_the_fix(room, callers, len(bad))
        await replayed_after_the_fix(room, callers)
        assert worker.most_memory < MOST_MEMORY, f"{worker.most_memory / MEGABYTE:.0f} MB"


async def replayed_before_the_fix(room: Room, callers: Callers, number: int) -> None:
    """Everything comes again as it was, is set aside again, and says so."""
    before = await room.pool.fetch("select id, reason from ledger.quarantine order by id")
    facts = await room.count("facts")
    answer = (await callers.office("POST", "/feed/quarantine/replay", json={"source": SLUG})).json()
    assert answer == {"replayed": number}
    await room.until("quarantine", number, "times = 2", within=60)
    await eventually(lambda: nothing_waits(callers, "open"))
    assert await room.pool.fetch("select id, reason from ledger.quarantine order by id") == before
    assert await room.count("facts") == facts


async def replayed_after_the_fix(room: Room, callers: Callers) -> None:
    """What was mended is applied and closed; nothing else is."""
    facts = await room.count("facts")
    await callers.office("PUT", "/kinds/dossier", json={"name": "卷宗", "attributes": {"opened_on": "date"}})
    await callers.office("PUT", "/kinds/permit", json={"name": "许可", "attributes": {"fee": "number"}})
    for reason in ("unknown_kind", "wrong_type"):
        await callers.office("POST", "/feed/quarantine/replay", json={"source": SLUG, "reason": reason})
    mended = 2 * ROUNDS
    await room.until("quarantine", mended, "state = 'applied' and closed_at is not null", within=60)
    await eventually(lambda: nothing_waits(callers, "open"))
    assert await room.count("facts") == facts + mended
    assert await room.count("quarantine", "closed_at is not null") == mended
