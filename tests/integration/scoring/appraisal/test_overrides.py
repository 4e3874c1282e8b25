"""Points set by hand, on PostgreSQL: two persons, the computed score beside them, facts that go on coming."""

import asyncio
from typing import Any

import httpx

from kit.testing import eventually
from tests.integration.scoring.appraisal.rooms import Room, cases

ASKED = {"cycle": "2026", "unit": "west", "indicator": "closed_in_time", "points": "9", "reason": "平台故障", "evidence": ["minutes-3"]}


async def propose(room: Room, **changes: object) -> httpx.Response:
    return await room.ask("POST", "/v1/overrides", "office", subject="office", json={**ASKED, **changes})


async def decide(room: Room, override: dict[str, Any], move: str = "approve", by: str = "leader") -> httpx.Response:
    return await room.ask("POST", f"/v1/overrides/{override['id']}/{move}", "leader", subject=by)


async def test_an_override_is_the_result_until_two_persons_lift_it_whatever_facts_come(room: Room) -> None:
    async with room.running():
        await room.activate()
        await room.send(*cases("west", in_time=8, late=2))
        await room.until_points("west", "closed_in_time", "8.42")
        asked = (await propose(room)).json()
        assert (await decide(room, asked, by="office")).status_code == 403
        await room.until_settled()
        assert await room.points("west", "closed_in_time") == "8.42"
        assert (await decide(room, asked)).json()["state"] == "in_force"
        await room.until_points("west", "closed_in_time", "9.00")
        await room.send(*cases("west", in_time=0, late=10, month="2026-04"))
        await _until_computed(room, "4.21")
        standing = (await room.get("/v1/scores/2026/west"))["standing"]
        assert standing["parts"][0]["score"] == "14.00"
        explained = await room.get("/v1/scores/2026/west/closed_in_time/trace")
        assert (explained["again"], explained["trace"]["overridden"]["approved_by"]) == ("9.00", "leader")
        assert explained["words"]["zh"].startswith("经批准调整为 9.00 分：平台故障")
        path = f"/v1/overrides/{asked['id']}/lift"
        assert (await room.ask("POST", path, "office", subject="office", json={"reason": "已更正"})).json()["state"] == "lifting"
        await room.until_settled()
        assert await room.points("west", "closed_in_time") == "9.00"
        assert (await decide(room, asked)).json()["state"] == "lifted"
        await room.until_points("west", "closed_in_time", "4.21")
    past = await room.get("/v1/scores/2026/west/closed_in_time/history")
    assert [each["points"] for each in past][-3:] == ["8.42", "9.00", "4.21"]  # before, some of the cases may have been settled alone


async def _until_computed(room: Room, points: str) -> None:
    async def reached() -> bool:
        trace = (await room.get("/v1/scores/2026/west/closed_in_time/trace"))["trace"]
        return bool(trace["computed"]["result"] == points)

    await eventually(reached, within=30)


async def test_of_two_overrides_that_are_approved_at_once_one_replaces_the_other(room: Room) -> None:
    await room.activate()
    asked = [(await propose(room, points=points)).json() for points in ("9", "7")]
    answers = await asyncio.gather(*(decide(room, one, by=f"leader-{index}") for index, one in enumerate(asked)))
    assert [answer.status_code for answer in answers] == [200, 200]
    assert sorted(each["state"] for each in await room.get("/v1/overrides/2026")) == ["in_force", "replaced"]


async def test_an_override_is_not_for_assessors_and_units_and_has_a_reason_within_the_rule(room: Room) -> None:
    await room.activate()
    for role in ("assessor", "unit", "leader", "admin"):
        assert (await room.ask("POST", "/v1/overrides", role, units=["west"], json=ASKED)).status_code == 403
    asked = (await propose(room)).json()
    assert (await room.ask("POST", f"/v1/overrides/{asked['id']}/approve", "office", subject="second")).status_code == 403
    assert (await propose(room, points="10.5")).json()["type"] == "urn:kaohe:problem:mark-refused"
    assert (await propose(room, reason=" ")).status_code == 422
    assert (await decide(room, asked, "refuse")).json()["state"] == "refused"
    again = await decide(room, asked)
    assert (again.status_code, again.json()["type"]) == (409, "urn:kaohe:problem:wrong-state")
