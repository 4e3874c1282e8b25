import hashlib
from contextlib import suppress
from typing import Any

import httpx
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import TopicAlreadyExistsError

from contracts.topics import FEED_PARTITIONS
from kit.kafka import ensure_topics
from kit.testing import eventually
from scoring.ledger.worker import Worker
from tests.integration.scoring.ledger.edges import Callers
from tests.integration.scoring.ledger.rooms import SLUG, Room
from tests.unit.scoring.ledger.events import CASES, observed

CLOSED = {"status": "closed", "closed_on": "2026-03-09"}


async def checks(worker: Worker) -> dict[str, str]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(worker.watch), base_url="http://worker") as client:
        answer = await client.get("/readyz")
        found: dict[str, str] = answer.json()["checks"]
        return found


async def make_anew(room: Room) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=room.servers.kafka_bootstrap)
    await admin.start()
    try:
        await admin.delete_topics([room.topic])
    finally:
        await admin.close()

    async def made() -> bool:
        with suppress(TopicAlreadyExistsError):
            await ensure_topics(room.servers.kafka_bootstrap, [room.topic], partitions=FEED_PARTITIONS)
        return sum((await room.ends()).values()) == 0

    await eventually(made)


async def test_a_topic_that_was_made_anew_is_noticed_and_taken_only_once_adopted(room: Room, callers: Callers) -> None:
    old = [observed(f"e-{n}", subject=f"case-{n}", unit="east", set=CLOSED) for n in range(40)]
    await room.send(old)
    async with room.worker():
        await room.until("facts", 40)
    await make_anew(room)
    await room.send([*old, *(observed(f"n-{n}", subject=f"case-{n}", minute=1, unit="west", set=CLOSED) for n in range(60))])
    async with room.worker() as worker:

        async def is_foreign() -> bool:
            return "not the log I know" in (await checks(worker))["log"]

        await eventually(is_foreign)
        assert (await callers.office("POST", f"/sources/{SLUG}/adopt")).status_code == 204
        await room.until("facts", 100)
        await eventually(lambda: is_well(worker))
    assert await room.count("facts", "epoch = 1") == 60
    assert (await room.totals())[0] == ("closed", "u-west", "2026-03", 60, "60") or (
        "closed",
        "u-west",
        "2026-03",
        60,
        "60",
    ) in await room.totals()
    proof = (await callers.office("POST", "/feed/recount")).json()
    assert proof["holds"]


async def is_well(worker: Worker) -> bool:
    return set((await checks(worker)).values()) == {"ok"}


def closing(id_: str, ids: list[str]) -> dict[str, Any]:
    digest = hashlib.sha256("\n".join(sorted(ids)).encode()).hexdigest()
    data = {"day": "2026-03-02", "count": len(ids), "digest": digest}
    event = observed(id_) | {"type": "feed.batch_closed.v1", "data": data, "source": CASES.uri}
    del event["subject"]
    return event


async def test_a_closed_day_is_compared_and_again_after_a_late_fact(room: Room, callers: Callers) -> None:
    events = [observed(f"e-{n}", subject=f"case-{n}", unit="east", set=CLOSED) for n in range(5)]
    await room.send([*events[:4], closing("b-1", [f"e-{n}" for n in range(5)])])
    async with room.worker():
        await eventually(lambda: state_is(callers, "different"))
        await room.send(events[4:])
        await eventually(lambda: state_is(callers, "equal"))
    (batch,) = (await callers.office("GET", "/feed/batches", params={"source": SLUG})).json()["batches"]
    assert (batch["count"], batch["held_count"], batch["digest"] == batch["held_digest"]) == (5, 5, True)


async def state_is(callers: Callers, state: str) -> bool:
    found = (await callers.office("GET", "/feed/batches")).json()["batches"]
    return [one["state"] for one in found] == [state]


async def test_a_record_shows_the_fact_behind_each_value(room: Room, callers: Callers) -> None:
    await room.send(
        [
            observed("e-1", unit="east", set=CLOSED | {"amount": 1.10, "colour": "red"}),
            observed("e-2", minute=1, set={"status": "open"}),
        ]
    )
    async with room.worker():
        await room.until("facts", 2)
    shown = (await callers.office("GET", f"/feed/records/{SLUG}/case-1")).json()
    assert shown["attributes"] == {
        "amount": {"value": "1.1", "fact": "e-1"},
        "closed_on": {"value": "2026-03-09", "fact": "e-1"},
        "status": {"value": "open", "fact": "e-2"},
    }
    assert [(fact["id"], fact["epoch"]) for fact in shown["facts"]] == [("e-1", 0), ("e-2", 0)]
    summary = (await callers.office("GET", "/feed/summary")).json()
    assert summary["undeclared"] == [{"source": SLUG, "kind": "case", "attribute": "colour", "times": 1}]
    assert summary["totals"] | {"received": 2, "applied": 2, "behind": 0, "corrected": 1} == summary["totals"]
    assert (await callers.office("GET", f"/feed/records/{SLUG}/nobody")).status_code == 404
