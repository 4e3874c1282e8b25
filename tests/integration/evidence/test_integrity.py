import asyncio
from typing import Any

from minio.deleteobjects import DeleteObject

from evidence.timers import PLATFORM
from tests.integration.evidence.rooms import Room, ids
from tests.integration.evidence.test_crashes import events


async def damage(room: Room, ticket: dict[str, Any]) -> None:
    """What nobody should be able to do: the locked version is taken away by the key that may bypass."""
    async with room.service.finishing.works(PLATFORM) as work:
        revision = await work.pieces.revision(*ids(ticket))
    assert revision.locked is not None
    gone = [DeleteObject(revision.key, revision.locked.version)]
    errors = await asyncio.to_thread(
        lambda: list(room.admin.remove_objects(room.settings.locked_bucket, gone, bypass_governance_mode=True))
    )
    assert errors == []


async def test_a_pass_over_intact_files_finds_nothing(room: Room) -> None:
    await room.accepted()
    assert await room.service.integrity.round() == 0
    assert await events(room) == ["evidence.accepted.v1"]


async def test_a_file_that_is_gone_raises_the_alarm_within_one_pass_and_once(room: Room) -> None:
    ticket = await room.accepted()
    await damage(room, ticket)
    assert await room.service.integrity.round() == 1
    room.system.move(hours=25)
    assert await room.service.integrity.round() == 1
    assert await events(room) == ["evidence.accepted.v1", "evidence.integrity_failed.v1"]
    assert "evidence_damaged_revisions 1.0" in (await room.http.get("/metrics")).text


async def test_every_file_is_read_again_once_in_each_pass_and_not_more_often(room: Room) -> None:
    await room.accepted()
    for hours in (0, 1, 25):
        room.system.move(hours=hours)
        await room.service.integrity.round()
    assert 'evidence_integrity_checks_total{outcome="intact"} 2.0' in (await room.http.get("/metrics")).text


async def test_a_damaged_file_is_shown_as_such(room: Room) -> None:
    ticket = await room.accepted()
    await damage(room, ticket)
    await room.service.integrity.round()
    piece = (await room.http.get(f"/v1/evidence/{ticket['evidence']}", headers=room.as_office())).json()
    assert piece["revisions"][0]["damaged"] is True


async def test_quarantine_is_emptied_once_nothing_can_be_sent_there_any_more(room: Room) -> None:
    ticket = await room.accepted()
    await room.service.sweep.round()
    assert lying(room, ticket) == 1
    room.system.move(hours=2)
    await room.service.sweep.round()
    assert lying(room, ticket) == 0
    assert len(room.copies(ticket)) == 1


def lying(room: Room, ticket: dict[str, Any]) -> int:
    return len(list(room.admin.list_objects(room.settings.quarantine_bucket, prefix=ticket["evidence"], recursive=True)))


async def test_a_declared_file_that_never_came_lapses(room: Room) -> None:
    ticket = await room.declared()
    room.system.move(hours=24)
    await room.service.sweep.round()
    assert await room.state(ticket) == "declared"
    room.system.move(hours=2)
    await room.service.sweep.round()
    assert await room.state(ticket) == "lapsed"


async def test_a_file_that_was_sent_and_never_finalized_is_finished_in_the_end(room: Room) -> None:
    ticket = await room.sent()
    room.system.move(hours=26)
    await room.service.sweep.round()
    assert await room.state(ticket) == "accepted"
