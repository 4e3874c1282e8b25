from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.integration.evidence.rooms import Room, declaration
from tests.integration.evidence.test_crashes import events


async def seen(room: Room, headers: dict[str, str], **query: str) -> list[str]:
    answer = await room.http.get("/v1/evidence", params=query, headers=headers)
    assert answer.status_code == 200, answer.text
    return [piece["evidence"] for piece in answer.json()]


async def status(room: Room, ticket: dict[str, Any], headers: dict[str, str]) -> int:
    return (await room.http.get(f"/v1/evidence/{ticket['evidence']}", headers=headers)).status_code


async def test_a_unit_sees_its_own_evidence_of_every_level_and_nothing_of_others(room: Room) -> None:
    for level in ("公开", "内部", "工作秘密"):
        ticket = await room.declared(confidentiality=level)
        assert await status(room, ticket, room.as_unit("wanglan")) == 200
        assert await status(room, ticket, room.as_unit("beiwei")) == 404
    assert await seen(room, room.as_unit("beiwei")) == []
    assert len(await seen(room, room.as_unit("wanglan"))) == 3


async def test_asking_for_another_unit_by_name_gives_nothing(room: Room) -> None:
    await room.declared()
    assert await seen(room, room.as_unit("beiwei"), unit="wanglan") == []


async def test_a_leader_sees_no_work_secrets_and_the_office_sees_all(room: Room) -> None:
    await room.declared(confidentiality="work_secret")
    internal = await room.declared(confidentiality="internal")
    assert await seen(room, room.issuer.headers("leader")) == [internal["evidence"]]
    assert len(await seen(room, room.as_office())) == 2


@pytest.mark.parametrize("role", ["admin", "auditor", "feed"])
async def test_who_configures_audits_or_feeds_may_not_list_evidence(room: Room, role: Any) -> None:  # noqa: ANN401 - each of the literals
    assert (await room.http.get("/v1/evidence", headers=room.issuer.headers(role))).status_code == 403


async def test_another_unit_can_neither_finalize_nor_revise_nor_link_nor_download(room: Room) -> None:
    ticket = await room.accepted()
    base = f"/v1/evidence/{ticket['evidence']}"
    body = {name: value for name, value in declaration().items() if name not in {"unit", "subjects"}}
    tries: list[tuple[str, object]] = [
        (f"{base}/revisions/1/finalize", None),
        (f"{base}/revisions/1/upload", None),
        (f"{base}/revisions/1/downloads", None),
        (f"{base}/revisions", body),
        (f"{base}/subjects", [{"kind": "item", "id": "item-9"}]),
    ]
    answers = [await room.http.post(path, json=sent, headers=room.as_unit("beiwei")) for path, sent in tries]
    assert [answer.status_code for answer in answers] == [404] * len(tries)


@pytest.mark.parametrize("unit", ["beiwei", None])
async def test_a_unit_uploads_for_itself_only(room: Room, unit: str | None) -> None:
    answer = await room.http.post("/v1/evidence", json=declaration(unit=unit), headers=room.as_unit("wanglan"))
    assert (answer.status_code, answer.json()["title"]) == (403, "not-your-unit")


async def test_classified_material_is_refused_before_a_byte_is_sent(room: Room) -> None:
    answer = await room.http.post("/v1/evidence", json=declaration(confidentiality="机密"), headers=room.as_unit())
    assert (answer.status_code, answer.json()["title"]) == (422, "classified-material")
    assert "涉密" in answer.json()["zh"]


async def test_a_file_without_bytes_can_not_be_declared(room: Room) -> None:
    answer = await room.http.post("/v1/evidence", json=declaration(size=0), headers=room.as_unit())
    assert (answer.status_code, answer.json()["errors"][0]["path"]) == (422, "size")


async def test_evidence_that_is_not_there_is_not_found(room: Room) -> None:
    assert (await room.http.get(f"/v1/evidence/{uuid4()}", headers=room.as_office())).status_code == 404


async def test_evidence_is_found_by_what_it_proves_in_pages(room: Room) -> None:
    made = [await room.declared(subjects=[{"kind": "item", "id": "item-7"}]) for _ in range(3)]
    await room.declared()
    ids = [ticket["evidence"] for ticket in made]
    first = await seen(room, room.as_unit(), kind="item", id="item-7", most="2")
    rest = await seen(room, room.as_unit(), kind="item", id="item-7", after=first[-1])
    assert first + rest == ids


async def test_half_a_subject_is_refused_and_not_taken_for_none(room: Room) -> None:
    answer = await room.http.get("/v1/evidence", params={"kind": "item"}, headers=room.as_unit())
    assert (answer.status_code, answer.json()["title"]) == (422, "bad-subject")


async def link(room: Room, ticket: dict[str, Any], *ids: str) -> httpx.Response:
    body = [{"kind": "item", "id": one} for one in ids]
    return await room.http.post(f"/v1/evidence/{ticket['evidence']}/subjects", json=body, headers=room.as_unit())


async def test_subjects_added_later_are_said_to_be_proved_too_and_only_once(room: Room) -> None:
    ticket = await room.accepted()
    for _ in range(2):
        answer = await link(room, ticket, "item-1", "item-2")
        assert [one["id"] for one in answer.json()["subjects"]] == ["item-1", "item-2"]
    assert await events(room) == ["evidence.accepted.v1", "evidence.accepted.v1"]


async def test_subjects_added_before_acceptance_are_said_with_it(room: Room) -> None:
    ticket = await room.sent()
    await link(room, ticket, "item-2")
    await room.finalized(ticket)
    assert await events(room) == ["evidence.accepted.v1"]
