"""A due date that was moved and a case that was handed over, up to the points and down to the records."""

from tests.integration.scoring.appraisal.rooms import Room, cases, observed
from tests.unit.scoring.appraisal.bureau import CASE, DOCUMENT

KEPT = {"type": "date", "history": True}
FAIR = DOCUMENT.replace(
    '    at: due_on\n    where: [[status, "=", closed], [closed_on, "<=", {attribute: due_on}]]\n  due: {kind: case, at: due_on}\n',
    "    at: {attribute: due_on, take: first}\n"
    "    unit_on: {attribute: due_on, take: first}\n"
    '    where: [[status, "=", closed], [closed_on, "<=", {attribute: due_on, take: first}]]\n'
    "  due: {kind: case, at: {attribute: due_on, take: first}, unit_on: {attribute: due_on, take: first}}\n",
)


async def keep_histories(room: Room) -> None:
    attributes = {name: of.value for name, of in CASE.attributes.items()} | {"due_on": KEPT}
    await room.put("/v1/kinds/case", {"name": "案件", "attributes": attributes})


async def test_a_late_case_stays_late_and_with_its_unit_though_it_was_prolonged_and_handed_over(room: Room) -> None:
    assert FAIR != DOCUMENT
    await keep_histories(room)
    async with room.running():
        await room.activate(FAIR)
        facts = [fact | {"time": f"2026-05-{2 + number:02}T08:00:00Z"} for number, fact in enumerate(cases("east", in_time=9, late=1))]
        prolonged = observed("east-2026-05-9", "east", ident="prolonged", at="2026-05-21T08:00:00Z", due_on="2026-07-31")
        handed_over = observed("east-2026-05-9", "west", ident="handed-over", at="2026-05-23T08:00:00Z")
        await room.send(handed_over, *facts, prolonged)
        await room.until_points("east", "closed_in_time", "9.47")
        assert await room.points("west", "closed_in_time") is None
        behind = await room.get("/v1/measures/2026/east/due/records", "unit", units=["east"], limit=100)
        assert "east-2026-05-9" in {record["subject"] for record in behind["records"]}
        assert (await room.get("/v1/measures/2026/west/due/records", limit=100))["records"] == []
        assert len(behind["records"]) == 10
