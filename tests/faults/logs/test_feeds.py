"""Logs of the feed that are not the log: each is noticed, or changes nothing."""

import asyncio
import json
from collections.abc import Sequence
from typing import Any

import httpx
import pytest

from contracts.topics import FEED_PARTITIONS
from kit.testing import eventually
from kit.workdays import shipped
from scoring.ledger.store.proof import PgRecounts
from scoring.ledger.worker import Worker
from tests.faults.budget import dice
from tests.faults.loads import load
from tests.faults.logs.breaking import a_backup, command, make_anew, reset_group, restore, trim
from tests.faults.poison.ledgers import must_hold_exactly
from tests.faults.poison.worker import settings_of
from tests.integration.scoring.ledger.rooms import SLUG, Room

EVENTS = 400

Events = Sequence[dict[str, Any]]


def events_of(name: str, number: int = EVENTS) -> Events:
    """Each once, so that what was sent again can be told from it; ids begin with the name."""
    found = {event["id"]: event for event in load(number, seed=dice(name).randrange(10**9))}
    return [event | {"id": f"{name}-{id_}"} for id_, event in found.items()]


async def checks(worker: Worker) -> dict[str, str]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(worker.watch), base_url="http://worker") as client:
        found: dict[str, str] = (await client.get("/readyz")).json()["checks"]
        return found


async def taken(room: Room, events: Events) -> None:
    await room.send(events)
    async with room.worker():
        await room.until_taken()


async def positions(room: Room) -> dict[int, int]:
    rows = await room.pool.fetch("select partition, next_offset from ledger.positions where topic = $1", room.topic)
    return {row["partition"]: row["next_offset"] for row in rows}


async def received(room: Room) -> int:
    found: int = await room.pool.fetchval("select received from ledger.counters where source = $1", SLUG)
    return found


async def is_noticed(worker: Worker, room: Room) -> None:
    async def red() -> bool:
        return f"python -m scoring adopt {room.topic}" in (await checks(worker))["log"]

    await eventually(red)
    assert "not the log I know" in (await checks(worker))["log"]


async def adopted(worker: Worker, room: Room) -> None:
    """By the command as readiness tells it."""
    status, said = await command("scoring", "adopt", room.topic, told=settings_of(room, port=1))
    assert (status, "已认可新日志" in said) == (0, True), said

    async def well() -> bool:
        return set((await checks(worker)).values()) == {"ok"}

    await room.until_taken()
    await eventually(well)


async def goes_on(room: Room, so_far: Events) -> None:
    """A new event is taken, and everything is exact."""
    more = events_of("more", 50)
    await room.send(more)
    await room.until_taken()
    await must_hold_exactly(room, [*so_far, *more])


async def test_records_that_were_deleted_before_they_were_read_are_noticed(room: Room) -> None:
    before, lost, kept = events_of("before"), events_of("lost"), events_of("kept")
    await taken(room, before)
    await room.send(lost)
    begins = await room.ends()
    await room.send(kept)
    await trim(room.servers.kafka_bootstrap, room.topic, begins)
    async with room.worker() as worker:
        await is_noticed(worker, room)
        assert await room.count("facts") == len(before)
        await adopted(worker, room)
        await must_hold_exactly(room, [*before, *kept])
        await room.send(lost)  # the source sends them again
        await room.until_taken()
        await goes_on(room, [*before, *kept, *lost])


async def test_a_log_that_was_trimmed_up_to_where_it_was_read_is_the_log(room: Room) -> None:
    before = events_of("before")
    await taken(room, before)
    await trim(room.servers.kafka_bootstrap, room.topic, await room.ends())
    async with room.worker():
        await goes_on(room, before)


@pytest.mark.parametrize("longer", [False, True], ids=["shorter", "longer"])
async def test_a_topic_that_was_made_anew_is_noticed_and_read_only_after_the_command(room: Room, longer: bool) -> None:
    before, other = events_of("before"), events_of("other", 2 * EVENTS if longer else EVENTS // 4)
    await taken(room, before)
    stood = await positions(room)
    await make_anew(room.servers.kafka_bootstrap, room.topic, partitions=FEED_PARTITIONS)
    await room.send([*other, *(before if longer else [])])
    assert all(await reaches(room, stood)) is longer
    async with room.worker() as worker:
        await is_noticed(worker, room)
        assert await room.count("facts") == len(before)
        await adopted(worker, room)
        await goes_on(room, [*before, *other])
    assert await room.count("facts", "epoch = 1") == len(other) + 50


async def reaches(room: Room, stood: dict[int, int]) -> list[bool]:
    """Whether each partition holds a message at the offset that was read last."""
    ends = await room.ends()
    return [ends[partition] >= offset for partition, offset in stood.items()]


async def test_a_topic_that_is_made_anew_under_a_running_worker_is_noticed(room: Room) -> None:
    before, other = events_of("before"), events_of("other", EVENTS // 4)
    await room.send(before)
    async with room.worker() as worker:
        await room.until_taken()
        await make_anew(room.servers.kafka_bootstrap, room.topic, partitions=FEED_PARTITIONS)
        await room.send(other)
        await is_noticed(worker, room)
        assert await room.count("facts") == len(before)
        await adopted(worker, room)
        await goes_on(room, [*before, *other])


async def test_a_ledger_that_was_restored_reads_again_what_came_since(room: Room) -> None:
    before, since = events_of("before"), events_of("since")
    await taken(room, before)
    async with a_backup(room.url) as backup:
        await taken(room, since)
        await restore(room.url, backup)
        assert await room.count("facts") == len(before)
        async with room.worker():
            await room.until_taken()
            await goes_on(room, [*before, *since])


async def test_a_ledger_that_is_restored_under_a_running_worker_reads_again_what_came_since(room: Room) -> None:
    before, since = events_of("before"), events_of("since")
    await taken(room, before)
    async with a_backup(room.url) as backup, room.worker():
        await room.send(since)
        await room.until_taken()
        await restore(room.url, backup)
        await room.until_taken()
        await goes_on(room, [*before, *since])


@pytest.mark.parametrize("to", [0, 1_000_000], ids=["to the beginning", "beyond the end"])
async def test_a_group_whose_offsets_were_reset_by_hand_goes_on_where_it_was(room: Room, to: int) -> None:
    before = events_of("before")
    await taken(room, before)
    await reset_group(room.servers.kafka_bootstrap, f"{room.prefix}scoring-worker", room.topic, partitions=FEED_PARTITIONS, to=to)
    async with room.worker():
        await goes_on(room, before)
    assert await received(room) == len(before) + 50


async def test_keys_that_lie_in_any_partition_change_nothing(room: Room) -> None:
    events, drawn = events_of("anywhere", 2 * EVENTS), dice("partitions")
    async with room.worker(), room.worker():
        sending = [
            await room.kafka.send(
                room.topic, json.dumps(event).encode(), key=event["subject"].encode(), partition=drawn.randrange(FEED_PARTITIONS)
            )
            for event in events
        ]
        await asyncio.gather(*sending)
        await room.until_taken()
        await must_hold_exactly(room, events)
        assert (await PgRecounts(room.url, shipped()).prove()).facts == len(events)
