"""Data confirmation on real servers: what a unit confirms locks, totals go on, and a closed month moves by adjustments only."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any

import httpx
import pytest

from kit.testing import eventually
from tests.integration.scoring.appraisal.rooms import Room, cases, observed
from tests.integration.scoring.appraisal.test_revisions import revise, until_taken_over

MARCH = "/v1/confirmations/2026/2026-03"
BY = {"by": "2026-06-20"}


@pytest.fixture
async def march(room: Room) -> AsyncIterator[Room]:
    """March is open for confirmation; east closed 9 of 10 in time, west 8 of 10. Worker and settler run."""
    async with room.running():
        await room.activate()
        await room.send(*cases("east", in_time=9, late=1, month="2026-03"), *cases("west", in_time=8, late=2, month="2026-03"))
        await room.until_points("east", "closed_in_time", "9.47")
        await room.until_points("west", "closed_in_time", "8.42")
        await room.put(MARCH, BY)
        yield room


async def as_unit(room: Room, unit: str, path: str, body: Mapping[str, object]) -> httpx.Response:
    return await room.ask("POST", path, "unit", units=[unit], json=body)


async def figures(room: Room, unit: str) -> Any:  # noqa: ANN401 - whatever the answer holds
    return await room.get(f"{MARCH}/{unit}", "unit", units=[unit])


async def confirm(room: Room, unit: str) -> httpx.Response:
    return await as_unit(room, unit, f"{MARCH}/{unit}/confirm", {"seen": (await figures(room, unit))["seal"]})


async def dispute(room: Room, unit: str, subject: str) -> httpx.Response:
    body = {"source": "case-system", "subject": subject, "measure": "due", "reason": "已移送，不应计入"}
    return await as_unit(room, unit, f"{MARCH}/{unit}/disputes", body)


async def decide(room: Room, raised: httpx.Response, outcome: str) -> httpx.Response:
    body = {"outcome": outcome, "reason": "经核实"}
    return await room.ask("POST", f"/v1/disputes/{raised.json()['id']}/decide", "office", json=body)


def late_after_all(unit: str, number: int) -> dict[str, Any]:
    """A correction of a case that counted as closed in time."""
    return observed(f"{unit}-2026-03-{number}", unit, ident=f"{unit}-{number}-again", at="2026-06-14T08:00:00Z", closed_on="2026-03-25")


async def test_confirmed_figures_lock_while_the_totals_follow_the_facts(march: Room) -> None:
    done = await confirm(march, "east")
    assert (done.status_code, done.json()["state"], done.json()["basis"]) == (200, "locked", "confirmed")
    await march.send(late_after_all("east", 0), *cases("east", in_time=10, late=0, month="2026-04"))
    await march.until_points("east", "closed_in_time", "10.00")  # (9 + 10) / 20, March as it was confirmed
    live = (await march.get("/v1/measures/2026/east"))[0]["measures"]
    assert [(one["key"], month["total"]) for one in live for month in one["months"] if month["month"] == "2026-03"] == [
        ("closed_in_time", "8"),
        ("due", "10"),
    ]
    trace = (await march.get("/v1/scores/2026/east/closed_in_time/trace"))["trace"]
    assert (trace["inputs"], trace["locked"]) == ({"a": "19", "b": "20"}, ["2026-03"])
    kept = {one["measure"]: one["total"] for one in (await figures(march, "east"))["figures"]}
    assert (kept["closed_in_time"], kept["due"], kept["revoked"]) == ("9", "10", "0")


async def test_the_difference_shows_its_facts_and_becomes_a_recorded_adjustment(march: Room) -> None:
    assert (await confirm(march, "east")).status_code == 200
    await march.send(late_after_all("east", 0))
    await march.until_settled()

    async def differs() -> bool:
        return bool((await march.get("/v1/adjustments/2026"))["differences"])

    await eventually(differs, within=30)
    (difference,) = (await march.get("/v1/adjustments/2026"))["differences"]
    assert (difference["unit"], difference["measure"], difference["counts_total"], difference["live_total"], difference["n"]) == (
        "east",
        "closed_in_time",
        "9",
        "8",
        -1,
    )
    path = "/v1/adjustments/2026/1/east/closed_in_time/2026-03"
    (record,) = (await march.get(path))["records"]
    assert (record["subject"], record["n"], [fact["id"] for fact in record["facts"]]) == ("east-2026-03-0", -1, ["east-0-again"])
    body = {"n": -1, "total": "-1", "reason": "来源更正结案日期"}
    both = await asyncio.gather(*(march.ask("POST", path, "office", json=body) for _ in range(2)))
    assert sorted(answer.status_code for answer in both) == [201, 409]
    await march.until_points("east", "closed_in_time", "8.42")
    trace = (await march.get("/v1/scores/2026/east/closed_in_time/trace"))["trace"]
    assert [(one["n"], one["reason"]) for one in trace["adjustments"]] == [("-1", "来源更正结案日期")]
    found = await march.get("/v1/adjustments/2026", unit="east")
    assert found["differences"] == []
    assert [one["records"] for one in found["adjustments"]] == [
        [{"source": "case-system", "subject": "east-2026-03-0", "n": "-1", "total": "-1", "facts": ["east-0-again"]}]
    ]


async def test_a_second_difference_lists_only_the_facts_since_the_last_adjustment(march: Room) -> None:
    assert (await confirm(march, "east")).status_code == 200
    path = "/v1/adjustments/2026/1/east/closed_in_time/2026-03"
    for number in (0, 1):
        await march.send(late_after_all("east", number))

        async def seen() -> bool:
            return [one["subject"] for one in (await march.get(path))["records"]] == [f"east-2026-03-{number}"]  # noqa: B023 - awaited here

        await eventually(seen, within=30)
        taken = await march.ask("POST", path, "office", json={"n": -1, "total": "-1", "reason": "更正"})
        assert taken.status_code == 201, taken.text
    await march.until_points("east", "closed_in_time", "7.37")


async def test_a_case_that_left_the_unit_is_among_the_facts_of_the_difference(march: Room) -> None:
    assert (await confirm(march, "east")).status_code == 200
    await march.send(observed("east-2026-03-3", "west", ident="moved", at="2026-06-14T08:00:00Z"))
    path = "/v1/adjustments/2026/1/east/due/2026-03"

    async def seen() -> bool:
        return [(one["subject"], one["n"]) for one in (await march.get(path))["records"]] == [("east-2026-03-3", -1)]

    await eventually(seen, within=30)


async def test_whenever_a_unit_confirms_the_facts_since_explain_the_difference_to_the_last_record(march: Room) -> None:
    async def feed() -> None:
        for number in range(40):
            day = "19" if number % 3 else "25"
            await march.send(observed(f"more-{number}", "east", status="closed", due_on="2026-03-20", closed_on=f"2026-03-{day}"))

    feeding = asyncio.ensure_future(feed())
    while (await confirm(march, "east")).status_code == 409:
        assert not (await figures(march, "east"))["basis"]
    await feeding
    await march.send(late_after_all("east", 0), observed("last", "east", status="closed", due_on="2026-03-20", closed_on="2026-03-19"))

    async def all_counted() -> bool:
        measures = (await march.get("/v1/measures/2026/east"))[0]["measures"]
        return {one["key"]: one["total"] for one in measures} == {"closed_in_time": "35", "due": "51"}

    await eventually(all_counted, within=30)
    differences = (await march.get("/v1/adjustments/2026"))["differences"]
    assert "due" in {one["measure"] for one in differences}
    for difference in differences:
        records = (await march.get(f"/v1/adjustments/2026/1/east/{difference['measure']}/2026-03"))["records"]
        assert sum(record["n"] for record in records) == difference["n"]
        assert all(record["facts"] for record in records)


async def test_of_a_confirmation_and_a_dispute_at_once_one_is_a_conflict(march: Room) -> None:
    both = await asyncio.gather(confirm(march, "east"), dispute(march, "east", "east-2026-03-0"))
    assert sorted(answer.status_code // 100 for answer in both) == [2, 4]
    refused = next(answer for answer in both if answer.status_code >= 400)
    assert refused.status_code == 409


async def test_a_dispute_holds_the_lock_up_until_the_office_has_decided(march: Room) -> None:
    raised = await dispute(march, "east", "east-2026-03-0")
    assert raised.status_code == 201, raised.text
    assert (await confirm(march, "east")).status_code == 409
    assert (await decide(march, raised, "rejected")).status_code == 200
    found = await figures(march, "east")
    assert (found["state"], found["basis"], found["disputes"][0]["decision"]) == ("locked", "decided", "经核实")
    assert (await decide(march, raised, "rejected")).status_code == 409


async def test_silence_until_the_date_is_deemed_to_confirm(march: Room) -> None:
    march.clock.move(days=6)

    async def locked() -> bool:
        units = (await march.get(MARCH))["units"]
        return {(one["unit"], one["state"], one["basis"]) for one in units} == {
            (unit, "locked", "deemed") for unit in ("east", "west", "squad")
        }

    await eventually(locked, within=30)
    assert (await dispute(march, "east", "east-2026-03-0")).status_code == 403


async def test_figures_that_moved_after_they_were_read_are_not_confirmed(march: Room) -> None:
    seal = (await figures(march, "east"))["seal"]
    await march.send(observed("east-more", "east", status="closed", due_on="2026-03-20", closed_on="2026-03-19"))
    await march.until_points("east", "closed_in_time", "9.57")  # 10 of 11
    refused = await as_unit(march, "east", f"{MARCH}/east/confirm", {"seen": seal})
    assert (refused.status_code, refused.json()["title"]) == (409, "conflict")


async def test_a_unit_reaches_nothing_of_another_unit_not_even_by_an_error(march: Room) -> None:
    theirs = await march.ask("GET", f"{MARCH}/west", "unit", units=["east"])
    unknown = await march.ask("GET", f"{MARCH}/nobody", "unit", units=["east"])
    assert (theirs.status_code, theirs.json()["detail"]) == (403, unknown.json()["detail"])
    for path, body in ((f"{MARCH}/west/confirm", {"seen": "0" * 64}), (f"{MARCH}/west/disputes", _doubt("west-2026-03-0"))):
        assert (await as_unit(march, "east", path, body)).status_code == 403
    theirs = await dispute(march, "east", "west-2026-03-0")
    nobodys = await dispute(march, "east", "no-such-case")
    assert (theirs.status_code, theirs.json()["detail"]) == (404, nobodys.json()["detail"])
    for path in (MARCH, "/v1/adjustments/2026", "/v1/adjustments/2026/1/east/due/2026-03"):
        assert (await march.ask("GET", path, "unit", units=["east"])).status_code == 403


async def test_who_does_not_act_for_the_unit_neither_confirms_nor_opens_nor_adjusts(march: Room) -> None:
    seen = {"seen": (await figures(march, "east"))["seal"]}
    assert (await march.ask("POST", f"{MARCH}/east/confirm", "office", json=seen)).status_code == 403
    assert (await march.ask("PUT", MARCH, "leader", json=BY)).status_code == 403
    adjusting = {"n": 1, "total": "1", "reason": "x"}
    assert (await march.ask("POST", "/v1/adjustments/2026/1/east/due/2026-03", "leader", json=adjusting)).status_code == 403
    assert (await march.ask("POST", "/v1/adjustments/2026/1/east/due/2026-03", "office", json=adjusting)).status_code == 404


def _doubt(subject: str) -> dict[str, str]:
    return {"source": "case-system", "subject": subject, "measure": "due", "reason": "x"}


async def test_figures_lock_under_the_version_that_counts_in_their_months_also_after_a_revision(march: Room) -> None:
    await until_taken_over(march, await revise(march))
    assert (await confirm(march, "east")).status_code == 200
    await march.send(late_after_all("east", 0))

    async def differs() -> bool:
        found = (await march.get("/v1/adjustments/2026", unit="east"))["differences"]
        return [(one["version"], one["measure"], one["n"]) for one in found if one["version"] == 1] == [(1, "closed_in_time", -1)]

    await eventually(differs, within=30)
    await march.until_settled()
    assert await march.points("east", "closed_in_time") == "9.47"  # March under the first version, as it was confirmed
    found = await march.get("/v1/scores/2026/east", "unit", units=["east"], period="2026-03")
    assert (found["version"], found["scores"][0]["points"]) == (1, "9.47")
    taken = await march.ask(
        "POST", "/v1/adjustments/2026/1/east/closed_in_time/2026-03", "office", json={"n": -1, "total": "-1", "reason": "更正"}
    )
    assert taken.status_code == 201, taken.text
    await march.until_points("east", "closed_in_time", "8.42")
