import gzip
import json
from collections.abc import AsyncIterator

import httpx
import pytest

from kit.http import undeclared_routes
from kit.migrations import check
from tests.integration.collection.rooms import MIGRATIONS, Room, folded
from tests.unit.collection.samples import EVENTS

HEADER = "no,office,at,status,amount\n"
ROWS = HEADER + "1,A,2026-03-02 09:30,open,100\n1,A,2026-03-03 09:30,closed,\n2,B,2026-03-02 09:30,open,many\n3,,2026-03-02 09:31,open,\n"


async def test_a_file_becomes_facts_and_unusable_rows_are_listed_with_their_lines(room: Room) -> None:
    await room.put(EVENTS)
    answer = await room.collect("cases", "folder/march.csv.gz", gzip.compress(ROWS.encode()))
    run = answer.json()
    assert answer.status_code == 201, run
    assert (run["rows"], run["observed"], run["rejected"], run["state"]) == (4, 3, 1, "done")
    assert (run["file"], run["units"], run["started_by"]) == ("march.csv", {"A": 2}, "li")
    events = await room.sent("cases")
    assert folded(events) == {"1": {"unit": "A", "status": "closed", "amount": "100"}, "3": {"status": "open"}}
    first = next(event for event in events if event["id"] == "1/march.csv/000000002")
    assert (first["source"], first["type"], first["time"]) == ("urn:test:cases", "feed.record_observed.v1", "2026-03-02T01:30:00Z")
    (reject,) = (await room.client.get(f"/v1/collections/{run['id']}/rejects")).json()
    assert (reject["line"], reject["reason"].split(":")[0]) == (4, "amount")


async def test_a_second_run_states_the_same_facts_byte_by_byte(room: Room) -> None:
    await room.put(EVENTS)
    for name in ("march.csv", "march.csv"):
        assert (await room.collect("cases", name, ROWS)).status_code == 201
    events = [json.dumps(event, sort_keys=True) for event in await room.sent("cases")]
    assert len(events) == 6
    assert len(set(events)) == 3


async def test_many_rows_go_out_in_batches_and_are_counted_once(room: Room) -> None:
    await room.put(EVENTS)
    rows = HEADER + "".join(f"{number},A,2026-03-02 09:30,open,{'x' if number % 100 == 0 else number}\n" for number in range(2_500))
    run = (await room.collect("cases", "many.csv", rows)).json()
    assert (run["rows"], run["observed"], run["rejected"]) == (2_500, 2_475, 25)
    assert len(await room.sent("cases")) == 2_475
    first = (await room.client.get(f"/v1/collections/{run['id']}/rejects", params={"most": 20})).json()
    rest = (await room.client.get(f"/v1/collections/{run['id']}/rejects", params={"after": first[-1]["number"]})).json()
    assert [one["line"] for one in first + rest] == [2 + 100 * n for n in range(25)]


async def test_a_dry_run_shows_facts_and_rejects_and_states_nothing(room: Room) -> None:
    await room.put(EVENTS)
    answer = await room.client.post("/v1/collections/dry-run", params={"mapping": "cases", "file": "m.csv", "first": 1}, content=ROWS)
    shown = answer.json()
    assert (shown["rows"], shown["facts"], shown["rejected"], shown["units"]) == (4, 3, 1, {"A": 2})
    assert [event["id"] for event in shown["first_facts"]] == ["1/m.csv/000000002"]
    assert [one["line"] for one in shown["first_rejects"]] == [4]
    assert await room.sent("cases") == []
    assert (await room.client.get("/v1/collections")).json() == []


async def test_a_file_that_cannot_be_read_is_refused_and_the_run_says_why(room: Room) -> None:
    await room.put(EVENTS)
    answer = await room.collect("cases", "cut.csv.gz", gzip.compress(ROWS.encode())[:-5])
    assert (answer.status_code, answer.json()["title"]) == (422, "unreadable-file")
    (run,) = (await room.client.get("/v1/collections", params={"source": "cases"})).json()
    assert run["state"] == "refused"
    assert "gzip" in run["reason"]


async def test_an_upload_that_breaks_off_leaves_an_interrupted_run_that_the_next_completes(room: Room) -> None:
    await room.put(EVENTS)

    async def broken() -> AsyncIterator[bytes]:
        yield ROWS.encode()
        raise ConnectionError

    with pytest.raises(ConnectionError):
        await room.client.post("/v1/collections", params={"mapping": "cases", "file": "m.csv"}, content=broken())
    (run,) = (await room.client.get("/v1/collections")).json()
    assert run["state"] == "interrupted"
    assert (await room.collect("cases", "m.csv", ROWS)).status_code == 201
    assert (await room.client.get(f"/v1/collections/{run['id']}")).json()["state"] == "interrupted"


@pytest.mark.parametrize(("mapping", "status", "title"), [("cases", 409, "source-not-registered"), ("none", 404, "no-such-mapping")])
async def test_a_file_without_mapping_or_registered_source_is_refused_before_anything_is_read(
    room: Room, mapping: str, status: int, title: str
) -> None:
    await room.put(EVENTS.replace('slug = "cases"', 'slug = "unheard-of"'))
    answer = await room.collect(mapping, "m.csv", ROWS)
    assert (answer.status_code, answer.json()["title"]) == (status, title)


async def test_mappings_are_kept_in_versions_and_shipped_ones_are_there(room: Room) -> None:
    assert [(await room.put(EVENTS)).json()["version"] for _ in range(2)] == [1, 1]
    assert (await room.put(EVENTS.replace("案件", "案卷"))).json()["version"] == 2
    listed = {one["name"]: one["version"] for one in (await room.client.get("/v1/mappings")).json()}
    assert listed == {"cases": 2, "environment-penalties": 0, "traffic-fines": 0}
    assert "案卷" in (await room.client.get("/v1/mappings/cases")).json()["text"]


async def test_an_invalid_mapping_is_refused_with_every_fault(room: Room) -> None:
    faulty = EVENTS.replace('format = "csv"', 'format = "doc"').replace('kind = "case"', "")
    for answer in (await room.put(faulty), await room.client.post("/v1/mappings/check", content=faulty.encode())):
        assert answer.status_code == 422
        assert {one["path"] for one in answer.json()["errors"]} == {"input.format", "record.kind"}
    other = await room.client.put("/v1/mappings/other", content=EVENTS.encode())
    assert other.json()["errors"][0]["path"] == "name"
    assert (await room.client.post("/v1/mappings/check", content=EVENTS.encode())).status_code == 204
    assert (await room.client.get("/v1/mappings/schema")).json()["title"] == "MappingDocument"


async def test_only_the_office_and_administrators_collect(room: Room) -> None:
    assert undeclared_routes(room.service.app) == []
    for headers, status in ((room.issuer.headers("unit"), 403), ({"authorization": ""}, 401)):
        answer: httpx.Response = await room.client.post("/v1/collections", params={"mapping": "m", "file": "f"}, headers=headers)
        assert answer.status_code == status


async def test_the_service_is_ready_and_counts_what_it_sent(room: Room) -> None:
    await room.put(EVENTS)
    await room.collect("cases", "m.csv", ROWS)
    assert (await room.client.get("/readyz")).status_code == 200
    page = (await room.client.get("/metrics")).text
    assert 'collection_facts_sent_total{source="cases"} 3.0' in page
    assert 'collection_rows_total{outcome="rejected",source="cases"} 1.0' in page


def test_the_migrations_make_the_tables_of_the_code(room: Room) -> None:
    check(MIGRATIONS, room.database_url)
