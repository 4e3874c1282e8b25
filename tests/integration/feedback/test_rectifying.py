import asyncio
from datetime import date, timedelta

from kit import migrations
from tests.integration.feedback.rooms import MIGRATIONS, MONDAY, Room


async def test_a_problem_is_noticed_signed_submitted_returned_verified_and_closed(room: Room) -> None:
    item = await room.signed()
    path = f"/v1/items/{item['id']}"
    assert (item["state"], item["label"], item["due_on"]) == ("signed", "考整〔2026〕1号", "2026-03-09")
    await room.done("POST", f"{path}/start", "unit")
    await room.done("POST", f"{path}/submit", "unit", {"report": "已安排夜班"})
    back = await room.done("POST", f"{path}/return", "assessor", {"missing": "缺排班表"})
    assert (back["state"], back["returns"]) == ("returned", 1)
    await room.done("POST", f"{path}/start", "unit")
    await room.done("POST", f"{path}/submit", "unit")
    refused = await room.call("POST", f"{path}/verify", "assessor")
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:kaohe:problem:not-allowed")
    await room.proved(item["id"])
    await room.done("POST", f"{path}/verify", "assessor")
    assert (await room.done("POST", f"{path}/close", "office"))["ended_on"] == str(MONDAY)
    story = await room.done("GET", path, "unit")
    assert [line["note"] for line in story["history"] if line["note"]] == ["夜间无人签收", "已安排夜班", "缺排班表"]
    assert [said["first_time"] for said in await room.said("feedback.verified.v1")] == [False]


async def test_a_unit_sees_and_moves_its_own_items_only(room: Room) -> None:
    item = await room.problem()
    other = await room.call("POST", f"/v1/items/{item['id']}/sign", "unit", units=["qingtang"])
    unseen = await room.call("GET", f"/v1/items/{item['id']}", "unit", units=["qingtang"])
    listed = await room.call("GET", "/v1/items", "unit", units=["qingtang"])
    assert (other.status_code, unseen.status_code, listed.json()["items"]) == (404, 404, [])
    assert [each["id"] for each in (await room.done("GET", "/v1/items?open=true", "unit"))["items"]] == [item["id"]]


async def test_the_same_matter_gets_one_finding_more_and_no_second_notice(room: Room) -> None:
    first, second = await room.problem(severity="minor"), await room.problem(finding="又发现两件", severity="major")
    assert second["id"] == first["id"]
    assert second["severity"] == "major"
    assert len(await room.said("feedback.notice_issued.v1")) == 1
    assert len((await room.done("GET", f"/v1/items/{first['id']}", "office"))["findings"]) == 2


async def test_findings_of_one_matter_at_the_same_moment_make_one_item(room: Room) -> None:
    found = await asyncio.gather(*(room.problem() for _ in range(8)))
    assert len({each["id"] for each in found}) == 1


async def test_a_closed_matter_that_is_found_again_is_a_new_item(room: Room) -> None:
    first = await room.problem()
    await room.done("POST", f"/v1/items/{first['id']}/cancellation", "office", {"reason": "重复立项"})
    await room.done("POST", f"/v1/items/{first['id']}/cancellation/approval", "leader")
    assert (await room.problem())["id"] != first["id"]


async def test_notice_numbers_have_no_gaps_under_concurrent_notices_and_failures(room: Room) -> None:
    held = [await room.problem(cause=f"cause-{n}", held=True) for n in range(12)]
    stale = await room.problem(cause="stale", held=True, due_on=str(MONDAY + timedelta(days=1)))
    assert {each["state"] for each in held} == {"open"}
    room.day(MONDAY + timedelta(days=2))
    paths = [f"/v1/items/{each['id']}/notice" for each in [*held[:6], stale, *held[6:], *held]]
    answers = await asyncio.gather(*(room.call("POST", path, "office") for path in paths))
    assert sorted(answer.json()["number"] for answer in answers if answer.is_success) == list(range(1, 13))
    assert (await room.problem(cause="one more"))["number"] == 13
    assert (await room.problem(cause="other cycle", cycle="2027"))["number"] == 1


async def test_an_extension_is_asked_for_by_the_unit_and_granted_by_the_office(room: Room) -> None:
    item = await room.signed()
    path = f"/v1/items/{item['id']}/extensions"
    await room.done("POST", path, "unit", {"until": "2026-03-20", "reason": "设备未到"})
    granted = await room.done("POST", f"{path}/decision", "office", {"granted": True})
    assert granted["due_on"] == "2026-03-20"


async def test_an_illegal_move_says_who_could_make_it_in_both_languages(room: Room) -> None:
    item = await room.problem()
    answer = await room.call("POST", f"/v1/items/{item['id']}/close", "office")
    assert answer.status_code == 409
    assert "close is made by office when it is verified" in answer.json()["en"]
    assert "须在已验收时由考核办办理" in answer.json()["zh"]


async def test_a_year_that_is_missing_is_an_error_until_an_admin_enters_it(room: Room) -> None:
    room.day(date(2026, 12, 30))
    item = await room.problem()
    refused = await room.call("POST", f"/v1/items/{item['id']}/sign", "unit")
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:kaohe:problem:calendar-not-covered")
    assert (await room.call("GET", "/v1/calendar/2027", "unit")).status_code == 409
    wrong = await room.call("PUT", "/v1/calendar/2027", "admin", {"holidays": ["2026-01-01"]})
    assert wrong.status_code == 422
    await room.done("PUT", "/v1/calendar/2027", "admin", {"holidays": ["2027-01-01"], "workdays": ["2027-01-03"]})
    assert (await room.done("POST", f"/v1/items/{item['id']}/sign", "unit"))["due_on"] == "2027-01-06"
    assert (await room.done("GET", "/v1/calendar/2027", "unit"))["workdays"] == ["2027-01-03"]


async def test_the_tables_of_the_code_are_those_of_the_migrations(room: Room) -> None:
    await asyncio.to_thread(migrations.check, MIGRATIONS, room.settings.database_url.get_secret_value())


async def test_items_are_counted_for_the_metrics(room: Room) -> None:
    await room.signed()
    await room.service.timers()._count()
    page = (await room.client.get("/metrics")).text
    assert 'rectifications{state="signed"} 1.0' in page
    assert 'overdue_items{stage="criticism"} 0.0' in page
