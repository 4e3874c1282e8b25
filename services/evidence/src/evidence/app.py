"""The composition root of evidence: settings in, siblings out."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from fastapi import FastAPI
from minio import Minio
from sqlalchemy.ext.asyncio import AsyncSession

from evidence import api, events, store
from evidence.domain.readers import Reader
from evidence.domain.revisions import Fact, Policy
from evidence.files import Buckets, S3Files, client_of, make_buckets
from evidence.handlers import Work
from evidence.settings import BucketSettings, EvidenceSettings
from evidence.timers import Finishing, IntegrityCheck, Sweep, every
from kit.auth import Principal, Verifier
from kit.clock import Clock, SystemClock
from kit.db import Database
from kit.health import Health
from kit.http import Edge, create_app
from kit.metrics import Metric, Metrics
from kit.outbox import Cause
from kit.run import Sibling, http_server
from kit.service import Messaging, messaging_of

SERVICE: Final = "evidence"
INTEGRITY_LOOK: Final = 10.0  # seconds between looks for files whose re-reading is due

METRICS: Final = (
    Metric("counter", "evidence_uploads_total", "Uploads settled, by outcome (accepted, or the fault).", ("outcome",)),
    Metric("gauge", "evidence_unfinished_uploads", "Finalized uploads that the last sweep found not settled."),
    Metric("counter", "evidence_integrity_checks_total", "Accepted files re-read, by outcome.", ("outcome",)),
    Metric("gauge", "evidence_damaged_revisions", "Accepted files whose bytes in the store are not the accepted ones; must be 0."),
    Metric("gauge", "evidence_integrity_pass_timestamp_seconds", "When every due file had last been re-read (Unix time)."),
)


@dataclass(frozen=True, slots=True)
class Evidence:
    """The service put together; tests take its parts, `__main__` runs its siblings."""

    app: FastAPI
    database: Database
    files: S3Files
    finishing: Finishing
    sweep: Sweep
    integrity: IntegrityCheck
    parts: Mapping[str, Sibling]

    def siblings(self) -> Mapping[str, Sibling]:
        return self.parts


@dataclass(frozen=True, slots=True)
class Workshop:
    """Opens the `Work` of one transaction."""

    files: S3Files
    clock: Clock
    system: Clock
    policy: Policy
    messaging: Messaging[Fact]

    def open_work(self, session: AsyncSession, reader: Reader, cause: Cause) -> Work:
        return Work(
            pieces=store.SqlPieces(session, reader),
            chores=store.SqlChores(session),
            reads=store.SqlReads(session),
            outbox=self.messaging.outbox(session, cause),
            files=self.files,
            clock=self.clock,
            system=self.system,
            reader=reader,
            policy=self.policy,
        )

    def for_principal(self, session: AsyncSession, principal: Principal, cause: Cause) -> Work:
        return self.open_work(session, api.reader_of(principal), cause)

    @asynccontextmanager
    async def works(self, reader: Reader) -> AsyncIterator[Work]:
        async with self.messaging.transaction() as (session, cause):
            yield self.open_work(session, reader, cause)


def client_from(settings: EvidenceSettings, endpoint: str) -> Minio:
    return client_of(
        endpoint,
        access_key=settings.s3_access_key,
        secret_key=settings.s3_secret_key.get_secret_value(),
        region=settings.s3_region,
        ca_file=str(settings.s3_ca_file) if settings.s3_ca_file else None,
    )


def files_from(settings: EvidenceSettings) -> S3Files:
    buckets = Buckets(settings.quarantine_bucket, settings.locked_bucket)
    signer = client_from(settings, settings.s3_public_endpoint or settings.s3_endpoint)
    return S3Files(client_from(settings, settings.s3_endpoint), buckets, signer=signer)


def create(
    settings: EvidenceSettings, *, verifier: Verifier | None = None, clock: Clock | None = None, system: Clock | None = None
) -> Evidence:
    """Put the service together; nothing is started, and no server is asked."""
    system = system or SystemClock()
    metrics = Metrics(METRICS)
    files = files_from(settings)
    policy = Policy(settings.largest_bytes, settings.retention, timedelta(hours=settings.lapse_after_hours))
    messaging = messaging_of(SERVICE, settings, store.tables, events.contract_of, metrics=metrics, clock=clock)
    shop = Workshop(files, messaging.clock, system, policy, messaging)
    finishing = Finishing(shop.works, files, system, policy, metrics)
    sweep = Sweep(shop.works, finishing, files, system, policy, metrics)
    integrity = IntegrityCheck(shop.works, files, system, metrics, timedelta(hours=settings.integrity_hours))
    app = create_app(
        title="Kaohe evidence 佐证材料",
        description="Files that prove something: declared, uploaded, re-hashed, locked, and read again for ever.",
        routers=[api.router],
        problems=api.PROBLEMS,
        edge=Edge(verifier or settings.verifier(), messaging.database, shop.for_principal),
        health=Health({**messaging.checks(), "object store": files.check}),
        metrics=metrics,
    )
    app.state.finisher = finishing
    parts: dict[str, Sibling] = {
        "http": http_server(app, host=settings.http_host, port=settings.http_port),
        "relay": messaging.relay().run,
        "sweep": lambda: every(settings.sweep_seconds, sweep.round),
        "integrity": lambda: every(INTEGRITY_LOOK, integrity.round),
    }
    return Evidence(app, messaging.database, files, finishing, sweep, integrity, parts)


def prepare_buckets(settings: BucketSettings) -> None:
    admin = client_of(
        settings.s3_endpoint,
        access_key=settings.s3_admin_access_key,
        secret_key=settings.s3_admin_secret_key.get_secret_value(),
        region=settings.s3_region,
        ca_file=str(settings.s3_ca_file) if settings.s3_ca_file else None,
    )
    make_buckets(admin, Buckets(settings.quarantine_bucket, settings.locked_bucket), retention=timedelta(days=settings.retention_days))
