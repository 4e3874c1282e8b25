"""The settle loop: one owner, nothing lost, nothing said twice."""

import asyncio

import pytest
from sqlalchemy import text

from contracts import scoring
from kit.migrations import check
from kit.testing import eventually
from scoring.appraisal.handlers.settling import settle_what_moved
from tests.integration.scoring.appraisal.rooms import MIGRATIONS, Room, cases
from tests.unit.scoring.appraisal.bureau import DOCUMENT


class PowerCutError(Exception):
    pass


async def settle_and_fail(room: Room) -> None:
    async with room.service.workshop.transaction() as work:
        assert (await settle_what_moved(work)).units == 1
        raise PowerCutError


async def test_of_two_settlers_one_settles_at_a_time(room: Room) -> None:
    first, second = room.service, room.another()
    async with first.workshop.transaction() as work:
        assert (await settle_what_moved(work)).was_owner
        assert not (await second.settler.settle_once()).was_owner
    assert (await second.settler.settle_once()).was_owner


async def test_two_settlers_say_each_change_once(room: Room) -> None:
    other = room.another()
    racing = asyncio.ensure_future(other.settler.run())
    try:
        async with room.running():
            await room.activate()
            for month in (
                "2026-01",
                "2026-02",
                "2026-03",
                "2026-04",
                "2026-05",
            ):  # all late: crossed once, however few are settled at a time
                await room.send(*cases("east", in_time=0, late=10, month=month))
            await room.send(*cases("west", in_time=20, late=0))
            await room.until_points("east", "closed_in_time", "0.00")
            await room.until_points("west", "closed_in_time", "10.00")
            await room.until_settled()

            async def all_told() -> bool:
                fell = [line["unit"] for line in await room.heard(scoring.LineCrossedV1)]
                return fell == ["east"]

            await eventually(all_told)
    finally:
        racing.cancel()
        await asyncio.gather(racing, return_exceptions=True)


async def test_a_pass_that_fails_loses_no_mark(room: Room) -> None:
    async with room.running():
        await room.activate()
        await room.until_settled()
    assert (await room.mark("east", "7")).status_code == 200
    with pytest.raises(PowerCutError):
        await settle_and_fail(room)
    assert await room.points("east", "duty_report") is None
    assert (await room.service.settler.settle_once()).units == 1
    assert await room.points("east", "duty_report") == "7.00"


async def test_settling_again_changes_nothing(room: Room) -> None:
    async with room.running():
        await room.activate()
        await room.send(*cases("east", in_time=9, late=1))
        await room.until_points("east", "closed_in_time", "9.47")
        await room.until_settled()
    async with room.service.database.transaction() as session:
        await session.execute(text("insert into appraisal.unsettled (cycle, version, unit) values ('2026', 1, 'east')"))
    done = await room.service.settler.settle_once()
    assert (done.units, done.scores, done.news) == (1, 0, 0)


async def test_nothing_is_settled_while_totals_are_counted(room: Room) -> None:
    await room.activate()
    found = await room.get("/v1/settlement")
    assert found["counting"]
    assert [(count["scheme"], count["records"]) for count in found["counts"]] == [("2026/1", 0)]
    assert (await room.service.settler.settle_once()).units == 0
    assert (await room.get("/v1/standings/2026"))["groups"] == []
    async with room.running():
        await room.until_settled()
    assert (await room.get("/v1/standings/2026"))["groups"]
    assert (await room.get("/v1/settlement"))["counts"] == []


async def test_a_unit_is_told_to_other_services_when_it_changes_and_not_when_it_does_not(room: Room) -> None:
    async with room.running():
        await room.put("/v1/units/east", {"name": "砚东分局", "group": "branch"})
        await room.put("/v1/units/east", {"name": "砚东执法分局", "group": "branch"})

        async def told() -> bool:
            names = [unit["name"] for unit in await room.heard(scoring.UnitRegisteredV1) if unit["unit"] == "east"]
            return names == ["砚东分局", "砚东执法分局"]

        await eventually(told)


async def test_a_unit_that_comes_late_or_changes_its_group_is_settled_by_what_judges_it_now(room: Room) -> None:
    text = DOCUMENT.replace("    rule: {kind: manual}", "    groups: [brigade]\n    rule: {kind: manual}")
    async with room.running():
        await room.activate(text)
        await room.until_settled()
        await room.put("/v1/units/late", {"name": "后设大队", "group": "brigade"})
        await room.until_points("late", "corrected", "5.00")
        assert (await room.get("/v1/scores/2026/late"))["standing"]["awaiting"] == ["duty_report"]
        await room.put("/v1/units/late", {"name": "后设大队", "group": "branch"})
        await room.until_settled()
        found = await room.get("/v1/scores/2026/late")
    assert found["standing"]["awaiting"] == []
    assert [score["indicator"] for score in found["scores"]] == ["closed_in_time", "corrected", "overdue"]


async def test_the_migrations_make_the_tables_of_the_code(room: Room) -> None:
    await asyncio.to_thread(check, MIGRATIONS, room.settings.database_url.get_secret_value())
