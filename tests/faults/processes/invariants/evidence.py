"""Nothing is accepted that is not in the store: each accepted revision's object is there, with its hash, under its lock."""

import asyncio
import hashlib
from collections.abc import Sequence
from typing import Any, Final

from minio import Minio
from minio.commonconfig import GOVERNANCE
from minio.error import S3Error

from evidence.files import client_of
from tests.faults.processes.bureau import Bureau
from tests.faults.processes.words import some

BUCKET: Final = "evidence-locked"


async def holds(bureau: Bureau) -> list[str]:
    async with bureau.database("evidence") as database:
        rows = await database.fetch("select * from revision where state = 'accepted'")
        unsettled = await database.fetch(
            "select evidence, number from revision where state not in ('accepted', 'refused', 'declared', 'lapsed')"
        )
    held = {(str(row["evidence"]), row["number"]): row["sha256"] for row in rows}
    lost = {key for key, sha256 in bureau.accepted.items() if held.get(key) != sha256}
    return [
        *some("pieces that were answered `accepted` and are not", lost),
        *some("uploads that were never settled", [tuple(row) for row in unsettled]),
        *some("accepted files that the store does not hold as accepted", await asyncio.to_thread(_missing, bureau, rows)),
    ]


def _missing(bureau: Bureau, rows: Sequence[Any]) -> list[str]:
    direct = bureau.ground.direct
    store = client_of(
        direct.s3_endpoint, access_key=direct.s3_admin_access_key, secret_key=direct.s3_admin_secret_key, region=direct.s3_region
    )
    return [f"{row['evidence']}/{row['number']}: {wrong}" for row in rows if (wrong := _wrong(store, row))]


def _wrong(store: Minio, row: Any) -> str | None:  # noqa: ANN401 - an asyncpg record
    key = f"{row['evidence']}/{row['number']}/{row['sha256']}"
    try:
        answer = store.get_object(BUCKET, key, version_id=row["version"])
        try:
            found = hashlib.sha256(answer.read()).hexdigest()
        finally:
            answer.close()
            answer.release_conn()
        lock = store.get_object_retention(BUCKET, key, version_id=row["version"])
    except S3Error as error:
        return f"{error.code}"
    if found != row["sha256"]:
        return f"another hash: {found}"
    return None if lock and lock.mode == GOVERNANCE else "not locked"
