import asyncio
from datetime import date, timedelta

import pytest

from feedback import timers
from tests.integration.feedback.rooms import MONDAY, Room

LADDER = ["before_due", "due_today", "overdue_notice", "criticism", "interview"]


async def test_two_schedulers_and_a_restart_tell_each_stage_exactly_once(room: Room) -> None:
    items = [await room.signed(cause=f"cause-{n}") for n in range(8)]
    day, last, services = MONDAY, date(2026, 3, 31), (room.service, room.another())
    while day < last:
        async with room.running(*services, only=["timers"]):
            while day < last:
                day += timedelta(days=1)
                room.day(day)
                await room.timers_through(day)
                if day.weekday() == 4:
                    break  # a restart every Friday: everything that the schedulers knew is gone
    said = await room.said("feedback.stage_reached.v1")
    told = {item["id"]: [each["stage"] for each in said if each["item"] == item["id"]] for item in items}
    assert all(stages == LADDER for stages in told.values()), told


async def test_many_ticks_at_the_same_moment_tell_a_stage_once(room: Room) -> None:
    await room.signed()
    room.day(date(2026, 3, 9))
    await asyncio.gather(*(service.timers().tick() for service in (room.service, room.another(), room.another())))
    assert [said["stage"] for said in await room.said("feedback.stage_reached.v1")] == ["due_today"]


async def test_a_day_that_the_clock_comes_back_to_is_looked_at_again(room: Room) -> None:
    await room.signed(due_on="2026-03-06")
    for day in (date(2026, 3, 5), date(2026, 3, 7)):  # a Saturday, on which nothing holds
        room.day(day)
        await room.worked()
    room.day(date(2026, 3, 6))
    assert (await room.done("GET", "/v1/timers", "office"))["through"] == "2026-03-05"
    await room.worked()
    room.day(date(2026, 3, 5))
    await room.worked()
    assert (await room.done("GET", "/v1/timers", "office"))["through"] == "2026-03-05"
    assert [told["stage"] for told in await room.said("feedback.stage_reached.v1")] == ["before_due", "due_today"]


async def test_after_downtime_only_the_stage_that_holds_is_told_and_the_others_are_recorded_as_skipped(room: Room) -> None:
    item = await room.signed()
    room.day(date(2026, 3, 18))
    await room.worked()
    stages = (await room.done("GET", f"/v1/items/{item['id']}", "office"))["stages"]
    assert [(line["stage"], line["skipped"]) for line in stages if not line["skipped"]] == [("criticism", False)]
    assert {line["stage"] for line in stages if line["skipped"]} == {"before_due", "due_today", "overdue_notice"}


async def test_a_notice_that_nobody_signs_is_deemed_signed_and_its_ladder_runs(room: Room) -> None:
    item = await room.problem()
    room.day(date(2026, 3, 5))
    await room.worked()
    shown = (await room.done("GET", f"/v1/items/{item['id']}", "office"))["item"]
    assert (shown["state"], shown["deemed"], shown["signed_on"], shown["due_on"]) == ("signed", True, "2026-03-05", "2026-03-12")
    assert [said["deemed"] for said in await room.said("feedback.notice_signed.v1")] == [True]


async def test_the_ladder_stops_while_submitted_goes_on_after_a_return_and_starts_again_with_a_new_date(room: Room) -> None:
    item = await room.signed()
    room.day(date(2026, 3, 9))
    await room.worked()
    await room.done("POST", f"/v1/items/{item['id']}/start", "unit")
    await room.done("POST", f"/v1/items/{item['id']}/submit", "unit")
    room.day(date(2026, 3, 10))
    await room.worked()
    back = await room.done("POST", f"/v1/items/{item['id']}/return", "assessor", {"missing": "排班表"})
    assert back["due_on"] == "2026-03-17"
    room.day(date(2026, 3, 17))
    await room.worked()
    said = await room.said("feedback.stage_reached.v1")
    assert [(each["due_on"], each["stage"]) for each in said] == [("2026-03-09", "due_today"), ("2026-03-17", "due_today")]


async def test_criticism_proposes_one_deduction_that_the_office_confirms(room: Room) -> None:
    item = await room.signed()
    for day in (date(2026, 3, 17), date(2026, 3, 24)):
        room.day(day)
        await room.worked()
    listed = (await room.done("GET", "/v1/deductions?decision=proposed", "office"))["deductions"]
    assert [(each["item"], each["level"]) for each in listed] == [(item["id"], "overdue")]
    confirmed = await room.done("POST", f"/v1/deductions/{listed[0]['id']}/confirm", "office")
    assert confirmed["decision"] == "confirmed"
    assert (await room.call("POST", f"/v1/deductions/{listed[0]['id']}/refuse", "office")).status_code == 409
    assert [said["matter"] for said in await room.said("feedback.deduction_confirmed.v1")] == [item["id"]]
    again = await room.done("POST", f"/v1/items/{item['id']}/deductions", "assessor", {"level": "overdue", "reason": "再次"})
    assert again["deductions"] == []


async def test_a_statement_that_was_accepted_stops_criticism_and_deduction(room: Room) -> None:
    item = await room.signed()
    await room.done("POST", f"/v1/items/{item['id']}/statement", "office", {"reason": "台风"})
    room.day(date(2026, 3, 18))
    await room.worked()
    assert await room.said("feedback.stage_reached.v1") == []
    assert (await room.done("GET", "/v1/deductions", "office"))["deductions"] == []


async def test_a_missing_year_blocks_the_item_alone_until_it_is_entered(room: Room) -> None:
    room.day(date(2026, 12, 30))
    item = await room.problem()
    room.day(date(2027, 1, 4))
    await room.worked()
    shown = await room.done("GET", "/v1/timers", "office")
    assert (shown["through"], list(shown["blocked"])) == ("2027-01-04", [item["id"]])
    await room.done("PUT", "/v1/calendar/2027", "admin", {"holidays": ["2027-01-01"]})
    await room.worked()
    assert (await room.done("GET", "/v1/timers", "office"))["blocked"] == {}
    assert (await room.done("GET", f"/v1/items/{item['id']}", "office"))["item"]["state"] == "signed"


async def test_a_changed_item_and_a_new_day_are_looked_at_at_once(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not when the timers look next: here that would be in an hour."""
    monkeypatch.setattr(timers, "POLL", 3600)
    async with room.running(only=["timers"]):
        await room.timers_through(MONDAY)
        await room.signed()
        await room.timers_through(MONDAY)
        for day in (date(2026, 3, 9), date(2026, 3, 10)):
            room.day(day)
            await room.timers_through(day)
    assert [said["stage"] for said in await room.said("feedback.stage_reached.v1")] == ["due_today", "overdue_notice"]
