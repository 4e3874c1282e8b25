"""Statements on real servers: filed by the unit, accepted, approved by another person, visible in the trace, true to corrections."""

import asyncio
from collections.abc import Mapping

import httpx

from kit.auth import Role
from tests.integration.scoring.appraisal.rooms import Room, cases, observed

LATE = "east-2026-05-9"  # the tenth case: closed after it was due


def about(subject: str = LATE) -> dict[str, object]:
    return {"records": [{"source": "case-system", "subject": subject}], "indicator": "closed_in_time", "reason": "当事人住院"}


async def nine_of_ten(room: Room) -> None:
    await room.activate()
    await room.send(*cases("east", in_time=9, late=1), *cases("west", in_time=8, late=2))
    await room.until_points("east", "closed_in_time", "9.47")
    await room.until_points("west", "closed_in_time", "8.42")


async def file(room: Room, body: Mapping[str, object], unit: str = "east") -> httpx.Response:
    return await room.ask("POST", f"/v1/statements/2026/{unit}", "unit", units=["east"], subject="liu", json=body)


async def step(room: Room, filed: httpx.Response, move: str, role: Role, who: str) -> httpx.Response:
    body = {"reason": "符合容错情形"}
    return await room.ask("POST", f"/v1/statements/{filed.json()['id']}/steps/{move}", role, subject=who, json=body)


async def approved(room: Room, body: Mapping[str, object]) -> httpx.Response:
    filed = await file(room, body)
    assert filed.status_code == 201, filed.text
    assert (await step(room, filed, "accept", "office", "wang")).status_code == 200
    done = await step(room, filed, "approve", "leader", "zhao")
    assert done.json()["state"] == "approved"
    return done


async def test_an_approved_statement_excludes_its_record_and_the_totals_stay(room: Room) -> None:
    async with room.running():
        await nine_of_ten(room)
        done = await approved(room, about())
        await room.until_points("east", "closed_in_time", "10.00")
        found = await room.get("/v1/scores/2026/east/closed_in_time/trace")
        live = (await room.get("/v1/measures/2026/east"))[0]["measures"]
    assert (found["trace"]["inputs"], found["again"]) == ({"a": "9", "b": "9"}, "10.00")
    (excluded,) = found["trace"]["excluded"]
    assert (excluded["subject"], excluded["measure"], excluded["month"], excluded["n"], excluded["statement"]) == (
        LATE,
        "due",
        "2026-05",
        "1",
        done.json()["id"],
    )
    assert {one["key"]: one["total"] for one in live} == {"closed_in_time": "9", "due": "10"}


async def test_a_record_that_is_corrected_later_is_excluded_with_what_it_adds_then(room: Room) -> None:
    async with room.running():
        await nine_of_ten(room)
        await approved(room, about())
        await room.until_points("east", "closed_in_time", "10.00")
        again = observed(LATE, "east", ident="in-time", at="2026-06-14T08:00:00Z", closed_on="2026-05-19")
        more = cases("east", in_time=0, late=1, month="2026-04")
        await room.send(again, *more)
        await room.until_points("east", "closed_in_time", "9.47")  # 9 of 10: nine others and one late of April
        trace = (await room.get("/v1/scores/2026/east/closed_in_time/trace"))["trace"]
        assert sorted(one["measure"] for one in trace["excluded"]) == ["closed_in_time", "due"]
        await room.send(observed(LATE, "west", ident="moved", at="2026-06-14T09:00:00Z"))
        await room.until_points("west", "closed_in_time", "8.61")  # 9 of 11: nothing is left out of another unit
        await room.until_settled()
        trace = (await room.get("/v1/scores/2026/east/closed_in_time/trace"))["trace"]
    assert "excluded" not in trace
    assert trace["inputs"] == {"a": "9", "b": "10"}


async def test_one_person_takes_one_step_and_each_role_its_own(room: Room) -> None:
    async with room.running():
        await nine_of_ten(room)
        filed = await file(room, about())
        assert (await step(room, filed, "approve", "leader", "zhao")).status_code == 409
        assert (await step(room, filed, "accept", "leader", "zhao")).status_code == 403
        assert (await step(room, filed, "accept", "office", "wang")).status_code == 200
        assert (await step(room, filed, "approve", "leader", "wang")).status_code == 403
        assert (await step(room, filed, "refuse", "leader", "zhao")).json()["state"] == "refused"
        await room.until_settled()
        assert await room.points("east", "closed_in_time") == "9.47"


async def test_of_two_who_accept_at_once_one_is_refused(room: Room) -> None:
    async with room.running():
        await nine_of_ten(room)
        filed = await file(room, about())
        both = await asyncio.gather(*(step(room, filed, "accept", "office", who) for who in ("wang", "qian")))
    assert sorted(answer.status_code for answer in both) == [200, 409]
    assert [len(answer.json()["steps"]) for answer in both if answer.status_code == 200] == [1]


async def test_a_unit_names_its_own_records_only_and_sees_its_own_statements_only(room: Room) -> None:
    async with room.running():
        await nine_of_ten(room)
        assert (await file(room, about(), unit="west")).status_code == 403
        theirs, nobodys = await file(room, about("west-2026-05-0")), await file(room, about("no-case"))
        assert {theirs.status_code, nobodys.status_code} == {404}
        told = [answer.json()["detail"].replace(subject, "") for answer, subject in ((theirs, "west-2026-05-0"), (nobodys, "no-case"))]
        assert told[0] == told[1]
        assert (await file(room, about())).status_code == 201
        for unit, seen in (("east", 1), ("west", 0)):
            assert len(await room.get("/v1/statements/2026", "unit", units=[unit])) == seen
        refused = await room.ask("GET", "/v1/statements/2026?unit=east", "unit", units=["west"])
        assert refused.status_code == 403
        both = await file(room, {**about(), "measures": ["due"]})
        assert both.status_code == 422
