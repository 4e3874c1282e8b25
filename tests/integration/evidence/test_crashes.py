import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import asyncpg
import httpx
import pytest

from evidence.domain.claims import Found
from evidence.domain.revisions import Locked
from evidence.files import S3Files
from evidence.handlers import Upload
from evidence.settings import EvidenceSettings
from evidence.timers import PLATFORM
from kit.testing import eventually
from tests.integration.evidence.rooms import PDF, Room, ids


class KilledError(Exception):
    pass


class DiesAfterTheCopy:
    """The real files, of a process that ends between the copy and the commit."""

    def __init__(self, files: S3Files) -> None:
        self._files = files

    def upload_url(self, key: str, *, lasting: timedelta) -> str:
        return self._files.upload_url(key, lasting=lasting)

    def download_url(self, key: str, version: str, *, name: str, media_type: str, lasting: timedelta) -> str:
        return self._files.download_url(key, version, name=name, media_type=media_type, lasting=lasting)

    async def uploaded(self, key: str) -> Upload | None:
        return await self._files.uploaded(key)

    async def lock(self, key: str, upload: Upload, *, media_type: str, until: datetime) -> Locked | None:
        assert await self._files.lock(key, upload, media_type=media_type, until=until)
        raise KilledError

    async def locked(self, key: str, version: str) -> Found | None:
        return await self._files.locked(key, version)

    async def discard(self, key: str) -> None:
        await self._files.discard(key)


async def died_after_the_copy(room: Room, ticket: dict[str, Any]) -> None:
    finishing = replace(room.service.finishing, files=DiesAfterTheCopy(room.service.files))
    with pytest.raises(KilledError):
        await finishing.finish(*ids(ticket), PLATFORM)


async def events(room: Room) -> Sequence[str]:
    async with connection(room.settings) as database:
        rows = await database.fetch("select convert_from(value, 'utf8')::jsonb ->> 'type' as type from outbox order by id")
    return [row["type"] for row in rows]


@asynccontextmanager
async def connection(settings: EvidenceSettings) -> AsyncIterator[asyncpg.Connection]:
    opened = await asyncpg.connect(settings.database_url.get_secret_value())
    try:
        yield opened
    finally:
        await opened.close()


async def test_after_a_death_between_copy_and_commit_the_sweep_accepts_the_same_copy(room: Room) -> None:
    ticket = await room.sent()
    await died_after_the_copy(room, ticket)
    assert await room.state(ticket) == "uploaded"
    assert len(room.copies(ticket)) == 1
    await room.service.sweep.round()
    assert await room.state(ticket) == "accepted"
    assert len(room.copies(ticket)) == 1
    assert await events(room) == ["evidence.accepted.v1"]


async def test_after_a_death_between_copy_and_commit_a_repeated_request_does_as_well(room: Room) -> None:
    ticket = await room.sent()
    await died_after_the_copy(room, ticket)
    assert (await room.finalized(ticket)).json()["state"] == "accepted"
    await room.service.sweep.round()
    assert len(room.copies(ticket)) == 1
    assert await events(room) == ["evidence.accepted.v1"]


async def test_two_requests_at_once_accept_once(room: Room) -> None:
    ticket = await room.sent()
    answers = await asyncio.gather(*(room.finalized(ticket) for _ in range(4)))
    assert {answer.json()["state"] for answer in answers} == {"accepted"}
    assert len({answer.json()["locked_until"] for answer in answers}) == 1
    assert await events(room) == ["evidence.accepted.v1"]


class Overwritten(DiesAfterTheCopy):
    """The uploader sends other bytes after the hash was taken and before the copy."""

    def __init__(self, files: S3Files, store: httpx.AsyncClient, url: str) -> None:
        super().__init__(files)
        self._store = store
        self._url = url

    async def lock(self, key: str, upload: Upload, *, media_type: str, until: datetime) -> Locked | None:
        await self._store.put(self._url, content=PDF.replace(b"Catalog", b"Forgery"))
        return await self._files.lock(key, upload, media_type=media_type, until=until)


async def test_bytes_that_were_swapped_after_the_hash_are_never_locked(room: Room) -> None:
    ticket = await room.sent()
    room.service.app.state.finisher = replace(room.service.finishing, files=Overwritten(room.service.files, room.store, ticket["url"]))
    answer = await room.finalized(ticket)
    assert (answer.status_code, answer.json()["title"]) == (409, "changed-meanwhile")
    assert room.copies(ticket) == []
    await room.service.sweep.round()
    assert await room.state(ticket) == "refused"


@asynccontextmanager
async def service_process(settings: EvidenceSettings) -> AsyncIterator[asyncio.subprocess.Process]:
    """The service as it runs in production, by its command, that sweeps without a pause."""
    names = ("environment", "kafka_bootstrap", "topic_prefix", "auth_issuer", "auth_jwks_url", "s3_endpoint", "s3_access_key")
    told = {name: str(getattr(settings, name)) for name in (*names, "quarantine_bucket", "locked_bucket")}
    secret = {name: getattr(settings, name).get_secret_value() for name in ("database_url", "s3_secret_key")}
    rest = {"http_port": "0", "sweep_seconds": "0.1"}
    own = {f"EVIDENCE_{name.upper()}": value for name, value in (told | secret | rest).items()}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "evidence", env=own | {"PATH": os.defpath}, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGKILL)
            await process.wait()


@pytest.mark.timeout(900)  # two starts of a process, on a machine that may be busy
async def test_a_process_killed_with_the_copy_made_and_nothing_committed_loses_nothing(room: Room) -> None:
    ticket = await room.sent()
    evidence, _ = ids(ticket)
    async with connection(room.settings) as database:
        await database.execute("update revision set state = 'uploaded' where evidence = $1", evidence)
        holding = database.transaction()
        await holding.start()
        await database.execute("lock table outbox in share mode")  # the acceptance can't be written while we look
        async with service_process(room.settings) as process:
            await eventually(lambda: copied(room, ticket), within=100, every=0.5)
            process.send_signal(signal.SIGKILL)
            assert await process.wait() == -signal.SIGKILL
        await holding.rollback()
    assert await room.state(ticket) == "uploaded"
    async with service_process(room.settings):
        await eventually(lambda: accepted(room, ticket), within=100, every=0.5)
    assert len(room.copies(ticket)) == 1
    assert await events(room) == ["evidence.accepted.v1"]


async def copied(room: Room, ticket: dict[str, Any]) -> bool:
    return len(await asyncio.to_thread(room.copies, ticket)) == 1


async def accepted(room: Room, ticket: dict[str, Any]) -> bool:
    return await room.state(ticket) == "accepted"
