import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest

from kit.testing import eventually
from kit.workdays import shipped
from scoring.ledger.domain.facts import Message
from scoring.ledger.domain.progress import Progress
from scoring.ledger.handlers.taking import take as taken
from scoring.ledger.store.backfilling import Backfiller, Stride
from scoring.ledger.store.catalogue import SqlCatalogue
from scoring.ledger.store.counting import count_some
from scoring.ledger.store.frontiers import hold_frontiers
from scoring.ledger.store.knowledge import Outdated, Paused, load, verify
from scoring.ledger.store.proof import PgRecounts
from scoring.ledger.store.taking import PgFacts
from tests.integration.scoring.ledger.rooms import NOW, SLUG, Room
from tests.unit.scoring.ledger.events import observed

FIRST, SECOND, THIRD = "2026/1", "2026/2", "2026/3"


def closed(id_: str, number: int, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - attributes
    attributes = {"status": "closed", "amount": str(number), "filed_on": "2026-03-02", "closed_on": "2026-03-09"} | more
    return observed(id_, subject=f"case-{number:02}", minute=int(id_.split("-")[1]), unit="east", set=attributes)


async def step(room: Room, backfiller: Backfiller) -> int | None:
    async with room.pool.acquire() as connection:
        return await backfiller.step(connection)


async def take(room: Room, *events: dict[str, Any]) -> None:
    """By a worker that leaves backfills alone."""
    await room.send(events)
    async with room.worker(without=("backfilling",)):
        await room.until_taken()


async def finish(room: Room, backfiller: Backfiller) -> None:
    while await step(room, backfiller) is not None:
        pass


async def must_agree(room: Room, *schemes: str) -> None:
    """All of the same measures, and all what a recount gives."""
    proof = await PgRecounts(room.url, shipped()).prove()
    assert (proof.wrong_records, proof.wrong_totals) == ([], [])
    first, *others = [await room.totals_of(scheme) for scheme in schemes]
    assert first
    assert all(other == first for other in others)


async def test_facts_on_both_sides_of_a_frontier_count_once(room: Room) -> None:
    await take(room, *(closed(f"e-{n}", n) for n in range(0, 20, 2)))
    await room.ask_count(SECOND)
    backfiller = Backfiller(shipped(), Stride(records=4, most=4))
    assert await step(room, backfiller) == 4
    await take(
        room,
        closed("f-100", 2, closed_on="2026-04-01", amount="7"),  # behind it, and moved to another month
        closed("f-101", 3),  # behind it, and new
        closed("f-102", 16, amount="8"),  # ahead of it
        closed("f-103", 17),
    )
    behind = await room.totals_of(SECOND)
    assert behind["closed", "u-east", "2026-03"][0] + behind["closed", "u-east", "2026-04"][0] == 5
    await finish(room, backfiller)
    await must_agree(room, FIRST, SECOND)


async def test_a_record_that_is_written_after_the_backfill_read_it_counts_as_it_is_now(room: Room) -> None:
    await take(room, *(closed(f"e-{n}", n) for n in range(0, 12, 2)))
    await room.ask_count(SECOND)
    backfiller = Backfiller(shipped(), Stride(records=3, most=3))
    async with an_open_batch(room) as batch:
        stepping = asyncio.create_task(step(room, backfiller))
        await eventually(lambda: waits_for_batches(room))
        await batch(closed("f-100", 2, amount="70"), closed("f-101", 2, amount="80"), closed("f-102", 0, status="open"), closed("f-103", 1))
    assert await stepping == 3
    await finish(room, backfiller)
    await must_agree(room, FIRST, SECOND)


async def test_a_backfill_that_was_broken_off_goes_on_where_it_stood_in_other_hands(room: Room) -> None:
    await take(room, *(closed(f"e-{n}", n) for n in range(9)))
    await room.ask_count(SECOND)
    assert await step(room, Backfiller(shipped(), Stride(records=4, most=4))) == 4
    async with an_open_batch(room):  # nobody commits a step while it is open, so this one dies in the middle
        dying = asyncio.create_task(step(room, Backfiller(shipped(), Stride(records=4, most=4))))
        await eventually(lambda: waits_for_batches(room))
        dying.cancel()
        with pytest.raises(asyncio.CancelledError):
            await dying
    await finish(room, Backfiller(shipped()))
    assert await room.pool.fetchval("select records from ledger.backfills where scheme = $1", SECOND) == 9
    await must_agree(room, FIRST, SECOND)


async def test_aliases_that_change_in_the_middle_of_two_backfills_hold_for_both_sides_of_their_frontiers(room: Room) -> None:
    await take(room, *(closed(f"e-{n}", n) for n in range(12)))
    await room.ask_count(SECOND)
    await room.ask_count(THIRD)
    backfiller = Backfiller(shipped(), Stride(records=5, most=5))
    assert await step(room, backfiller) == 5
    async with room.database.transaction() as session:
        assert await SqlCatalogue(session).put_aliases(SLUG, {"east": "u-north"})
    with pytest.raises(Paused, match="aliases of case-system"):
        await step(room, backfiller)
    async with room.pool.acquire() as connection:
        while await count_some(connection, shipped()):
            pass
    assert {unit for _, unit, _ in await room.totals_of(SECOND)} == {"u-north"}
    await finish(room, backfiller)
    await must_agree(room, FIRST, SECOND, THIRD)


async def test_what_is_registered_in_the_middle_of_a_step_makes_it_begin_anew(room: Room) -> None:
    await take(room, *(closed(f"e-{n}", n) for n in range(4)))
    await room.ask_count(SECOND)
    backfiller = Backfiller(shipped())
    async with room.pool.acquire() as connection, connection.transaction():
        await connection.execute("update ledger.control set version = version + 1")
        stepping = asyncio.create_task(step(room, backfiller))
        await eventually(lambda: waits_for(room, "transactionid"))
    with pytest.raises(Outdated):
        await stepping
    await finish(room, backfiller)
    await must_agree(room, FIRST, SECOND)


async def test_a_scheme_asked_for_twice_is_counted_once_and_one_without_measures_not_at_all(room: Room) -> None:
    await take(room, *(closed(f"e-{n}", n) for n in range(4)))
    for _ in range(2):
        await room.ask_count(SECOND)
    await room.ask_count(THIRD, {})
    async with room.database.transaction() as session:
        catalogue = SqlCatalogue(session)
        assert [one.count for one in await catalogue.under_way()] == [SECOND]
        assert not await catalogue.is_counted(SECOND)
        assert await catalogue.is_counted(THIRD)
    await finish(room, Backfiller(shipped()))
    await must_agree(room, FIRST, SECOND)


async def test_progress_is_told_while_it_lasts(room: Room) -> None:
    await take(room, *(closed(f"e-{n}", n) for n in range(7)))
    await room.pool.execute("analyze ledger.records")
    await room.ask_count(SECOND)
    backfiller = Backfiller(shipped(), Stride(records=5, most=5))
    assert [(one.records, one.expected) for one in await under_way(room)] == [(0, 7)]
    await step(room, backfiller)
    (now,) = await under_way(room)
    assert (now.records, now.expected) == (5, 7)
    assert now.per_second > 0
    await finish(room, backfiller)
    assert await under_way(room) == []
    assert await room.pool.fetchval("select paused from ledger.control") is None


async def test_two_workers_and_a_running_feed_finish_what_was_asked_for(room: Room) -> None:
    await room.send(closed(f"e-{n}", n) for n in range(60))
    async with room.worker(), room.worker():
        await room.until("facts", 30)
        await room.ask_count(SECOND)
        await room.send(closed(f"f-{n + 100}", n % 80, amount=str(n + 1)) for n in range(200))
        await room.ask_count(THIRD)
        await room.until("backfills", 3, "finished_at is not null")
        await room.until_taken()
    await must_agree(room, FIRST, SECOND, THIRD)


async def under_way(room: Room) -> Sequence[Progress]:
    async with room.database.transaction() as session:
        return await SqlCatalogue(session).under_way()


@asynccontextmanager
async def an_open_batch(room: Room) -> AsyncIterator[Callable[..., Awaitable[None]]]:
    """A worker's transaction that has begun and ends with the block; what it is called with is taken in it."""
    async with room.pool.acquire() as connection:
        knowledge = await load(connection, shipped())
        source = knowledge.sources[SLUG]
        async with connection.transaction():
            await verify(connection, knowledge.version)
            await hold_frontiers(connection)
            facts = PgFacts(connection)

            async def batch(*events: dict[str, Any]) -> None:
                messages = [
                    Message(room.topic, 0, offset, 0, event["subject"].encode(), json.dumps(event).encode())
                    for offset, event in enumerate(events)
                ]
                outcome = await taken(messages, facts=facts, knowledge=knowledge, sources={room.topic: source}, now=NOW)
                await facts.write(outcome, epochs={(room.topic, 0): 0}, zones={room.topic: source.zone}, now=NOW)

            yield batch


async def waits_for_batches(room: Room) -> bool:
    return await waits_for(room, "advisory")


async def waits_for(room: Room, lock: str) -> bool:
    found: bool = await room.pool.fetchval(
        "select exists (select from pg_locks where not granted and locktype = $1 and pid in"
        " (select pid from pg_stat_activity where datname = current_database()))",
        lock,
    )
    return found
