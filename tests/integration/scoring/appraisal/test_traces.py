"""A score followed down to the fact, over HTTP; and every stored trace evaluated again."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from kit.testing import Servers
from scoring.appraisal.store.retraces import PgRetraces
from tests.integration.scoring.appraisal.rooms import Room, a_room, cases, observed

TRACE = "/v1/scores/2026/east/closed_in_time/trace"
DUE = "/v1/measures/2026/east/due/records"
MOVED = "/v1/records/case-system/moved%2Fto the west/facts"


@pytest.fixture(scope="module")
async def room(servers: Servers, template: str) -> AsyncIterator[Room]:
    """One for all tests of this module."""
    async with a_room(servers, template) as made:
        async with made.running():
            await made.activate()
            await made.send(*cases("east", in_time=36, late=4), *cases("east", in_time=2, late=0, month="2026-04"))
            away = {"status": "open", "due_on": "2026-04-20"}
            await made.send(observed("moved/to the west", "east", ident="m-1", **away))
            await made.send(observed("moved/to the west", "west", ident="m-2", at="2026-06-02T08:00:00Z", **away))
            await made.until_points("east", "closed_in_time", "9.52")
            await made.until_points("west", "closed_in_time", "0.00")
        yield made


async def everything(room: Room, link: str, **query: str | int) -> list[dict[str, Any]]:
    """All pages of records that a link leads to."""
    url, found, after = httpx.URL(link), list[dict[str, Any]](), dict[str, str]()
    while True:
        answer = await room.ask("GET", url.path, "office", params=dict(url.params) | query | after)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        found += page["records"]
        if page["after"] is None:
            return found
        assert page["after"] != after.get("after"), "a page leads on"
        after = {"after": page["after"]}


async def test_a_trace_leads_to_its_records_and_these_to_their_facts(room: Room) -> None:
    traced = await room.get(TRACE)
    assert (traced["id"], traced["points"], traced["again"]) == ("2026/east/closed_in_time", "9.52", "9.52")
    assert traced["words"]["en"] == "(38 / 42) / 0.95 x 10 = 9.52"
    assert "2026-01 至 2026-06：2026-04 2 条、2026-05 36 条，取累计值。" in traced["account"][1]["zh"]
    links = {one["input"]: one["records"] for one in traced["inputs"]}
    in_time = await everything(room, links["a"], limit=15)
    assert (len(in_time), len({record["subject"] for record in in_time})) == (38, 38)
    assert len(await everything(room, links["b"], limit=100)) == 42
    behind = await room.get(in_time[0]["facts"])
    assert [fact["id"] for fact in behind["facts"]] == [f"{in_time[0]['subject']}-1"]


async def test_records_are_found_by_month_source_value_and_text_of_the_subject(room: Room) -> None:
    assert len(await everything(room, DUE, month="2026-04")) == 2
    assert len(await everything(room, DUE, source="case-system")) == 42
    assert await everything(room, DUE, source="another") == []
    late = await everything(room, DUE, attribute="closed_on", value="2026-05-25", limit=3)
    assert len(late) == 4
    found = await everything(room, DUE, text="EAST-2026-04-1")
    assert [record["subject"] for record in found] == ["east-2026-04-1"]
    assert await everything(room, DUE, through="2026-03") == []


async def test_half_a_filter_and_an_unknown_one_are_refused(room: Room) -> None:
    for asked in ("attribute=closed_on", "value=x", "colour=red", "month=2026-13", "after=%00"):
        assert (await room.ask("GET", f"{DUE}?{asked}", "office")).status_code == 422, asked


async def test_facts_come_in_pages_in_the_order_of_their_stamps(room: Room) -> None:
    first = await room.get(MOVED, limit=1)
    second = await room.get(MOVED, limit=1, after=first["after"])
    assert [fact["id"] for page in (first, second) for fact in page["facts"]] == ["m-1", "m-2"]
    assert (await room.ask("GET", f"{MOVED}?after=then", "office")).status_code == 422


async def test_facts_are_for_units_that_hold_or_held_the_record(room: Room) -> None:
    for unit, status in (("east", 200), ("west", 200), ("squad", 403)):
        assert (await room.ask("GET", MOVED, "unit", units=[unit])).status_code == status
    nobodys = "/v1/records/case-system/nothing/facts"
    assert (await room.ask("GET", nobodys, "unit", units=["east"])).status_code == 403
    assert (await room.ask("GET", nobodys, "office")).status_code == 404
    assert (await room.ask("GET", TRACE, "unit", units=["east"])).status_code == 403


async def test_each_score_has_an_id_that_leads_to_its_trace(room: Room) -> None:
    scores = (await room.get("/v1/scores/2026/east"))["scores"]
    assert [score["id"] for score in scores] == [f"2026/east/{score['indicator']}" for score in scores]
    for score in scores:
        traced = await room.get(f"/v1/scores/{score['id']}/trace")
        assert (traced["points"], traced["again"]) == (score["points"], score["points"])


async def test_retrace_finds_the_one_trace_that_was_tampered_with(room: Room) -> None:
    url = room.settings.database_url.get_secret_value()
    whole = await PgRetraces(url).again("2026")
    assert (whole.seen["scores"], whole.wrong) == (12, 0)
    assert whole.seen["score_history"] > 0
    assert (await PgRetraces(url).again("2027")).seen == {}
    async with room.service.database.transaction() as session:
        await session.execute(
            text("update appraisal.scores set points = points - 1 where unit = 'squad' and indicator = 'corrected'"),
        )
    broken = await PgRetraces(url).again(None)
    assert (broken.wrong, broken.named) == (1, ["scores 2026/squad/corrected (version 1): kept 4.00, trace 5.00, again 5.00"])
    async with room.service.database.transaction() as session:
        await session.execute(text("update appraisal.scores set points = points + 1 where unit = 'squad' and indicator = 'corrected'"))
