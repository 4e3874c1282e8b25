"""The bytes: an S3 store with a quarantine bucket and a versioned one under retention lock, asked in plain S3 calls only."""

import asyncio
import codecs
import hashlib
import string
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, TypeVar
from urllib.parse import quote, urlsplit

import puremagic
from minio import Minio
from minio.commonconfig import GOVERNANCE, REPLACE, CopySource
from minio.error import MinioException, S3Error
from minio.objectlockconfig import DAYS, ObjectLockConfig
from minio.retention import Retention
from urllib3 import PoolManager, Retry, Timeout
from urllib3.exceptions import HTTPError

from evidence.domain.claims import OLE, Found
from evidence.domain.refusals import StoreDown
from evidence.domain.revisions import Locked
from evidence.handlers import Upload
from kit.logs import logger

CHUNK: Final = 1 << 20  # bytes held of a file at a time
HEAD: Final = 1 << 16  # what the signature and the text are looked for in
TAIL: Final = 1 << 18  # what a zip's directory is looked for in
HEAVY: Final = 2  # files read through at a time; the other threads sign and stat meanwhile
CONNECT, READ = 2.0, 20.0  # seconds; a store that is silent for longer is down
GONE: Final = frozenset({"NoSuchKey", "NoSuchVersion", "NoSuchObject", "MethodNotAllowed"})  # the last: a delete marker stands there
UNLOCKED: Final = frozenset({"NoSuchObjectLockConfiguration", "ObjectLockConfigurationNotFoundError"})
SLACK: Final = timedelta(days=1)  # by how much a store's own default may end sooner and still be the bureau's retention

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Buckets:
    quarantine: str
    locked: str


def client_of(endpoint: str, *, access_key: str, secret_key: str, region: str, ca_file: str | None = None) -> Minio:
    """A client for `http(s)://host:port`; told its region, it never asks for the bucket's location, which narrow keys may not."""
    address = urlsplit(endpoint)
    pool = PoolManager(timeout=Timeout(connect=CONNECT, read=READ), retries=Retry(0), maxsize=10, ca_certs=ca_file)
    return Minio(
        address.netloc,
        access_key=access_key,
        secret_key=secret_key,
        secure=address.scheme == "https",
        region=region,
        http_client=pool,
    )


class S3Files:
    """`signer` writes the addresses that people use: it may know the store by another name than this service does."""

    def __init__(self, client: Minio, buckets: Buckets, *, signer: Minio) -> None:
        self._client = client
        self._buckets = buckets
        self._signer = signer
        self._heavy = asyncio.Semaphore(HEAVY)

    def upload_url(self, key: str, *, lasting: timedelta) -> str:
        return self._signer.presigned_put_object(self._buckets.quarantine, key, expires=lasting)

    def download_url(self, key: str, version: str, *, name: str, media_type: str, lasting: timedelta) -> str:
        """An address that always downloads, never displays: a page among the evidence must not run in the store's origin."""
        headers: dict[str, str | list[str] | tuple[str]] = {
            "response-content-disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
            "response-content-type": media_type,
        }
        return self._signer.presigned_get_object(self._buckets.locked, key, expires=lasting, version_id=version, response_headers=headers)

    async def uploaded(self, key: str) -> Upload | None:
        async with self._heavy:
            return await self._asked(self._read, self._buckets.quarantine, key, None)

    async def locked(self, key: str, version: str) -> Found | None:
        async with self._heavy:
            upload = await self._asked(self._read, self._buckets.locked, key, version)
        return upload.found if upload else None

    async def lock(self, key: str, upload: Upload, *, media_type: str, until: datetime) -> Locked | None:
        return await self._asked(self._lock, key, upload.etag, media_type, until)

    async def discard(self, key: str) -> None:
        await self._asked(self._client.remove_object, self._buckets.quarantine, key)

    async def check(self) -> str | None:
        """For readiness: silent when both buckets are there."""
        try:
            missing = [name for name in (self._buckets.quarantine, self._buckets.locked) if not await self._asked(self._exists, name)]
        except StoreDown as down:
            return down.en
        return f"no bucket {', '.join(missing)}: run `python -m evidence buckets`" if missing else None

    def _exists(self, bucket: str) -> bool:
        return self._client.bucket_exists(bucket)

    def _read(self, bucket: str, key: str, version: str | None) -> Upload | None:
        """Hash, size and types of the object, and the etag of the very bytes that were read; in constant memory."""
        try:
            response = self._client.get_object(bucket, key, version_id=version)
        except S3Error as error:
            if error.code in GONE:
                return None
            raise
        try:
            stored = response.stream(CHUNK, decode_content=False)  # the bytes as they lie there, whatever encoding the uploader named
            return Upload(found=digested(stored), etag=response.headers.get("etag", "").strip('"'))
        finally:
            response.close()
            response.release_conn()

    def _lock(self, key: str, etag: str, media_type: str, until: datetime) -> Locked | None:
        """Copy, unless a repeat finds the copy already made, then lock the version.

        The copy asks for the etag that was hashed: whoever overwrites the upload in between gets nothing locked. Retention is
        set by a call of its own where the copy has none: not every store applies it to copies (SeaweedFS 4.48 ignores header and
        default there); those that do made it some milliseconds later than ours, and would refuse ours as a shortening.
        """
        version = self._copied(key) or self._copy(key, etag, media_type)
        if version is None:
            return None
        kept = self._kept_until(key, version)
        if kept is not None and kept > until - SLACK:
            return Locked(version, kept)
        self._client.set_object_retention(self._buckets.locked, key, Retention(GOVERNANCE, until), version_id=version)
        return Locked(version, until)

    def _kept_until(self, key: str, version: str) -> datetime | None:
        try:
            kept = self._client.get_object_retention(self._buckets.locked, key, version_id=version)
        except S3Error as error:
            if error.code in UNLOCKED:
                return None
            raise
        return kept.retain_until_date if kept else None

    def _copied(self, key: str) -> str | None:
        try:
            return self._client.stat_object(self._buckets.locked, key).version_id
        except S3Error as error:
            if error.code in GONE:
                return None
            raise

    def _copy(self, key: str, etag: str, media_type: str) -> str | None:
        source = CopySource(self._buckets.quarantine, key, match_etag=etag)
        try:
            made = self._client.copy_object(
                self._buckets.locked, key, source, metadata={"Content-Type": media_type}, metadata_directive=REPLACE
            )
        except S3Error as error:
            if error.code == "PreconditionFailed" or error.code in GONE:
                return None
            raise
        return made.version_id

    @staticmethod
    async def _asked(call: Callable[..., Answer], *arguments: object) -> Answer:
        """The call in a thread; a store that is silent, cut off, ill, or does not let this key work is `StoreDown`."""
        try:
            return await asyncio.to_thread(call, *arguments)
        except (HTTPError, OSError, MinioException) as error:
            logger("evidence.files").warning("store down", error=f"{type(error).__name__}: {error}")
            raise StoreDown from error


def make_buckets(admin: Minio, buckets: Buckets, *, retention: timedelta) -> None:
    """Both buckets, made once with the administrator's key; the locked one gets its default retention anew each time."""
    if not admin.bucket_exists(buckets.quarantine):
        admin.make_bucket(buckets.quarantine)
    if not admin.bucket_exists(buckets.locked):
        admin.make_bucket(buckets.locked, object_lock=True)
    admin.set_object_lock_config(buckets.locked, ObjectLockConfig(GOVERNANCE, retention.days, DAYS))


def digested(chunks: Iterable[bytes]) -> Found:
    """Size, SHA-256 and possible types of a file that streams by."""
    size, digest, head, tail = 0, hashlib.sha256(), b"", b""
    for chunk in chunks:
        size += len(chunk)
        digest.update(chunk)
        head = head if len(head) >= HEAD else (head + chunk)[:HEAD]
        tail = (tail + chunk)[-TAIL:]
    return Found(size, digest.hexdigest(), frozenset(types_in(head, tail)))


ZIP: Final = b"PK\x03\x04"
OLE_SIGNATURE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OFFICE: Final = "application/vnd.openxmlformats-officedocument."
# What a member of the archive says about the whole; the first that fits.
INSIDE_ZIP: Final = (
    ("word/", f"{_OFFICE}wordprocessingml.document"),
    ("xl/", f"{_OFFICE}spreadsheetml.sheet"),
    ("ppt/", f"{_OFFICE}presentationml.presentation"),
    ("OFD.xml", "application/ofd"),
)


def types_in(head: bytes, tail: bytes) -> Iterator[str]:
    """Every media type that these bytes may be read as; nothing where they are of no kind that is known."""
    if head.startswith(ZIP):
        members = list(_members(tail))
        yield next((kind for start, kind in INSIDE_ZIP if any(name.startswith(start) for name in members)), "application/zip")
    elif head.startswith(OLE_SIGNATURE):
        yield OLE
    else:
        yield from _signatures(head)
    if _is_text(head):
        yield "text/plain"


def _signatures(head: bytes) -> Iterator[str]:
    try:
        yield from {match.mime_type for match in puremagic.magic_string(head) if match.mime_type}
    except (puremagic.PureError, ValueError):
        return


ENTRY: Final = b"PK\x01\x02"  # of a zip's central directory; the name's length stands at 28, the name at 46


def _members(tail: bytes) -> Iterator[str]:
    at = tail.find(ENTRY)
    while at >= 0:
        length = int.from_bytes(tail[at + 28 : at + 30], "little")
        yield tail[at + 46 : at + 46 + length].decode("utf-8", "replace")
        at = tail.find(ENTRY, at + 46)


_CONTROL: Final = bytes(code for code in range(32) if chr(code) not in string.whitespace)


def _is_text(head: bytes) -> bool:
    """Characters of UTF-8 or GB 18030 and no control codes; a character may be cut off where the head ends."""
    if not head or any(code in head for code in _CONTROL):
        return False
    return any(_decodes(head, encoding) for encoding in ("utf-8", "gb18030"))


def _decodes(head: bytes, encoding: str) -> bool:
    try:
        codecs.getincrementaldecoder(encoding)().decode(head, final=len(head) < HEAD)
    except UnicodeDecodeError:
        return False
    return True
