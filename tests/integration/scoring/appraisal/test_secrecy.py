"""Nothing leaks before its time (domain.md §1.4): no score, rank or total to anybody but the office and leaders."""

from collections.abc import AsyncIterator

import pytest

from kit.auth import Role
from kit.testing import Servers
from tests.integration.scoring.appraisal.rooms import Room, a_room, cases

OF_WEST = {"cycle": "2026", "unit": "west", "indicator": "closed_in_time", "measure": "due", "version": "1", "key": "2026", "code": "west"}
OF_WEST |= {"number": "1", "period": "2026-03", "month": "2026-05", "source": "case-system", "subject": "west-2026-05-0"}
SECRETS = ("8.42", "13.42", "21.42", "9.47")  # points and totals that only the office and leaders may know
FOR_ALL = {  # what the scheme and the registry say is the same for everybody
    "/v1/units",
    "/v1/groups",
    "/v1/cycles",
    "/v1/confirmations/{cycle}",
    "/v1/statements/{cycle}",
    "/v1/rules",
    "/v1/schemes/schema",
    "/v1/schemes/{cycle}",
    "/v1/schemes/{cycle}/{version}",
    "/v1/indicators/{cycle}",
}
FIGURES = {
    "/v1/series/{cycle}/{unit}",
    "/v1/what-if/{cycle}/{unit}",
    "/v1/measures/{cycle}/{unit}",
    "/v1/measures/{cycle}/{unit}/{measure}/records",
    "/v1/lines/{cycle}",
    "/v1/claims/{cycle}",
    "/v1/records/{source}/{subject}/facts",
}
OF_ASSESSORS = {"/v1/marks/{cycle}", "/v1/marks/{cycle}/missing", "/v1/units/{code}/members"}  # own marks, what is to do, and names
NOT_OURS = ("/v1/feed", "/v1/sources", "/v1/kinds")  # the ledger's own tests look at these


@pytest.fixture(scope="module")
async def room(servers: Servers, template: str) -> AsyncIterator[Room]:
    """One for all tests of this module: they only read."""
    async with a_room(servers, template) as made:
        await settle(made)
        yield made


async def settle(room: Room) -> None:
    async with room.running():
        await room.activate()
        await room.send(*cases("west", in_time=8, late=2), *cases("east", in_time=9, late=1))
        await room.until_points("west", "closed_in_time", "8.42")
        await room.until_points("east", "closed_in_time", "9.47")
        assert (await room.mark("west", "8")).status_code == 200
        await room.until_points("west", "duty_report", "8.00")


def reads(room: Room) -> list[str]:
    paths = room.service.app.openapi()["paths"]
    return [path for path, methods in paths.items() if "get" in methods and path.startswith("/v1/") and not path.startswith(NOT_OURS)]


async def test_a_unit_and_an_assessor_meet_no_points_on_any_route(room: Room) -> None:
    for path in reads(room):
        for role, units in (("unit", ["east"]), ("unit", ["west"]), ("assessor", ["west"]), ("auditor", []), ("feed", [])):
            answer = await room.ask("GET", path.format(**OF_WEST), role, units=units)  # type: ignore[arg-type]  # the roles stand above
            assert answer.status_code in {403, 404} or path in FOR_ALL | FIGURES | OF_ASSESSORS, (path, role)
            assert not [secret for secret in SECRETS if secret in answer.text], (path, role)


@pytest.mark.parametrize("role", ["unit", "assessor"])
async def test_the_figures_of_other_units_are_refused_and_the_own_ones_given(room: Room, role: Role) -> None:
    own = await room.get("/v1/measures/2026/east", role, units=["east"])
    closed = next(figures for figures in own if figures["indicator"] == "closed_in_time")
    assert {measure["key"]: measure["total"] for measure in closed["measures"]} == {"closed_in_time": "9", "due": "10"}
    assert [(line["level"], line["value"], line["crossed"]) for line in closed["lines"]] == [
        ("yellow", "90.00%", True),
        ("red", "90.00%", False),
    ]
    records = await room.get("/v1/measures/2026/east/due/records", role, units=["east"], limit=100)
    assert len(records["records"]) == 10
    for path in ("/v1/measures/2026/west", "/v1/measures/2026/west/due/records", "/v1/lines/2026?unit=west"):
        refused = await room.ask("GET", path, role, units=["east"])
        assert refused.status_code == 403
        assert "8" not in refused.json()["detail"]


async def test_lines_are_listed_within_the_callers_scope(room: Room) -> None:
    assert {line["unit"] for line in await room.get("/v1/lines/2026", "unit", units=["east"])} == {"east"}
    assert {line["unit"] for line in await room.get("/v1/lines/2026", "leader")} == {"east", "west"}


async def test_an_assessor_sees_the_own_marks_only(room: Room) -> None:
    theirs = await room.ask("GET", "/v1/marks/2026", "assessor", subject="other")
    assert theirs.json() == []
    own = await room.ask("GET", "/v1/marks/2026", "assessor", subject="hua")
    assert [(mark["unit"], mark["mark"], mark["counts"]) for mark in own.json()] == [("west", "8", True)]


async def test_metrics_name_no_unit(room: Room) -> None:
    page = (await room.client.get("/metrics")).text
    assert "scores_changed_total" in page
    assert "west" not in page


async def test_standings_rank_inside_groups_with_parts_and_what_waits(room: Room) -> None:
    found = await room.get("/v1/standings/2026", "leader")
    branch, brigade = found["groups"]
    assert [(row["rank"], row["unit"], row["total"]) for row in branch["units"]] == [(1, "west", "21.42"), (2, "east", "14.47")]
    west, east = branch["units"]
    assert [(part["key"], part["points"], part["score"]) for part in west["parts"]] == [
        ("targets", "15", "13.42"),
        ("duty", "8", "8.00"),
        ("minus", "0", "0.00"),
    ]
    assert (west["awaiting"], east["awaiting"]) == ([], ["duty_report"])
    assert [row["unit"] for row in brigade["units"]] == ["squad"]
    only = await room.get("/v1/standings/2026", "office", group="brigade")
    assert [group["group"] for group in only["groups"]] == ["brigade"]
