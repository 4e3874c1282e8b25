import json
from typing import Any

from kit.testing import eventually
from tests.integration.scoring.ledger.edges import Callers
from tests.integration.scoring.ledger.rooms import SLUG, Room
from tests.unit.scoring.ledger.events import observed

BATCH = {"content-type": "application/cloudevents-batch+json"}
SINGLE = {"content-type": "application/cloudevents+json"}
CLOSED = {"status": "closed", "closed_on": "2026-03-09", "amount": "10.50"}


async def status_of(callers: Callers, event: str) -> dict[str, Any]:
    answer = await callers.feed("GET", f"/feed/events/{SLUG}/{event}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_events_come_in_by_every_mode_and_are_counted_once(room: Room, callers: Callers) -> None:
    one, two, three = (observed(f"e/{number}", subject=f"案 {number}", unit="east", set=CLOSED) for number in (1, 2, 3))
    single = await callers.feed("POST", "/feed/events", content=json.dumps(one), headers=SINGLE)
    batch = await callers.feed("POST", "/feed/events", content=json.dumps([one, two]), headers=BATCH)
    binary = {f"ce-{name}": value for name, value in three.items() if name != "data"} | {"ce-subject": "%E6%A1%88%203"}
    headers = binary | {"content-type": "application/json"}
    third = await callers.feed("POST", "/feed/events", content=json.dumps(three["data"]), headers=headers)
    assert [answer.status_code for answer in (single, batch, third)] == [202, 202, 202], third.text
    assert (await status_of(callers, "e/1"))["status"] == "pending"
    async with room.worker():
        await room.until("facts", 3)
        await room.until("fact_ids", 1, "copies > 0")
    assert {(await status_of(callers, f"e/{number}"))["status"] for number in (2, 3)} == {"applied"}
    assert (await status_of(callers, "e/1"))["status"] == "duplicate"
    assert (await room.totals())[1] == ("closed", "u-east", "2026-03", 3, "3")
    assert await room.pool.fetchval("select array_agg(subject order by subject) from ledger.records") == ["案 1", "案 2", "案 3"]


async def test_a_batch_is_all_or_nothing_with_the_indexes_of_what_is_wrong(room: Room, callers: Callers) -> None:
    events = [observed("e-1"), observed("e-2") | {"time": "yesterday"}, observed("e-3") | {"source": "urn:nobody"}, 7]
    answer = await callers.feed("POST", "/feed/events", content=json.dumps(events), headers=BATCH)
    assert answer.status_code == 400
    assert [(error["path"], error["reason"]) for error in answer.json()["errors"]] == [
        ("[1]", "bad_time"),
        ("[2].source", "unknown_source"),
        ("[3]", "no_cloudevent"),
    ]
    assert sum((await room.ends()).values()) == 0


async def test_a_feed_sends_for_its_own_source_only(callers: Callers) -> None:
    content = json.dumps(observed("e-1"))
    foreign = await callers.call("feed", "POST", "/feed/events", units=["hotline"], content=content, headers=SINGLE)
    office = await callers.office("POST", "/feed/events", content=content, headers=SINGLE)
    asked = await callers.call("feed", "GET", f"/feed/events/{SLUG}/e-1", units=["hotline"])
    assert [answer.status_code for answer in (foreign, office, asked)] == [403, 403, 403]


async def test_a_source_is_registered_with_its_topic_and_resent_names_only(room: Room, callers: Callers) -> None:
    body = {"uri": "urn:source:hotline", "name": "热线"}
    made = await callers.office("PUT", "/sources/hotline", json=body)
    again = await callers.office("PUT", "/sources/hotline", json=body | {"name": "12345热线"})
    assert [made.status_code, again.status_code, again.json()["name"]] == [200, 200, "12345热线"]
    moved = await callers.office("PUT", "/sources/hotline", json=body | {"uri": "urn:other"})
    taken = await callers.office("PUT", "/sources/hotline-2", json=body)
    no_slug = await callers.office("PUT", "/sources/Hotline!", json=body)
    no_zone = await callers.office("PUT", "/sources/new", json={"uri": "urn:new", "name": "n", "zone": "Asia/Nowhere"})
    assert [answer.status_code for answer in (moved, taken, no_slug, no_zone)] == [409, 409, 422, 422]
    await callers.office("PUT", "/sources/hotline/aliases", json={"aliases": {"h1": "u-east"}})
    sent = await callers.call(
        "feed",
        "POST",
        "/feed/events",
        units=["hotline"],
        content=json.dumps(observed("h-1", unit="h1", set=CLOSED) | {"source": "urn:source:hotline"}),
        headers=SINGLE,
    )
    assert sent.status_code == 202
    async with room.worker():
        await room.until("facts", 1)
    assert ("closed", "u-east", "2026-03", 1, "1") in await room.totals()


async def test_a_changed_alias_counts_the_records_of_its_source_anew(room: Room, callers: Callers) -> None:
    await room.send(observed(f"e-{n}", subject=f"case-{n}", unit=unit, set=CLOSED) for n, unit in enumerate(("east", "east", "new")))
    async with room.worker():
        await room.until("facts", 3)
        listed = (await callers.office("GET", "/feed/unassigned")).json()["codes"]
        assert listed == [{"source": SLUG, "code": "new", "records": 1, "example": "case-2"}]
        changed = await callers.office("PATCH", f"/sources/{SLUG}/aliases", json={"aliases": {"east": "u-west", "new": "u-east"}})
        assert changed.json()["recounting"] is True
        await eventually(lambda: is_counted(callers))
        await room.send([observed("e-9", subject="case-9", unit="east", set=CLOSED)])
        await room.until("facts", 4)
    closed = [row for row in await room.totals() if row[0] == "closed"]
    assert closed == [("closed", "u-east", "2026-03", 1, "1"), ("closed", "u-west", "2026-03", 3, "3")]
    proof = (await callers.office("POST", "/feed/recount")).json()
    assert (proof["holds"], proof["facts"], proof["records"]) == (True, 4, 4)


async def is_counted(callers: Callers) -> bool:
    return (await callers.office("GET", "/feed/summary")).json()["counting"] is None


async def test_a_kind_may_grow_but_what_is_counted_keeps_its_type(callers: Callers) -> None:
    attributes = (await callers.office("GET", "/kinds")).json()["kinds"][0]["attributes"]
    grown = await callers.office("PUT", "/kinds/case", json={"name": "案件", "attributes": attributes | {"colour": "text"}})
    changed = await callers.office("PUT", "/kinds/case", json={"name": "案件", "attributes": attributes | {"amount": "text"}})
    unknown = await callers.office("PUT", "/kinds/case", json={"name": "案件", "attributes": attributes | {"amount": "money"}})
    assert [answer.status_code for answer in (grown, changed, unknown)] == [200, 409, 422]


async def test_what_postgresql_cannot_look_for_is_refused_at_the_door(callers: Callers) -> None:
    asked = [
        await callers.office("GET", f"/feed/events/{SLUG}/a%00b"),
        await callers.office("GET", f"/feed/records/{SLUG}/a%00b"),
        await callers.office("GET", "/feed/unassigned", params={"source": "a\x00b"}),
        await callers.office("GET", "/feed/quarantine/99999999999999999999"),
        await callers.office("GET", "/feed/quarantine", params={"after": 10**20}),
        await callers.office("PUT", f"/sources/{SLUG}/aliases", content=b'{"aliases": {"a\\u0000": "u"}}'),
        await callers.office("PUT", "/kinds/case", content=b'{"name": "\\ud800", "attributes": {}}'),
    ]
    assert [answer.status_code for answer in asked] == [422] * len(asked)
