"""Rules that compare units: the whole group is settled when one of its units moves, and only then."""

from datetime import datetime

from sqlalchemy import select

from scoring.appraisal.store.tables import scores
from tests.integration.scoring.appraisal.rooms import Room, cases
from tests.unit.scoring.appraisal.bureau import COMPARING


async def settled_at(room: Room) -> dict[tuple[str, str], datetime]:
    async with room.service.database.transaction() as session:
        rows = await session.execute(select(scores.c.unit, scores.c.indicator, scores.c.settled_at))
        return {(row.unit, row.indicator): row.settled_at for row in rows}


async def two_branches(room: Room) -> None:
    await room.activate(COMPARING)
    await room.send(*cases("east", in_time=9, late=1), *cases("west", in_time=8, late=2), *cases("squad", in_time=1, late=1))
    await room.until_points("east", "placed", "10.00")
    await room.until_points("west", "placed", "8.00")
    await room.until_settled()


async def test_a_unit_that_overtakes_another_takes_its_place_and_nobody_else_is_touched(room: Room) -> None:
    async with room.running():
        await two_branches(room)
        assert await room.points("squad", "placed") is None
        before = await settled_at(room)
        room.clock.move(hours=1)
        await room.send(*cases("west", in_time=20, late=0, month="2026-04"))
        await room.until_points("east", "placed", "8.00")
        await room.until_points("west", "placed", "10.00")
        await room.until_settled()
    after = await settled_at(room)
    changed = {key for key, held in after.items() if before[key] != held}
    assert changed == {("west", "closed_in_time"), ("west", "placed"), ("east", "placed")}


async def test_the_trace_of_a_place_holds_the_figures_of_the_group_and_comes_out_again(room: Room) -> None:
    async with room.running():
        await two_branches(room)
    found = await room.get("/v1/scores/2026/west/placed/trace", "leader")
    group = {"east": {"a": "9", "b": "10"}, "west": {"a": "8", "b": "10"}}
    assert found["trace"]["inputs"] == {"group": group, "unit": "west"}
    assert found["again"] == "8.00"
    assert found["words"]["en"] == "8 = 8.00, place 2 of 2"
    behind = await room.get(found["inputs"][0]["records"], "leader")
    assert len(behind["records"]) == 8
    refused = await room.ask("GET", "/v1/scores/2026/west/placed/trace", "unit", units=["west"])
    assert refused.status_code == 403
    figures = (await room.ask("GET", "/v1/measures/2026/west", "unit", units=["west"])).text
    assert "place" not in figures.replace("placed", "")
    assert "east" not in figures


async def test_a_unit_that_changes_its_group_changes_the_places_of_both(room: Room) -> None:
    async with room.running():
        await two_branches(room)
        await room.put("/v1/units/west", {"name": "砚西分局", "group": "brigade"})
        await room.until_points("west", "placed", "10.00")
        await room.until_points("squad", "placed", "8.00")
        await room.until_points("east", "placed", None)
        await room.until_settled()
        await room.put("/v1/units/west", {"name": "砚西分局", "group": "branch"})
        await room.until_points("east", "placed", "10.00")
        await room.until_points("west", "placed", "8.00")
        await room.until_points("squad", "placed", None)


async def test_equal_shares_share_their_places_however_they_are_made_up(room: Room) -> None:
    async with room.running():
        await two_branches(room)
        await room.send(*cases("west", in_time=10, late=0, month="2026-04"))
        await room.until_points("east", "placed", "9.00")
        await room.until_points("west", "placed", "9.00")
