"""Leadership teams on PostgreSQL: each member is marked, the unit gets the mean, nobody else reads the points."""

from typing import Any

import httpx

from tests.integration.scoring.appraisal.rooms import Room
from tests.unit.scoring.appraisal.bureau import DOCUMENT

OF_MEMBERS = DOCUMENT.replace("rule: {kind: manual}", "rule: {kind: manual}\n    scope: members")


async def give(room: Room, member: str, mark: str, by: str = "hua") -> httpx.Response:
    body = {"mark": mark, "reason": "理由", "member": member}
    return await room.ask("PUT", "/v1/marks/2026/east/duty_report", "assessor", subject=by, json=body)


async def words(room: Room) -> Any:  # noqa: ANN401 - JSON
    scores = (await room.get("/v1/scores/2026/east"))["scores"]
    return next(score for score in scores if score["indicator"] == "duty_report")["words"]["zh"]


async def test_each_member_is_marked_and_the_unit_waits_for_the_last_one(room: Room) -> None:
    async with room.running():
        await room.activate(OF_MEMBERS)
        await room.until_settled()
        assert await words(room) == "尚未登记班子成员"
        for key in ("head", "deputy"):
            await room.put(f"/v1/units/east/members/{key}", {"name": key, "from": "2025-01-01"})
        await room.put("/v1/units/east/members/former", {"name": "former", "from": "2024-01-01", "until": "2025-12-31"})
        assert (await give(room, "head", "7")).status_code == 200
        await room.until_settled()
        assert (await words(room), await room.points("east", "duty_report")) == ("还有 1 名成员尚未评分", None)
        (missing,) = await room.get("/v1/marks/2026/missing")
        assert [(each["unit"], each["member"]) for each in missing["missing"]] == [("east", "deputy")]
        assert (await give(room, "deputy", "6.25")).status_code == 200
        await room.until_points("east", "duty_report", "6.63")
        results = await room.get("/v1/members/2026/east", "leader")
        assert [(each["member"], each["points"]) for each in results] == [
            ("deputy", {"duty_report": "6.25"}),
            ("head", {"duty_report": "7.00"}),
        ]
        await room.put("/v1/units/east/members/new", {"name": "new", "from": "2026-06-01"})
        await room.until_points("east", "duty_report", None)


async def test_members_are_marked_by_others_and_their_points_are_for_the_office_and_leaders(room: Room) -> None:
    await room.activate(OF_MEMBERS)
    await room.put("/v1/units/east/members/hua", {"name": "华", "from": "2025-01-01"})
    refused = await give(room, "hua", "7")
    assert (refused.status_code, "回避" in refused.json()["zh"]) == (403, True)
    await room.appoint("wang", "考核组")
    assert (await give(room, "nobody", "7", by="wang")).status_code == 404
    assert (await give(room, "", "7", by="wang")).status_code == 422
    assert (await give(room, "hua", "7", by="wang")).status_code == 200
    for role in ("assessor", "unit", "admin"):
        assert (await room.ask("GET", "/v1/members/2026/east", role, units=["east"])).status_code == 403
    assert [each["key"] for each in await room.get("/v1/units/east/members", "assessor")] == ["hua"]
    body = {"name": "x", "from": "2026-02-01", "until": "2026-01-01"}
    assert (await room.ask("PUT", "/v1/units/east/members/x", "office", json=body)).status_code == 409
