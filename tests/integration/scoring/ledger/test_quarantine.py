import asyncio
import base64
import json
from typing import Any

from kit.testing import eventually
from tests.integration.scoring.ledger.edges import Callers
from tests.integration.scoring.ledger.rooms import SLUG, Room
from tests.unit.scoring.ledger.events import observed, withdrawn

CLOSED = {"status": "closed", "closed_on": "2026-03-09"}


def body(event: dict[str, Any]) -> bytes:
    return json.dumps(event).encode()


async def test_poison_of_every_kind_is_set_aside_with_its_reason_and_stops_nothing(room: Room) -> None:
    good = [observed(f"g-{n}", subject=f"case-{n}", unit="east", set=CLOSED) for n in range(20)]
    foreign = observed("p-9") | {"source": "urn:other"}
    poison: list[tuple[bytes | None, bytes | None, str]] = [
        (b"k", None, "empty"),
        (b"k", b"{", "not_json"),
        (b"k", "案件".encode("gbk"), "not_utf8"),
        (b"k", b'{"id": "\\ud800"}', "lone_surrogate"),
        (b"case-1", body(observed("p-1", set={"status": "a\x00b"})), "forbidden_character"),
        (b"case-1", body(observed("p-2", set={"amount": 10**20})), "too_many_digits"),
        (b"case-1", body(observed("p-3")).replace(b'"set": {}', b'"set": {"x": 1e10000000}'), "too_many_digits"),
        (b"case-1", body(observed("p-4", set={"more": "x" * 1_000_001})), "too_large"),
        (b"case-1", body(observed("p-5") | {"time": "soon"}), "bad_time"),
        (b"case-1", body(observed("p-6", kind="dossier")), "unknown_kind"),
        (b"case-1", body(observed("p-7", set={"amount": "ten"})), "wrong_type"),
        (b"case-2", body(observed("p-8")), "key_is_not_subject"),
        (b"case-1", body(foreign), "foreign_source"),
        (b"k", b"[" * 100_000, "too_deep"),
        (b"k", body({"id": "p-10"}), "no_cloudevent"),
        (b"s" * 600, body(observed("p-11", subject="s" * 600)), "too_long"),
    ]
    await room.send(good[:10])
    await room.send_raw((key, value) for key, value, _ in poison)
    await room.send(good[10:])
    async with room.worker():
        await room.until("facts", 20)
        await room.until("quarantine", len(poison))
    rows = await room.pool.fetch("select reason, value, key from ledger.quarantine")
    assert sorted(row["reason"] for row in rows) == sorted(reason for _, _, reason in poison)
    assert {(row["key"], row["value"]) for row in rows} == {(key, value) for key, value, _ in poison}
    assert await room.count("quarantine", "event = 'p-6'") == 1


async def test_what_is_replayed_after_the_kind_was_declared_counts_and_closes(room: Room, callers: Callers) -> None:
    event = observed("e-1", kind="dossier", unit="east", set={"opened_on": "2026-03-01"})
    await room.kafka.send(room.topic, body(event), key=b"case-1", headers=[("traceparent", b"00-1")])
    async with room.worker():
        await room.until("quarantine", 1)
        answer = (await callers.feed("GET", f"/feed/events/{SLUG}/e-1")).json()
        assert (answer["status"], answer["reason"], answer["detail"]) == ("quarantined", "unknown_kind", "dossier")
        assert "先登记" in answer["zh"]
        await callers.office("POST", f"/feed/quarantine/{answer['message']}/replay")
        await room.until("quarantine", 1, "times = 2 and state = 'open'")
        await callers.office("PUT", "/kinds/dossier", json={"name": "卷宗", "attributes": {"opened_on": "date"}})
        replayed = await callers.office("POST", "/feed/quarantine/replay", json={"source": SLUG, "reason": "unknown_kind"})
        assert replayed.json() == {"replayed": 1}
        await room.until("quarantine", 1, "state = 'applied'")
    original = (await callers.office("GET", f"/feed/quarantine/{answer['message']}")).json()
    assert base64.b64decode(original["value"]) == body(event)
    assert base64.b64decode(original["headers"]["traceparent"]) == b"00-1"
    assert (await callers.feed("GET", f"/feed/events/{SLUG}/e-1")).json()["status"] == "applied"
    again = await callers.office("POST", f"/feed/quarantine/{answer['message']}/replay")
    assert again.status_code == 409


async def test_the_same_id_with_other_content_is_a_conflict_that_can_be_discarded(room: Room, callers: Callers) -> None:
    await room.send([observed("e-1", unit="east", set=CLOSED), observed("e-1", unit="west", set=CLOSED)])
    async with room.worker():
        await room.until("quarantine", 1)
    answer = (await callers.feed("GET", f"/feed/events/{SLUG}/e-1")).json()
    assert (answer["status"], answer["reason"]) == ("conflict", "other_content")
    discarded = await callers.office("POST", f"/feed/quarantine/{answer['message']}/discard")
    assert discarded.json()["state"] == "discarded"
    assert (await callers.office("GET", "/feed/quarantine")).json()["messages"] == []
    listed = (await callers.office("GET", "/feed/quarantine", params={"closed": True})).json()["messages"]
    assert [one["id"] for one in listed] == [answer["message"]]
    assert (await callers.feed("GET", f"/feed/events/{SLUG}/e-1")).json()["status"] == "applied"
    assert (await callers.office("POST", "/feed/quarantine/999/replay")).status_code == 404


async def test_a_source_that_sends_mostly_rubbish_is_paused_alone_and_resumed_by_command(room: Room, callers: Callers) -> None:
    await callers.office("PUT", "/sources/hotline", json={"uri": "urn:source:hotline", "name": "热线"})
    await room.send([observed(f"e-{n}", kind="dossier", subject=f"case-{n}") for n in range(300)])
    async with room.worker():
        await eventually(lambda: paused(callers))
        await room.send([observed("late", unit="east", set=CLOSED)])
        event = observed("h-1", unit="h", set=CLOSED) | {"source": "urn:source:hotline"}
        sent = await callers.call("feed", "POST", "/feed/events", units=["hotline"], content=body(event))
        assert sent.status_code == 202
        await room.until("facts", 1, "source = 'hotline'")
        assert await room.count("facts", "source <> 'hotline'") == 0
        summary = (await callers.office("GET", "/feed/summary")).json()
        assert {one["source"]: one["behind"] > 0 for one in summary["sources"]} == {SLUG: True, "hotline": False}
        await callers.office("PUT", "/kinds/dossier", json={"name": "卷宗", "attributes": {}})
        resumed = await callers.office("POST", f"/sources/{SLUG}/resume")
        assert resumed.json()["paused"] is None
        await room.until("facts", 1, "id = 'late'")


async def paused(callers: Callers) -> bool:
    return (await callers.office("GET", f"/sources/{SLUG}")).json()["paused"] is not None


async def test_what_postgresql_refuses_is_found_by_bisection(room: Room) -> None:
    await room.pool.execute("alter table ledger.records add constraint no_thirteen check (subject <> 'case-13')")
    await room.send(observed(f"e-{n}", subject=f"case-{n}", unit="east", set=CLOSED) for n in range(30))
    await room.send([withdrawn("w-1", subject="case-13")])
    async with room.worker():
        await room.until_taken()
    assert await room.count("facts") == 29
    rows = await room.pool.fetch("select event, reason, detail from ledger.quarantine order by event")
    assert [(row["event"], row["reason"], row["detail"][:5]) for row in rows] == [
        ("e-13", "database_refused", "23514"),
        ("w-1", "database_refused", "23514"),
    ]


async def test_instants_at_the_ends_of_time_are_no_poison(room: Room) -> None:
    early, late = (observed(f"e-{year}", unit="east") | {"time": f"{year}-12-31T23:59:59Z"} for year in ("0001", "9999"))
    async with room.worker():
        await room.send([early, late])
        await room.until("facts", 2)
        await asyncio.sleep(0)
