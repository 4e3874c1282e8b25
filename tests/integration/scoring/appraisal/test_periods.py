"""What a unit sees of its points: nothing before its figures are locked, its own afterwards, never another's."""

from collections.abc import AsyncIterator

import pytest

from kit.auth import Role
from kit.testing import Servers
from tests.integration.scoring.appraisal.rooms import Room, a_room, cases

MARCH = "/v1/confirmations/2026/2026-03"
HERE = "/v1/scores/2026/east"
SECRETS = ("8.42", "9.47", "8.95", "10.00")  # what east and west have of closed_in_time in March, April, together


@pytest.fixture(scope="module")
async def room(servers: Servers, template: str) -> AsyncIterator[Room]:
    """East has confirmed March and not April; west has confirmed nothing. The tests of this module only read."""
    async with a_room(servers, template) as made, made.running():
        await made.activate()
        await made.send(*cases("east", in_time=8, late=2, month="2026-03"), *cases("east", in_time=9, late=1, month="2026-04"))
        await made.send(*cases("west", in_time=10, late=0, month="2026-03"))
        await made.until_points("east", "closed_in_time", "8.95")
        await made.until_points("west", "closed_in_time", "10.00")
        for period in ("2026-03", "2026-04"):
            await made.put(f"/v1/confirmations/2026/{period}", {"by": "2026-06-20"})
        figures = await made.get(f"{MARCH}/east", "unit", units=["east"])
        done = await made.ask("POST", f"{MARCH}/east/confirm", "unit", units=["east"], json={"seen": figures["seal"]})
        assert done.status_code == 200, done.text
        yield made


async def test_a_unit_sees_its_own_points_of_a_locked_period_with_their_trace(room: Room) -> None:
    found = await room.get(HERE, "unit", units=["east"], period="2026-03")
    closed = found["scores"][0]
    assert (found["locked"], found["months"], closed["points"]) == (True, ["2026-03"], "8.42")
    assert (closed["trace"]["inputs"], closed["trace"]["locked"]) == ({"a": "8", "b": "10"}, ["2026-03"])
    assert [score["indicator"] for score in found["scores"]] == ["closed_in_time", "corrected", "overdue"]


@pytest.mark.parametrize("query", ["", "?period=2026-04", "?period=2026-Q1", "?period=2026-05", "?period=2026"])
async def test_a_unit_sees_no_points_of_what_is_not_locked(room: Room, query: str) -> None:
    refused = await room.ask("GET", HERE + query, "unit", units=["east"])
    assert refused.status_code == 403
    assert not [secret for secret in SECRETS if secret in refused.text]


@pytest.mark.parametrize(("role", "units"), [("unit", "west"), ("unit", "squad"), ("assessor", "east"), ("assessor", ""), ("auditor", "")])
async def test_nobody_else_sees_points_of_the_unit(room: Room, role: Role, units: str) -> None:
    for path in (f"{HERE}?period=2026-03", "/v1/what-if/2026/east"):
        refused = await room.ask("GET", path, role, units=[units] if units else [])
        assert refused.status_code == 403
        assert not [secret for secret in SECRETS if secret in refused.text]


async def test_the_office_and_leaders_see_every_period(room: Room) -> None:
    for period, points in (("2026-03", "8.42"), ("2026-04", "9.47"), ("2026-Q2", "9.47"), ("2026", "8.95")):
        found = await room.get(HERE, "leader", period=period)
        assert (found["scores"][0]["points"], found["locked"]) == (points, period == "2026-03")
    assert (await room.ask("GET", f"{HERE}?period=2027-01", "office")).status_code == 404


async def test_a_series_has_figures_for_all_and_points_for_whom_they_are(room: Room) -> None:
    seen = {}
    for role, units in (("office", []), ("unit", ["east"]), ("assessor", ["east"])):
        rows = await room.get("/v1/series/2026/east", role, units=units)  # type: ignore[arg-type]  # the roles stand above
        closed = next(row for row in rows if row["indicator"] == "closed_in_time")
        by_period = {point["period"]: point for point in closed["points"]}
        assert (by_period["2026-04"]["value"], by_period["2026-Q1"]["value"], by_period["2026-01"]["value"]) == ("0.9", "0.8", None)
        assert [(one["key"], one["total"]) for one in by_period["2026-03"]["measures"]] == [("closed_in_time", "8"), ("due", "10")]
        seen[role] = {period: point["points"] for period, point in by_period.items() if point["points"]}
    assert seen["office"] == {"2026-03": "8.42", "2026-04": "9.47", "2026-Q1": "8.42", "2026-Q2": "9.47"}
    assert (seen["unit"], seen["assessor"]) == ({"2026-03": "8.42"}, {})
    assert (await room.ask("GET", "/v1/series/2026/west", "unit", units=["east"])).status_code == 403


async def test_figures_of_a_period_are_open_to_whoever_sees_figures(room: Room) -> None:
    rows = await room.get("/v1/measures/2026/east", "unit", units=["east"], period="2026-Q1")
    assert [(one["key"], one["total"]) for one in rows[0]["measures"]] == [("closed_in_time", "8"), ("due", "10")]


async def test_a_what_if_tells_a_unit_the_difference_alone(room: Room) -> None:
    asked = {"changes": {"closed_in_time": {"n": 1}}}
    (own,) = (await room.ask("POST", "/v1/what-if/2026/east", "unit", units=["east"], json=asked)).json()
    assert (own["difference"], own["now"], own["then"]) == ("0.52", None, None)
    assert own["words"]["en"] == "closed_in_time: closed_in_time +1 would give +0.52"
    (full,) = (await room.ask("POST", "/v1/what-if/2026/east", "leader", json=asked)).json()
    assert (full["now"], full["then"]) == ("8.95", "9.47")
    (suggested,) = await room.get("/v1/what-if/2026/east", "unit", units=["east"])
    assert (suggested["indicator"], suggested["difference"]) == ("closed_in_time", "0.52")


async def test_a_unit_can_not_ask_its_way_up_to_its_points(room: Room) -> None:
    asked = {"changes": {"closed_in_time": {"n": 1000}}}
    refused = await room.ask("POST", "/v1/what-if/2026/east", "unit", units=["east"], json=asked)
    assert refused.status_code == 403
    assert (await room.ask("POST", "/v1/what-if/2026/west", "unit", units=["east"], json=asked)).status_code == 403
