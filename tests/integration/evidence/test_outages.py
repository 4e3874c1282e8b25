from collections.abc import AsyncIterator

import httpx
import pytest

from evidence.app import Evidence
from evidence.domain.refusals import StoreDown
from tests.integration.evidence.doors import Door, door_before
from tests.integration.evidence.rooms import PDF, Room, declaration


@pytest.fixture
async def door(room: Room) -> AsyncIterator[Door]:
    async with door_before(room.settings.s3_endpoint) as made:
        yield made


@pytest.fixture
async def service(room: Room, door: Door) -> AsyncIterator[Evidence]:
    """The room's service, that reaches the store through a door; people reach the store directly."""
    made = room.again(s3_endpoint=door.url, s3_public_endpoint=room.settings.s3_endpoint)
    yield made
    await made.database.close()


@pytest.fixture
async def http(service: Evidence) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(service.app), base_url="http://evidence") as made:
        yield made


async def test_while_the_store_is_down_a_file_can_be_declared(room: Room, door: Door, http: httpx.AsyncClient) -> None:
    door.shut()
    answer = await http.post("/v1/evidence", json=declaration(), headers=room.as_unit())
    assert answer.status_code == 201


async def test_a_finalize_while_the_store_is_down_says_when_to_come_back_and_is_not_lost(
    room: Room, door: Door, service: Evidence, http: httpx.AsyncClient
) -> None:
    ticket = await room.sent()
    door.shut()
    answer = await http.post(f"/v1/evidence/{ticket['evidence']}/revisions/1/finalize", headers=room.as_unit())
    assert (answer.status_code, answer.json()["title"], answer.headers["retry-after"]) == (503, "store-down", "5")
    with pytest.raises(StoreDown):
        await service.sweep.round()
    door.open = True
    await service.sweep.round()
    assert await room.state(ticket) == "accepted"


async def test_a_store_that_is_down_is_no_damage(room: Room, door: Door, service: Evidence) -> None:
    ticket = await room.accepted()
    door.shut()
    with pytest.raises(StoreDown):
        await service.integrity.round()
    door.open = True
    assert await service.integrity.round() == 0
    assert await room.state(ticket) == "accepted"


async def test_readiness_says_that_the_store_is_away(door: Door, http: httpx.AsyncClient) -> None:
    assert (await http.get("/readyz")).json()["checks"]["object store"] == "ok"
    door.shut()
    answer = await http.get("/readyz")
    assert answer.status_code == 503
    assert "out of reach" in answer.json()["checks"]["object store"]


async def test_readiness_names_a_bucket_that_is_missing_and_the_command_that_makes_it(room: Room) -> None:
    service = room.again(locked_bucket="locked-nowhere")
    reason = await service.files.check()
    await service.database.close()
    assert reason is not None
    assert "locked-nowhere" in reason
    assert "evidence buckets" in reason


async def test_bytes_sent_before_the_outage_are_there_after_it(room: Room, door: Door, http: httpx.AsyncClient) -> None:
    ticket = await room.sent()
    path = f"/v1/evidence/{ticket['evidence']}/revisions/1/finalize"
    door.shut()
    assert (await http.post(path, headers=room.as_unit())).status_code == 503
    door.open = True
    found = (await http.post(path, headers=room.as_unit())).json()
    assert (found["state"], found["size"]) == ("accepted", len(PDF))
