from tests.integration.scoring.appraisal.rooms import Room
from tests.unit.scoring.appraisal.bureau import DOCUMENT

SPOILED = DOCUMENT.replace("target: 0.95", "target: -1").replace("part: duty", "part: nothing")


async def test_a_scheme_is_checked_without_being_kept(room: Room) -> None:
    answer = await room.ask("POST", "/v1/schemes/validate", "office", content=DOCUMENT.encode())
    assert (answer.status_code, answer.json()["points"], answer.json()["indicators"]) == (200, "23", 4)
    assert await room.get("/v1/schemes/2026") == []


async def test_a_scheme_with_faults_is_refused_with_all_of_them(room: Room) -> None:
    answer = await room.ask("POST", "/v1/schemes", "office", content=SPOILED.encode())
    assert answer.status_code == 422
    problem = answer.json()
    assert problem["type"] == "urn:kaohe:problem:scheme-refused"
    assert [error["path"] for error in problem["errors"]] == ["indicators[0].rule.target", "indicators[2].part"]
    assert problem["errors"][0]["en"] == "-1 does not fit; allowed: a decimal above 0"


async def test_a_body_that_is_no_text_or_too_long_is_refused(room: Room) -> None:
    for content in (b"\xff\xfe", b"a: " + b"x" * 5_000_000):
        assert (await room.ask("POST", "/v1/schemes/validate", "office", content=content)).status_code == 422


async def test_versions_are_numbered_and_only_one_is_active(room: Room) -> None:
    async with room.running():
        await room.activate()
        await room.until_settled()
    second = await room.ask("POST", "/v1/schemes", "office", content=f'effective: "2026-05"\n{DOCUMENT}'.encode())
    assert second.json()["version"] == 2
    again = await room.ask("POST", "/v1/schemes/2026/1/activate", "office")
    assert (again.status_code, again.json()["type"]) == (409, "urn:kaohe:problem:wrong-state")
    assert [(kept["version"], kept["state"]) for kept in await room.get("/v1/schemes/2026")] == [(1, "active"), (2, "draft")]
    assert (await room.get("/v1/schemes/2026/1"))["text"] == DOCUMENT
    assert (await room.ask("GET", "/v1/schemes/2026/3", "office")).status_code == 404


async def test_the_months_of_a_cycle_are_fixed_once_a_scheme_counts(room: Room) -> None:
    await room.put("/v1/cycles/2026", {"name": "2026", "start": "2025-12", "end": "2026-11"})
    assert (await room.ask("PUT", "/v1/cycles/2027", "office", json={"name": "x", "start": "2027-05", "end": "2027-04"})).status_code == 409
    await room.activate()
    moved = await room.ask("PUT", "/v1/cycles/2026", "office", json={"name": "2026", "start": "2026-01", "end": "2026-12"})
    assert moved.status_code == 409
    await room.put("/v1/cycles/2026", {"name": "二〇二六年度", "start": "2025-12", "end": "2026-11"})


async def test_indicators_are_shown_with_their_definitions_and_lines(room: Room) -> None:
    await room.activate()
    first, *_ = await room.get("/v1/indicators/2026", "unit", units=["east"])
    assert first["definition"] == "到期案件中按期办结的比例"
    assert first["lines"][1] == {"level": "red", "test": "below", "bound": "0.85", "min_n": 10}
    assert first["rule"] == {"kind": "ratio", "target": "0.95"}


async def test_a_unit_needs_a_group_that_is_there(room: Room) -> None:
    answer = await room.ask("PUT", "/v1/units/north", "office", json={"name": "北", "group": "nobody"})
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:kaohe:problem:conflict")


async def test_marks_follow_the_rule_and_nobody_marks_the_own_unit(room: Room) -> None:
    await room.activate()
    assert (await room.mark("east", "4", "")).status_code == 422
    assert (await room.mark("east", "8.5")).status_code == 422
    path, body = "/v1/marks/2026/east/duty_report", {"mark": "7"}
    assert (await room.ask("PUT", path, "assessor", "unit", units=["east"], subject="hua", json=body)).status_code == 403
    assert (await room.ask("PUT", path, "assessor", units=["west"], subject="hua", json=body)).status_code == 403
    counted = await room.ask("PUT", "/v1/marks/2026/east/closed_in_time", "assessor", subject="hua", json={"mark": "7"})
    assert counted.json()["type"] == "urn:kaohe:problem:mark-refused"
    assert (await room.ask("PUT", path, "office", json=body)).status_code == 403


async def test_a_later_mark_counts_instead_and_the_former_is_kept(room: Room) -> None:
    await room.activate()
    assert (await room.mark("east", "7")).status_code == 200
    assert (await room.mark("east", "6")).status_code == 200
    given = await room.get("/v1/marks/2026")
    assert [(mark["mark"], mark["counts"]) for mark in given] == [("6", True), ("7", False)]
    assert [mark["state"] for mark in given] == ["given", "replaced"]
