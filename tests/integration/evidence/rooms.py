"""A whole evidence service on real servers, with a database, buckets and a clock of its own."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
from minio import Minio
from minio.deleteobjects import DeleteObject

from evidence.app import Evidence, create
from evidence.domain.claims import EvidenceId
from evidence.files import Buckets, client_of, make_buckets
from evidence.settings import EvidenceSettings
from kit import migrations
from kit.clock import SystemClock
from kit.testing import ISSUER, FixedClock, Servers, TestIssuer, fresh_database, topic_prefix

MIGRATIONS = Path(__file__).parents[3] / "services/evidence/migrations"
REGION = "us-east-1"
RETENTION = timedelta(days=3650)
PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj <</Type /Catalog>> endobj\ntrailer <<>>\n%%EOF\n"


def sha256(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def declaration(body: bytes = PDF, **changed: object) -> dict[str, object]:
    return {
        "unit": "wanglan",
        "subjects": [{"kind": "item", "id": "item-1"}],
        "name": "整改报告.pdf",
        "size": len(body),
        "sha256": sha256(body),
        "media_type": "application/pdf",
        "effective_on": "2026-09-10",
        "confidentiality": "internal",
    } | changed


@dataclass(frozen=True, slots=True)
class Room:
    settings: EvidenceSettings
    servers: Servers
    service: Evidence
    clock: FixedClock
    system: FixedClock
    issuer: TestIssuer
    http: httpx.AsyncClient
    admin: Minio
    store: httpx.AsyncClient = field(default_factory=lambda: httpx.AsyncClient(timeout=60))

    def as_unit(self, unit: str = "wanglan") -> dict[str, str]:
        return self.issuer.headers("unit", subject=f"contact-{unit}", units=[unit])

    def as_office(self) -> dict[str, str]:
        return self.issuer.headers("office", subject="office-1")

    async def declared(self, body: bytes = PDF, /, **changed: object) -> dict[str, Any]:
        answer = await self.http.post("/v1/evidence", json=declaration(body, **changed), headers=self.as_unit())
        assert answer.status_code == 201, answer.text
        ticket: dict[str, Any] = answer.json()
        return ticket

    async def sent(self, body: bytes = PDF, /, *, instead: bytes | None = None) -> dict[str, Any]:
        """Declared and uploaded, not finalized; `instead` are the bytes that really go."""
        ticket = await self.declared(body)
        put = await self.store.put(ticket["url"], content=body if instead is None else instead)
        assert put.status_code == 200, put.text
        return ticket

    async def finalized(self, ticket: dict[str, Any]) -> httpx.Response:
        path = f"/v1/evidence/{ticket['evidence']}/revisions/{ticket['revision']}/finalize"
        return await self.http.post(path, headers=self.as_unit())

    async def accepted(self, body: bytes = PDF) -> dict[str, Any]:
        ticket = await self.sent(body)
        answer = await self.finalized(ticket)
        assert answer.json()["state"] == "accepted", answer.text
        return ticket

    async def state(self, ticket: dict[str, Any]) -> str:
        answer = await self.http.get(f"/v1/evidence/{ticket['evidence']}", headers=self.as_office())
        found: str = answer.json()["revisions"][ticket["revision"] - 1]["state"]
        return found

    def copies(self, ticket: dict[str, Any]) -> list[str]:
        """Keys of all versions under lock."""
        found = self.admin.list_objects(self.settings.locked_bucket, prefix=ticket["evidence"], recursive=True, include_version=True)
        return [str(one.object_name) for one in found]

    def again(self, **changed: object) -> Evidence:
        """The same service once more, as after a restart."""
        settings = self.settings.model_copy(update=changed)
        return create(settings, verifier=self.issuer.verifier(), clock=self.clock, system=self.system)


def ids(ticket: dict[str, Any]) -> tuple[EvidenceId, int]:
    return EvidenceId(UUID(ticket["evidence"])), ticket["revision"]


@dataclass(frozen=True, slots=True)
class Store:
    """Two buckets for one run of the tests: a store may give each bucket several volumes, so that one a test is too many."""

    admin: Minio
    buckets: Buckets

    def make(self) -> None:
        make_buckets(self.admin, self.buckets, retention=RETENTION)

    def remove(self) -> None:
        """With the key that alone may bypass the lock."""
        for bucket in (self.buckets.quarantine, self.buckets.locked):
            found = self.admin.list_objects(bucket, recursive=True, include_version=True)
            gone = [DeleteObject(str(one.object_name), one.version_id) for one in found]
            assert list(self.admin.remove_objects(bucket, gone, bypass_governance_mode=True)) == []
            self.admin.remove_bucket(bucket)


def store_of(servers: Servers) -> Store:
    keys = {"access_key": servers.s3_admin_access_key, "secret_key": servers.s3_admin_secret_key}
    mark = uuid4().hex[:12]
    return Store(client_of(servers.s3_endpoint, region=REGION, **keys), Buckets(f"quarantine-{mark}", f"locked-{mark}"))


def settings_for(servers: Servers, database: str, buckets: Buckets) -> EvidenceSettings:
    return EvidenceSettings.model_validate(
        {
            "environment": "local",
            "database_url": database,
            "kafka_bootstrap": servers.kafka_bootstrap,
            "topic_prefix": topic_prefix(),
            "auth_issuer": ISSUER,
            "auth_jwks_url": f"{ISSUER}/jwks.json",
            "s3_endpoint": servers.s3_endpoint,
            "s3_access_key": servers.s3_access_key,
            "s3_secret_key": servers.s3_secret_key,
            "quarantine_bucket": buckets.quarantine,
            "locked_bucket": buckets.locked,
            "retention_days": RETENTION.days,
        }
    )


@asynccontextmanager
async def a_template(servers: Servers) -> AsyncIterator[str]:
    """The name of a migrated database that others are copied from."""
    async with fresh_database(servers.postgres_url) as database:
        await asyncio.to_thread(migrations.upgrade, MIGRATIONS, database)
        yield database.rsplit("/", 1)[1]


@asynccontextmanager
async def a_room(servers: Servers, store: Store, template: str) -> AsyncIterator[Room]:
    async with fresh_database(servers.postgres_url, template=template) as database:
        settings = settings_for(servers, database, store.buckets)
        clock, system, issuer = FixedClock(datetime(2026, 9, 14, 2, tzinfo=UTC)), FixedClock(SystemClock().now()), TestIssuer()
        service = create(settings, verifier=issuer.verifier(), clock=clock, system=system)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(service.app), base_url="http://evidence") as http:
            room = Room(settings, servers, service, clock, system, issuer, http, store.admin)
            yield room
            await room.store.aclose()
        await service.database.close()
