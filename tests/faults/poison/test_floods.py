"""A source that sends mostly rubbish is stopped alone, said loudly, and goes on by command with nothing lost or doubled."""

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from contracts.topics import feed_topic
from kit.testing import eventually
from kit.workdays import shipped
from scoring.ledger.store.proof import PgRecounts
from tests.faults.budget import dice
from tests.faults.poison.worker import Process, a_worker
from tests.integration.scoring.ledger.edges import Callers
from tests.integration.scoring.ledger.rooms import SLUG, Room
from tests.unit.scoring.ledger.events import observed

HOTLINE = "urn:source:hotline"
GOOD, BAD, AFTER = 400, 300, 200


def calls(first: int, number: int) -> list[dict[str, Any]]:
    return [observed(f"h-{n}", subject=f"call-{n}", unit="h") | {"source": HOTLINE} for n in range(first, first + number)]


def cases(prefix: str, number: int, *, kind: str = "case") -> list[dict[str, Any]]:
    return [observed(f"{prefix}-{n}", subject=f"{prefix}-{n}", unit="east", kind=kind) for n in range(number)]


async def send_calls(room: Room, events: Sequence[dict[str, Any]]) -> None:
    topic = room.prefix + feed_topic("hotline")
    await asyncio.gather(*[await room.kafka.send(topic, json.dumps(event).encode(), key=event["subject"].encode()) for event in events])


async def paused_because(callers: Callers) -> str | None:
    found: str | None = (await callers.office("GET", f"/sources/{SLUG}")).json()["paused"]
    return found


async def taken(room: Room, source: str) -> int:
    found: int = await room.pool.fetchval(
        "select coalesce(sum(next_offset), 0)::bigint from ledger.positions where topic = $1", room.prefix + feed_topic(source)
    )
    return found


async def all_calls(room: Room, number: int) -> None:
    await room.until("facts", number, "source = 'hotline'", within=60)


async def must_say_so(callers: Callers, worker: Process) -> None:
    """Readiness, metric, log and the API name the source and the reason."""
    reason = await paused_because(callers) or ""
    assert "unusable" in reason
    assert "已暂停该来源" in reason

    async def is_red() -> bool:
        return reason in (await worker.checks()).get("sources", "")

    await eventually(is_red)
    assert (await worker.checks())["sources"] == f"{SLUG}: {reason}; kaohe source resume {SLUG}"
    assert await worker.metric(f'feed_source_paused{{source="{SLUG}"}}') == "1.0"
    assert await worker.metric('feed_source_paused{source="hotline"}') == "0.0"
    summary = (await callers.office("GET", "/feed/summary")).json()
    assert {one["source"]: one["paused"] for one in summary["sources"]} == {SLUG: reason, "hotline": None}


@pytest.mark.timeout(900)
async def test_a_flood_pauses_its_source_only_until_it_is_resumed(room: Room, callers: Callers, tmp_path: Path) -> None:
    await callers.office("PUT", "/sources/hotline", json={"uri": HOTLINE, "name": "热线"})
    flood = [*cases("good", GOOD), *cases("bad", BAD, kind="dossier")]
    dice("flood").shuffle(flood)
    async with a_worker(room, tmp_path) as worker:
        await send_calls(room, calls(0, 100))
        await room.send(flood)
        await eventually(lambda: paused_because(callers), within=60)
        await must_say_so(callers, worker)
        assert [error["source"] for error in worker.errors() if error["event"] == "source paused"] == [SLUG]
        await room.send(cases("after", AFTER))
        await send_calls(room, calls(100, 100))
        await all_calls(room, 200)
        stood = await taken(room, SLUG)
    async with a_worker(room, tmp_path) as heir:
        await send_calls(room, calls(200, 100))
        await all_calls(room, 300)
        await must_say_so(callers, heir)
        assert await taken(room, SLUG) == stood
        await callers.office("PUT", "/kinds/dossier", json={"name": "卷宗", "attributes": {}})
        assert (await callers.feed("POST", f"/sources/{SLUG}/resume")).status_code == 403
        assert (await callers.office("POST", "/sources/nobody/resume")).status_code == 404
        for _ in range(2):
            resumed = await callers.office("POST", f"/sources/{SLUG}/resume")
            assert (resumed.status_code, resumed.json()["paused"]) == (200, None)
        await room.until_taken()
        await callers.office("POST", "/feed/quarantine/replay", json={"source": SLUG})
        await room.until("facts", GOOD + BAD + AFTER, f"source = '{SLUG}'", within=60)
        await heir.until_ready()
        assert await heir.metric(f'feed_source_paused{{source="{SLUG}"}}') == "0.0"
    await must_have_taken_each_once(room)


async def must_have_taken_each_once(room: Room) -> None:
    replayed = await room.count("quarantine", "state = 'applied'")
    assert await room.count("quarantine") == replayed
    counted = await room.pool.fetch("select source, received, applied, duplicates, quarantined from ledger.counters order by source")
    everything = GOOD + BAD + AFTER
    assert [tuple(row) for row in counted] == [
        (SLUG, everything + replayed, everything, 0, replayed),
        ("hotline", 300, 300, 0, 0),
    ]
    assert (await PgRecounts(room.url, shipped()).prove()).holds
