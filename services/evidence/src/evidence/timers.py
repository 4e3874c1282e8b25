"""What goes on by itself: finishing uploads, sweeping up after crashes, reading everything again."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.exc import DBAPIError

from evidence import handlers
from evidence.domain.claims import Confidentiality, EvidenceId, fault_of
from evidence.domain.readers import Reader
from evidence.domain.refusals import ChangedMeanwhile, NotUploaded, StoreDown
from evidence.domain.revisions import Locked, Policy, Revision
from evidence.handlers import Files, Upload, Work
from kit.clock import Clock
from kit.errors import Refused
from kit.logs import logger
from kit.metrics import Metrics

PLATFORM: Final = Reader("evidence", "evidence", frozenset(), frozenset(Confidentiality))

Works = Callable[[Reader], AbstractAsyncContextManager[Work]]


@dataclass(frozen=True, slots=True)
class Finishing:
    """Re-hash, compare, copy under lock, accept: two short transactions around the long reading.

    A crash between any two steps leaves a revision `uploaded`; `Sweep` or a repeated request goes through all steps again, and
    each of them meets what the first time left: the same object key, the same copy, a settled row.
    """

    works: Works
    files: Files
    system: Clock
    policy: Policy
    metrics: Metrics
    busy: set[tuple[EvidenceId, int]] = field(default_factory=set)

    async def finish(self, evidence: EvidenceId, number: int, reader: Reader) -> Revision:
        async with self.works(reader) as work:
            revision = await handlers.finalize(evidence, number, work)
        if revision.settled:
            return revision
        self.busy.add((evidence, number))
        try:
            return await self._finish(revision)
        finally:
            self.busy.discard((evidence, number))

    async def _finish(self, revision: Revision) -> Revision:
        upload = await self.files.uploaded(revision.key)
        if upload is None:
            async with self.works(PLATFORM) as work:
                await handlers.miss(revision.evidence, revision.number, work)
            raise NotUploaded
        locked = await self._lock(revision, upload)
        async with self.works(PLATFORM) as work:
            settled = await handlers.settle(revision.evidence, revision.number, upload.found, locked, work)
        if not settled.settled:
            raise ChangedMeanwhile
        self.metrics.count("evidence_uploads_total", outcome=settled.fault or settled.state)
        return settled

    async def _lock(self, revision: Revision, upload: Upload) -> Locked | None:
        if fault_of(revision.claim, upload.found):
            return None
        until = self.system.now() + self.policy.retention
        return await self.files.lock(revision.key, upload, media_type=revision.claim.media_type, until=until)


@dataclass(frozen=True, slots=True)
class Sweep:
    """Finishes what a crash or a store outage left unfinished, lapses what was never sent, empties the quarantine."""

    works: Works
    finishing: Finishing
    files: Files
    system: Clock
    policy: Policy
    metrics: Metrics

    async def round(self) -> None:
        """Raises `StoreDown`; the next round goes on."""
        async with self.works(PLATFORM) as work:
            unfinished = await work.chores.unfinished(over_since=self.system.now() - self.policy.lapse_after)
        self.metrics.set("evidence_unfinished_uploads", len(unfinished))
        for revision in unfinished:
            if (revision.evidence, revision.number) not in self.finishing.busy:
                await self._finish(revision)
        await self._discard()

    async def _finish(self, revision: Revision) -> None:
        try:
            await self.finishing.finish(revision.evidence, revision.number, PLATFORM)
        except StoreDown:
            raise
        except Refused as refused:
            logger("evidence.timers").info("not finished", evidence=str(revision.evidence), revision=revision.number, reason=refused.en)

    async def _discard(self) -> None:
        async with self.works(PLATFORM) as work:
            leftovers = await work.chores.leftovers(now=self.system.now())
        for revision in leftovers:
            await self.files.discard(revision.key)
            async with self.works(PLATFORM) as work:
                await work.chores.cleaned(revision)


@dataclass(frozen=True, slots=True)
class IntegrityCheck:
    """Reads every accepted revision again once in each pass and compares its hash: a difference is an event and an alarm."""

    works: Works
    files: Files
    system: Clock
    metrics: Metrics
    every: timedelta

    async def round(self) -> int:
        """Check all that are due; how many are damaged now. Raises `StoreDown`: what can't be read is not called damaged."""
        since = self.system.now() - self.every
        while revisions := await self._due(since):
            for revision in revisions:
                await self._check(revision)
        async with self.works(PLATFORM) as work:
            damaged = await work.chores.damaged()
        self.metrics.set("evidence_damaged_revisions", damaged)
        self.metrics.set("evidence_integrity_pass_timestamp_seconds", self.system.now().timestamp())
        return damaged

    async def _due(self, since: datetime) -> Sequence[Revision]:
        async with self.works(PLATFORM) as work:
            return await work.chores.unchecked(since=since)

    async def _check(self, revision: Revision) -> None:
        if revision.locked is None:
            return
        found = await self.files.locked(revision.key, revision.locked.version)
        async with self.works(PLATFORM) as work:
            checked = await handlers.record_check(revision.evidence, revision.number, found, work)
        self.metrics.count("evidence_integrity_checks_total", outcome="damaged" if checked.damaged else "intact")
        if checked.damaged:
            logger("evidence.timers").error("integrity failed", evidence=str(revision.evidence), revision=revision.number)


async def every(seconds: float, once: Callable[[], Awaitable[object]]) -> None:
    """Until cancelled; a store or a database that is away for a while only delays the next time."""
    while True:
        try:
            await once()
        except (StoreDown, DBAPIError, OSError, TimeoutError) as error:
            logger("evidence.timers").warning("put off", error=f"{type(error).__name__}: {error}")
        await asyncio.sleep(seconds)
