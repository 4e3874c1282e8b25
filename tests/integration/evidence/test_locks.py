"""What the platform needs of a store, asked of the one it is given: any S3 that passes these may stand behind it."""

import asyncio
import io
from datetime import timedelta

import pytest
from minio import Minio
from minio.commonconfig import GOVERNANCE, CopySource
from minio.deleteobjects import DeleteObject
from minio.error import S3Error
from minio.retention import Retention

from evidence.app import client_from, prepare_buckets
from evidence.files import make_buckets
from evidence.settings import BucketSettings
from evidence.timers import PLATFORM
from kit.clock import SystemClock
from tests.integration.evidence.rooms import PDF, REGION, RETENTION, Room, Store, ids, sha256

REFUSED = {"AccessDenied", "InvalidRequest", "MethodNotAllowed", "ObjectLocked"}


@pytest.fixture
def own(room: Room) -> Minio:
    """The store with the service's own key."""
    return client_from(room.settings, room.settings.s3_endpoint)


async def locked(room: Room) -> tuple[str, str]:
    """Key and version of an accepted file."""
    ticket = await room.accepted()
    async with room.service.finishing.works(PLATFORM) as work:
        revision = await work.pieces.revision(*ids(ticket))
    assert revision.locked is not None
    return revision.key, revision.locked.version


async def test_the_services_own_key_can_delete_no_locked_version(room: Room, own: Minio) -> None:
    key, version = await locked(room)
    with pytest.raises(S3Error) as refused:
        await asyncio.to_thread(own.remove_object, room.settings.locked_bucket, key, version)
    assert refused.value.code in REFUSED


async def test_the_services_own_key_can_not_hide_a_file_behind_a_delete_marker(room: Room, own: Minio) -> None:
    key, _ = await locked(room)
    with pytest.raises(S3Error) as refused:
        await asyncio.to_thread(own.remove_object, room.settings.locked_bucket, key)
    assert refused.value.code in REFUSED


async def test_the_services_own_key_can_not_bypass_the_lock(room: Room, own: Minio) -> None:
    key, version = await locked(room)
    gone = [DeleteObject(key, version)]
    errors = await asyncio.to_thread(lambda: list(own.remove_objects(room.settings.locked_bucket, gone, bypass_governance_mode=True)))
    assert [error.code in REFUSED for error in errors] == [True]


async def test_the_services_own_key_can_not_shorten_the_retention(room: Room, own: Minio) -> None:
    key, version = await locked(room)
    sooner = Retention(GOVERNANCE, SystemClock().now() + timedelta(days=1))
    with pytest.raises(S3Error) as refused:
        await asyncio.to_thread(own.set_object_retention, room.settings.locked_bucket, key, sooner, version)
    assert refused.value.code in REFUSED


async def test_even_the_administrators_key_deletes_only_when_it_bypasses_the_lock(room: Room) -> None:
    key, version = await locked(room)
    with pytest.raises(S3Error) as refused:
        await asyncio.to_thread(room.admin.remove_object, room.settings.locked_bucket, key, version)
    assert refused.value.code in REFUSED


async def test_an_accepted_version_is_retained_as_long_as_the_bureau_says(room: Room) -> None:
    key, version = await locked(room)
    retention = await asyncio.to_thread(room.admin.get_object_retention, room.settings.locked_bucket, key, version)
    assert retention is not None
    assert retention.mode == GOVERNANCE
    assert abs(retention.retain_until_date - room.system.now() - RETENTION) < timedelta(minutes=1)


async def test_an_object_written_over_a_locked_one_leaves_the_accepted_version_as_it_was(room: Room, own: Minio) -> None:
    key, version = await locked(room)
    await asyncio.to_thread(own.put_object, room.settings.locked_bucket, key, io.BytesIO(b"forged"), 6)
    found = await room.service.files.locked(key, version)
    assert found is not None
    assert (found.size, found.sha256) == (len(PDF), sha256(PDF))


async def test_a_copy_of_other_bytes_than_those_that_were_hashed_is_refused(room: Room, own: Minio) -> None:
    await asyncio.to_thread(own.put_object, room.settings.quarantine_bucket, "swapped", io.BytesIO(b"other"), 5)
    source = CopySource(room.settings.quarantine_bucket, "swapped", match_etag="0" * 32)
    with pytest.raises(S3Error) as refused:
        await asyncio.to_thread(own.copy_object, room.settings.locked_bucket, "swapped", source)
    assert refused.value.code == "PreconditionFailed"


async def test_making_the_buckets_again_changes_nothing(room: Room, store: Store) -> None:
    key, version = await locked(room)
    await asyncio.to_thread(make_buckets, room.admin, store.buckets, retention=RETENTION)
    assert await room.service.files.locked(key, version) is not None


async def test_the_buckets_are_made_by_a_command_with_the_administrators_key(room: Room) -> None:
    settings = BucketSettings.model_validate(
        {
            "s3_endpoint": room.servers.s3_endpoint,
            "s3_region": REGION,
            "s3_admin_access_key": room.servers.s3_admin_access_key,
            "s3_admin_secret_key": room.servers.s3_admin_secret_key,
            "quarantine_bucket": room.settings.quarantine_bucket,
            "locked_bucket": room.settings.locked_bucket,
        }
    )
    await asyncio.to_thread(prepare_buckets, settings)
    assert await room.service.files.check() is None
