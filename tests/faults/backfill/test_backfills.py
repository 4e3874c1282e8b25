"""Versions are activated under load, and whoever counts them is killed in the middle: at the end each record has counted once for each."""

import asyncio
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from kit.testing import eventually
from kit.workdays import shipped
from scoring.ledger.store.catalogue import SqlCatalogue
from scoring.ledger.store.proof import PgRecounts
from tests.faults import budget
from tests.faults.loads import one_event
from tests.faults.poison.worker import Process, a_worker
from tests.integration.scoring.ledger.rooms import SLUG, Room
from tests.unit.scoring.ledger.events import observed

RECORDS = 6_000  # several strides
AT_ONCE = 300
SCHEMES = ("2026/2", "2026/3", "2026/4")


def first_events() -> list[dict[str, Any]]:
    closed = {"status": "closed", "filed_on": "2026-03-02", "closed_on": "2026-03-09"}
    return [observed(f"r-{n}", subject=f"case-{n}", unit="east", set=closed | {"amount": str(n)}) for n in range(RECORDS)]


async def feed_for_ever(room: Room) -> None:
    """Changes of the same records and of new ones, on both sides of every frontier."""
    dice, sent = budget.dice("backfill"), 0
    while True:
        await room.send(one_event(f"e-{sent + index}", dice, subjects=RECORDS * 2) for index in range(AT_ONCE))
        sent += AT_ONCE
        await asyncio.sleep(0.05)


async def kill(process: Process) -> None:
    process.running.kill()
    await process.running.wait()


async def has_begun(room: Room, scheme: str) -> bool:
    return await room.count("backfills", f"scheme = '{scheme}' and (records > 0 or finished_at is not null)") > 0


@pytest.mark.timeout(300)
async def test_versions_that_are_activated_under_load_while_workers_die_count_each_record_once(room: Room, tmp_path: Path) -> None:
    await room.send(first_events())
    async with AsyncExitStack() as stack:
        workers = [await stack.enter_async_context(a_worker(room, tmp_path)) for _ in range(2)]
        await room.until("records", RECORDS, within=120)
        feeding = asyncio.create_task(feed_for_ever(room))
        for scheme in SCHEMES:
            await room.ask_count(scheme)
            await eventually(partial(has_begun, room, scheme), within=60, every=0.01)
            await kill(workers.pop(0))
            workers.append(await stack.enter_async_context(a_worker(room, tmp_path)))
        async with room.database.transaction() as session:
            assert await SqlCatalogue(session).put_aliases(SLUG, {"east": "u-west", "west": "u-north"})
        await room.until("backfills", 1 + len(SCHEMES), "finished_at is not null", within=120)
        await room.until("countings", 1, "finished_at is not null", within=120)
        feeding.cancel()
        await room.until_taken(within=120)
    await must_agree(room)


async def must_agree(room: Room) -> None:
    proof = await PgRecounts(room.url, shipped()).prove()
    assert (proof.wrong_records, proof.wrong_totals) == ([], [])
    first = await room.totals_of("2026/1")
    assert first
    assert [scheme for scheme in SCHEMES if await room.totals_of(scheme) != first] == []
