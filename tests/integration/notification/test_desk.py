import asyncio
from typing import Any

import pytest

from kit import migrations
from kit.auth import Role
from tests.integration.notification.rooms import MIGRATIONS, Room, everybody, stage

PERSON = {"name": "沈望澜", "email": "shen@example.org", "duties": [{"duty": "contact", "unit": "wanglan", "from_on": "2026-01-01"}]}


async def put(room: Room, ident: str, body: dict[str, Any], *, role: Role = "office") -> int:
    answer = await room.client.put(f"/v1/people/{ident}", json=body, headers=room.issuer.headers(role))
    return answer.status_code


async def test_a_person_is_kept_as_told_and_replaced_whole(room: Room) -> None:
    assert await put(room, "shen", PERSON) == 204
    shown = await room.get("/v1/people/shen")
    assert (shown["name"], shown["email"], shown["duties"][0]["unit"]) == ("沈望澜", "shen@example.org", "wanglan")
    assert await put(room, "shen", {"name": "沈望澜"}) == 204
    assert (await room.get("/v1/people/shen"))["duties"] == []


async def test_people_are_found_by_unit_and_duty_on_a_day(room: Room) -> None:
    await put(room, "shen", PERSON)
    found = await room.get("/v1/people", unit="wanglan", duty="contact")
    assert [person["id"] for person in found["people"]] == ["shen"]
    assert (await room.get("/v1/people", unit="wanglan", on="2025-12-31"))["people"] == []
    assert len((await room.get("/v1/people"))["people"]) == len(everybody()) + 1


async def test_an_import_is_all_or_nothing_and_says_what_is_wrong(room: Room) -> None:
    good, bad = {"id": "good", "name": "好"}, {"id": "bad", "name": "坏", "email": "no address"}
    answer = await room.client.post("/v1/people/import", json={"people": [good, bad]}, headers=room.issuer.headers("office"))
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["path"] == "email"
    missing = await room.client.get("/v1/people/good", headers=room.issuer.headers("office"))
    assert missing.status_code == 404


async def test_who_leaves_loses_duties_and_address_and_keeps_the_name(room: Room) -> None:
    await put(room, "shen", PERSON)
    answer = await room.client.delete("/v1/people/shen", headers=room.issuer.headers("admin"))
    assert answer.status_code == 204
    left = await room.get("/v1/people/shen")
    assert (left["name"], left["email"], left["duties"][0]["to_on"]) == ("沈望澜", None, "2026-09-13")


@pytest.mark.parametrize("role", ["unit", "assessor", "leader", "auditor", "feed"])
async def test_people_are_kept_by_the_office_and_the_administrators_alone(room: Room, role: Role) -> None:
    assert await put(room, "shen", PERSON, role=role) == 403


async def test_everybody_sees_the_own_messages_and_the_office_all(room: Room) -> None:
    async with room.running():
        await room.say(stage("interview", over=11))
        await room.quiet()
    own = await room.get("/v1/messages", role="unit", subject="head")
    assert [message["receiver"] for message in own["messages"]] == ["head"]
    assert (await room.get("/v1/messages", role="unit", subject="stranger"))["messages"] == []
    assert await room.told("interview") == ["bureau_deputy", "bureau_head", "discipline_officer", "head", "office_director"]
    mine = await room.get("/v1/messages", subject="office_director", mine="true")
    assert [message["receiver"] for message in mine["messages"]] == ["office_director"]


async def test_messages_are_paged_newest_first(room: Room) -> None:
    async with room.running():
        for number in range(5):
            await room.say(stage("before_due", item=f"item-{number}"))
        await room.quiet()
    first = await room.get("/v1/messages", limit=3)
    second = await room.get("/v1/messages", limit=3, before=first["next"])
    ids = [message["id"] for page in (first, second) for message in page["messages"]]
    assert len(ids) == len(set(ids)) == 5
    assert ids == sorted(ids, reverse=True)
    assert second["next"] is None


async def test_the_table_of_receivers_can_be_read(room: Room) -> None:
    rows = {row["occasion"]: row for row in (await room.get("/v1/occasions", role="unit"))["occasions"]}
    assert rows["overdue_notice"]["to"] == ["head"]
    assert rows["overdue_notice"]["copies"] == ["bureau_deputy"]


@pytest.mark.parametrize("path", ["/v1/messages?item=%00", "/v1/messages?unit=a%0Ab", "/v1/people?unit=%00"])
async def test_what_postgresql_cannot_look_for_is_refused_at_the_door(room: Room, path: str) -> None:
    answer = await room.client.get(path, headers=room.issuer.headers("office"))
    assert answer.status_code == 422


async def test_nothing_is_quiet_before_the_events_are_listened_to(room: Room) -> None:
    progress = await room.get("/v1/progress")
    assert (progress["behind"], progress["quiet"]) == (None, False)


async def test_the_tables_in_the_code_are_those_that_the_migrations_make(room: Room) -> None:
    await asyncio.to_thread(migrations.check, MIGRATIONS, room.settings.database_url.get_secret_value())
