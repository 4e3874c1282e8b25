"""Who marks, what counts, and what happens when two mark at once: on PostgreSQL."""

import asyncio
from typing import Any

import httpx

from tests.integration.scoring.appraisal.rooms import Room
from tests.unit.scoring.appraisal.bureau import DOCUMENT

CONFIRMED = DOCUMENT.replace("rule: {kind: manual}", "rule: {kind: manual}\n    confirm: true\n    self_assessment: true")
EAST = "/v1/marks/2026/east/duty_report"


async def give(room: Room, mark: str, *, by: str = "hua", replaces: object = None, **more: object) -> httpx.Response:
    body = {"mark": mark, "reason": "理由", "replaces": replaces, **more}
    return await room.ask("PUT", EAST, "assessor", subject=by, json=body)


async def standing(room: Room) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = await room.get("/v1/marks/2026", current="true")
    return found


async def test_without_an_appointment_or_a_training_marking_is_refused_with_what_to_do(room: Room) -> None:
    await room.activate()
    refused = await give(room, "6", by="nobody")
    assert (refused.status_code, refused.json()["type"]) == (403, "urn:kaohe:problem:not-allowed")
    assert "考核办" in refused.json()["zh"]
    assert (await room.appoint("nobody", "考核组", trained_on=None)).status_code == 200
    untrained = await give(room, "6", by="nobody")
    assert (untrained.status_code, "trained_on" in untrained.json()["zh"]) == (403, True)
    assert (await room.appoint("nobody", "考核组", own_unit="east")).status_code == 200
    assert "回避" in (await give(room, "6", by="nobody")).json()["zh"]
    assert (await room.appoint("nobody", "考核组", own_unit="west")).status_code == 200
    assert (await give(room, "6", by="nobody")).status_code == 200


async def test_only_the_office_appoints_and_all_unknown_names_are_told(room: Room) -> None:
    early = await room.appoint("wang", "考核组")
    assert (early.status_code, "方案" in early.json()["zh"]) == (409, True)
    await room.activate()
    unknown = await room.appoint("wang", "无此科", indicators=["nothing"])
    assert [error["path"] for error in unknown.json()["errors"]] == ["departments", "indicators"]
    assert (await room.appoint("somebody", "考核组")).status_code == 403
    body = {"name": "王", "departments": ["考核组"]}
    assert (await room.ask("PUT", "/v1/assessors/2026/wang", "admin", json=body)).status_code == 403
    assert (await room.appoint("wang", indicators=["duty_report"])).status_code == 200
    assert [each["subject"] for each in await room.get("/v1/assessors/2026")] == ["hua", "wang"]
    assert (await room.ask("GET", "/v1/assessors/2026/wang", "assessor", subject="wang")).json()["indicators"] == ["duty_report"]
    assert (await room.ask("GET", "/v1/assessors/2026/wang", "assessor", subject="hua")).status_code == 403


async def test_of_two_assessors_at_once_one_marks_and_the_other_gets_a_conflict(room: Room) -> None:
    await room.activate()
    await room.appoint("wang", "考核组")
    for replaces in (None, "standing"):
        seen = (await standing(room))[0]["id"] if replaces else None
        answers = await asyncio.gather(*(give(room, mark, by=by, replaces=seen) for mark, by in (("6", "hua"), ("7", "wang"))))
        assert sorted(answer.status_code for answer in answers) == [200, 409]
        lost = next(answer for answer in answers if answer.status_code == 409).json()
        (held,) = await standing(room)
        assert lost["type"] == "urn:kaohe:problem:conflict"
        assert held["assessor"] in lost["zh"]
        assert held["id"] in lost["zh"]
    assert len([mark for mark in await room.get("/v1/marks/2026") if mark["counts"]]) == 1


async def test_a_correction_names_what_it_corrects_and_a_request_sent_twice_is_one_mark(room: Room) -> None:
    await room.activate()
    first = await give(room, "6")
    assert (await give(room, "6")).json()["id"] == first.json()["id"]
    assert (await give(room, "7")).status_code == 409
    corrected = await give(room, "7", replaces=first.json()["id"])
    assert corrected.status_code == 200
    assert (await give(room, "7", replaces=first.json()["id"])).json()["id"] == corrected.json()["id"]
    assert [mark["state"] for mark in await room.get("/v1/marks/2026")] == ["given", "replaced"]


async def test_a_draft_is_its_authors_own_and_moves_no_score(room: Room) -> None:
    await room.activate()
    assert (await give(room, "6", state="draft")).json()["counts"] is False
    assert (await give(room, "5", state="draft")).status_code == 200
    assert await room.get("/v1/marks/2026") == []
    own = (await room.ask("GET", "/v1/marks/2026", "assessor", subject="hua")).json()
    assert [(mark["mark"], mark["state"]) for mark in own] == [("5", "draft"), ("6", "discarded")]
    assert (await give(room, "7")).json()["counts"] is True
    assert [mark["state"] for mark in await standing(room)] == ["given"]


async def test_a_mark_that_needs_a_second_person_counts_only_after_that(room: Room) -> None:
    async with room.running():
        await room.activate(CONFIRMED)
        await room.appoint("wang", "考核组")
        given = (await give(room, "6", evidence=["evidence-1"])).json()
        await room.until_settled()
        assert (given["counts"], await room.points("east", "duty_report")) == (False, None)
        path = f"/v1/marks/{given['id']}/confirm"
        assert (await room.ask("POST", path, "assessor", subject="hua")).status_code == 403
        assert (await room.ask("POST", path, "assessor", subject="nobody")).status_code == 403
        assert (await room.ask("POST", path, "assessor", subject="wang")).json()["state"] == "confirmed"
        await room.until_points("east", "duty_report", "6.00")
        better = (await give(room, "7", replaces=given["id"])).json()
        await room.until_settled()
        assert await room.points("east", "duty_report") == "6.00"
        back = f"/v1/marks/{better['id']}/return"
        assert (await room.ask("POST", back, "office", json={"reason": " "})).status_code == 422
        assert (await room.ask("POST", back, "office", json={"reason": "请补充"})).json()["decision"] == "请补充"
        again = (await give(room, "6.5", replaces=better["id"])).json()
        assert (await room.ask("POST", f"/v1/marks/{again['id']}/confirm", "office")).status_code == 200
        await room.until_points("east", "duty_report", "6.50")
        trace = (await room.get("/v1/scores/2026/east/duty_report/trace"))["trace"]
        assert trace["sources"]["mark"]["confirmed_by"] == "somebody"


async def test_a_unit_assesses_itself_before_it_is_marked_and_only_itself(room: Room) -> None:
    await room.activate(CONFIRMED)
    path, body = "/v1/self-assessments/2026/east/duty_report", {"mark": "7.5", "reason": "材料齐全"}
    assert (await room.ask("PUT", path, "unit", units=["west"], json=body)).status_code == 403
    assert (await room.ask("PUT", path, "unit", units=["east"], json=body)).status_code == 200
    assert (await room.ask("GET", path, "unit", units=["west"])).status_code == 403
    assert (await room.ask("GET", path, "assessor", subject="nobody")).status_code == 403
    assert (await room.ask("GET", path, "assessor", subject="hua")).json()["mark"] == "7.5"
    assert (await give(room, "6")).status_code == 200
    late = await room.ask("PUT", path, "unit", units=["east"], json=body)
    assert (late.status_code, "截止" in late.json()["zh"]) == (409, True)


async def test_many_marks_are_taken_all_or_none_with_the_index_of_each_fault(room: Room) -> None:
    await room.activate()
    good = [{"unit": unit, "indicator": "duty_report", "mark": "6"} for unit in ("east", "west", "squad")]
    bad = [good[0], {**good[1], "mark": "9"}, {**good[2], "unit": "nowhere"}, good[0]]
    sent = {"subject": "hua"}
    refused = await room.ask("PUT", "/v1/marks/2026", "assessor", **sent, json={"marks": bad})
    assert (refused.status_code, refused.json()["type"]) == (422, "urn:kaohe:problem:entries-refused")
    assert [error["path"] for error in refused.json()["errors"]] == ["marks[1]", "marks[2]", "marks[3]"]
    tried = await room.ask("PUT", "/v1/marks/2026?dry_run=true", "assessor", **sent, json={"marks": good})
    assert (tried.json()["kept"], len(tried.json()["marks"])) == (False, 3)
    assert await room.get("/v1/marks/2026") == []
    done = await room.ask("PUT", "/v1/marks/2026", "assessor", **sent, json={"marks": good})
    assert done.json()["kept"] is True
    assert len(await standing(room)) == 3


async def test_two_lists_in_opposite_order_at_once_end_in_one_conflict_and_no_deadlock(room: Room) -> None:
    await room.activate()
    await room.appoint("wang", "考核组")
    entries = [{"unit": unit, "indicator": "duty_report", "mark": "6"} for unit in ("east", "west", "squad")]
    lists = (("hua", entries), ("wang", entries[::-1]))
    answers = await asyncio.gather(
        *(room.ask("PUT", "/v1/marks/2026", "assessor", subject=by, json={"marks": marks}) for by, marks in lists)
    )
    assert sorted(answer.status_code for answer in answers) == [200, 422]
    assert len({mark["assessor"] for mark in await standing(room)}) == 1


SAMPLED = DOCUMENT.replace("rule: {kind: manual}", "rule: {kind: sampling_mean}")


async def test_every_assessors_samples_count_and_the_office_sees_how_far_they_are_apart(room: Room) -> None:
    async with room.running():
        await room.activate(SAMPLED)
        await room.appoint("wang", "考核组")
        assert (await give(room, "90")).status_code == 422
        answers = await asyncio.gather(
            *(give(room, mark, by=by, sample=label) for mark, by, label in (("90", "hua", "a"), ("80", "hua", "b"), ("70", "wang", "a")))
        )
        assert [answer.status_code for answer in answers] == [200, 200, 200]
        await room.until_points("east", "duty_report", "6.40")
        replaced = await give(room, "85", by="wang", sample="a", replaces=answers[2].json()["id"])
        assert replaced.status_code == 200
        await room.until_points("east", "duty_report", "6.80")
    explained = await room.get("/v1/scores/2026/east/duty_report/trace")
    assert (explained["again"], len(explained["trace"]["sources"]["samples"])) == ("6.80", 3)
    report = {each["subject"]: each for each in await room.get("/v1/assessors/2026/report")}
    assert (report["hua"]["distance"], report["wang"]["distance"], report["wang"]["changed_by_self"]) == ("0.00", "0.00", 1)
    assert (await room.ask("GET", "/v1/assessors/2026/report", "assessor", subject="hua")).status_code == 403


async def test_what_is_missing_is_told_to_the_office_and_to_each_assessor_of_the_own_appointment(room: Room) -> None:
    await room.activate(CONFIRMED)
    await room.appoint("wang", "考核组", own_unit="west")
    await room.appoint("li", "法制科")
    assert (await give(room, "6")).status_code == 200
    (office,) = await room.get("/v1/marks/2026/missing")
    assert office["department"] == "考核组"
    assert {(each["unit"], each["wanted"]) for each in office["missing"]} == {("east", "confirmation"), ("west", "mark"), ("squad", "mark")}
    wang = (await room.ask("GET", "/v1/marks/2026/missing", "assessor", subject="wang")).json()
    assert {each["unit"] for each in wang[0]["missing"]} == {"east", "squad"}
    assert (await room.ask("GET", "/v1/marks/2026/missing", "assessor", subject="li")).json() == []
