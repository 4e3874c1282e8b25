"""A scheme that is revised in mid-cycle, with the feed going on."""

import asyncio

from sqlalchemy import text

from contracts import scoring
from kit.testing import eventually
from tests.integration.scoring.appraisal.rooms import Room, cases, observed
from tests.unit.scoring.appraisal.bureau import DOCUMENT

REVISION = 'effective: "2026-04"\n' + DOCUMENT.replace("target: 0.95", "target: 0.9")


async def revise(room: Room, document: str = REVISION) -> int:
    """Kept and activated; the version's number."""
    added = await room.ask("POST", "/v1/schemes", "office", content=document.encode())
    assert added.status_code == 201, added.text
    version: int = added.json()["version"]
    refused = await room.ask("POST", f"/v1/schemes/2026/{version}/activate", "office")
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:kaohe:problem:conflict")
    tried = await room.ask("POST", f"/v1/schemes/2026/{version}/trial", "leader")
    assert tried.status_code == 200, tried.text
    activated = await room.ask("POST", f"/v1/schemes/2026/{version}/activate", "office")
    assert (activated.status_code, activated.json()["state"]) == (200, "coming"), activated.text
    return version


async def states(room: Room) -> list[str]:
    return [kept["state"] for kept in await room.get("/v1/schemes/2026")]


async def until_taken_over(room: Room, version: int) -> None:
    async def active() -> bool:
        return (await states(room))[version - 1] == "active"

    await eventually(active, within=30)
    await room.until_settled()


async def test_months_before_a_revision_stay_under_the_old_version_also_when_a_late_fact_corrects_them(room: Room) -> None:
    async with room.running():
        await room.activate()
        await room.send(*cases("east", in_time=6, late=4, month="2026-02"), *cases("east", in_time=9, late=1, month="2026-05"))
        await room.until_points("east", "closed_in_time", "7.89")  # 15 of 20, of 0.95
        await room.mark("east", "7")
        feeding = asyncio.ensure_future(room.send(*cases("west", in_time=40, late=10, month="2026-03")))
        await until_taken_over(room, await revise(room))
        await feeding
        await room.until_points("east", "closed_in_time", "8.16")  # (6/10/0.95 x 3 + 9/10/0.9 x 3) / 6 of 10 points
        await room.until_points("west", "closed_in_time", "8.42")  # all its months under the first version
        assert await states(room) == ["superseded", "active"]
        assert await room.points("east", "duty_report") == "7.00"
        corrected = observed(
            "east-2026-02-6",
            "east",
            ident="late-news",
            at="2026-06-10T08:00:00Z",
            status="closed",
            due_on="2026-02-20",
            closed_on="2026-02-20",
        )
        await room.send(corrected)
        await room.until_points("east", "closed_in_time", "8.68")  # 7 of 10 under the first version now
        history = await room.get("/v1/scores/2026/east/closed_in_time/history")
    changes = [(row["version"], row["was"], row["points"]) for row in history]
    assert (changes[-2:], changes[-3][0]) == ([(2, "7.89", "8.16"), (2, "8.16", "8.68")], 1)


async def test_a_revision_tells_only_what_it_changes(room: Room) -> None:
    async with room.running():
        await room.activate()
        await room.send(*cases("east", in_time=8, late=2, month="2026-02"), *cases("east", in_time=16, late=4, month="2026-05"))
        await room.until_points("east", "closed_in_time", "8.42")
        await room.until_settled()
        await until_taken_over(room, await revise(room))

        async def told() -> bool:
            changes = [
                one for one in await room.heard(scoring.ScoreChangedV1) if one["unit"] == "east" and one["indicator"] == "closed_in_time"
            ]
            return [(one["was"], one["points"]) for one in changes][-1:] == [("8.42", "8.65")]

        await eventually(told)
        fell = [(line["unit"], line["direction"]) for line in await room.heard(scoring.LineCrossedV1)]
        corrected = [one for one in await room.heard(scoring.ScoreChangedV1) if one["unit"] == "west" and one["indicator"] == "corrected"]
    assert fell.count(("east", "fell")) == 1
    assert len(corrected) == 1
    assert [line["level"] for line in await room.get("/v1/lines/2026", unit="east")] == ["yellow", "red"]


async def test_a_revision_that_restates_counts_for_the_whole_cycle(room: Room) -> None:
    async with room.running():
        await room.activate()
        await room.send(*cases("east", in_time=9, late=1, month="2026-02"))
        await room.until_points("east", "closed_in_time", "9.47")
        restating = DOCUMENT.replace("target: 0.95", "target: 1").replace("cycle:", "restate: true\ncycle:", 1)
        await until_taken_over(room, await revise(room, restating))
        await room.until_points("east", "closed_in_time", "9.00")


async def test_a_revision_is_refused_with_the_place_of_each_fault_and_what_is_allowed(room: Room) -> None:
    async with room.running():
        await room.activate()
        await room.until_settled()
    spoiled = DOCUMENT.replace("target: 0.95", "target: -1").replace(
        "rule: {kind: per_event_deduct, each: 0.5, floor: null}", "rule: {kind: manual}"
    )
    answer = await room.ask("POST", "/v1/schemes", "office", content=spoiled.encode())
    assert answer.status_code == 422
    told = {error["path"]: error["en"] for error in answer.json()["errors"]}
    assert (
        told["effective"]
        == "it begins with 2026-01, the version before it with 2026-01; allowed: effective after 2026-01, or restate: true"
    )
    assert {"indicators[0].rule.target", "indicators[3].rule"} <= set(told)
    beyond = await room.ask("POST", "/v1/schemes/validate", "office", content=f'effective: "2027-01"\n{DOCUMENT}'.encode())
    assert [error["path"] for error in beyond.json()["errors"]] == ["effective"]


async def test_a_version_that_is_kept_is_never_edited(room: Room) -> None:
    await room.activate()
    for method in ("PUT", "PATCH", "DELETE"):
        assert (await room.ask(method, "/v1/schemes/2026/1", "office", content=REVISION.encode())).status_code == 405
    assert (await room.get("/v1/schemes/2026/1"))["text"] == DOCUMENT


async def test_a_revision_that_is_still_coming_can_be_withdrawn_and_the_office_alone_does_it(room: Room) -> None:
    async with room.running():
        await room.activate()
        await room.until_settled()
        version = await revise(room, REVISION.replace("2026-04", "2026-08"))
        await room.until_settled()
        assert await states(room) == ["active", "coming"]
        path = f"/v1/schemes/2026/{version}/withdraw"
        assert (await room.ask("POST", path, "leader")).status_code == 403
        assert (await room.ask("POST", path, "office")).json()["state"] == "draft"
        assert (await room.ask("POST", path, "office")).json()["type"] == "urn:kaohe:problem:wrong-state"


async def test_a_trial_shows_what_a_revision_then_does_and_touches_nothing(room: Room) -> None:
    async with room.running():
        await room.activate()
        await room.send(*cases("east", in_time=6, late=4, month="2026-02"), *cases("east", in_time=9, late=1, month="2026-05"))
        await room.until_points("east", "closed_in_time", "7.89")
        await room.mark("east", "7")
        await room.until_settled()
        await room.ask("POST", "/v1/schemes", "office", content=REVISION.encode())
        for role in ("admin", "assessor", "unit"):
            assert (await room.ask("POST", "/v1/schemes/2026/2/trial", role, units=["east"])).status_code == 403
        before = await room.get("/v1/standings/2026")
        measures = await counted_measures(room)
        trial = (await room.ask("POST", "/v1/schemes/2026/2/trial", "office")).json()
        assert (await room.get("/v1/standings/2026"), await counted_measures(room)) == (before, measures)
        east = next(unit for unit in trial["groups"][0]["units"] if unit["unit"] == "east")
        score = next(one for one in east["scores"] if one["indicator"] == "closed_in_time")
        assert (trial["since"], trial["through"], trial["records"]) == ("2026-04", "2026-06", 20)
        assert (score["now"], score["then"], score["changes"]) == ("7.89", "8.16", True)
        activated = await room.ask("POST", "/v1/schemes/2026/2/activate", "office")
        assert activated.status_code == 200, activated.text
        await until_taken_over(room, 2)
        after = await room.get("/v1/standings/2026")
    totals = {unit["unit"]: unit["total"] for group in after["groups"] for unit in group["units"]}
    told = {unit["unit"]: unit["then"]["total"] for group in trial["groups"] for unit in group["units"]}
    assert totals == told


async def counted_measures(room: Room) -> list[str]:
    async with room.service.database.transaction() as session:
        rows = await session.execute(text("select scheme || '/' || key as name from ledger.measures order by 1"))
        return [row.name for row in rows]
