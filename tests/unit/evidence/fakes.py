"""Evidence in memory: what handlers and timers see of the database and of the store."""

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from evidence.domain.claims import Confidentiality, EvidenceId, Found, Subject, UnitCode
from evidence.domain.readers import Reader
from evidence.domain.refusals import NoSuchEvidence, StoreDown
from evidence.domain.revisions import SETTLED, Fact, Locked, Policy, Revision, State
from evidence.handlers import Piece, Read, Upload, Work
from kit.testing import FixedClock
from tests.unit.evidence.builders import NOW

POLICY = Policy(largest=1000, retention=timedelta(days=3650), lapse_after=timedelta(hours=24))
CONTACT = Reader("contact-1", "Contact", frozenset({UnitCode("wanglan")}), frozenset())
STRANGER = Reader("contact-2", "Stranger", frozenset({UnitCode("beiwei")}), frozenset())
OFFICE = Reader("office-1", "Office", frozenset(), frozenset(Confidentiality))


@dataclass(slots=True)
class MemoryPieces:
    units: dict[EvidenceId, UnitCode | None] = field(default_factory=dict)
    subjects: dict[EvidenceId, list[Subject]] = field(default_factory=dict)
    revisions: dict[tuple[EvidenceId, int], Revision] = field(default_factory=dict)

    async def add(self, evidence: EvidenceId, unit: UnitCode | None) -> None:
        self.units[evidence] = unit

    async def add_subjects(self, evidence: EvidenceId, subjects: Iterable[Subject]) -> Sequence[Subject]:
        known = self.subjects.setdefault(evidence, [])
        new = [one for one in subjects if one not in known]
        known.extend(new)
        return new

    async def add_revision(self, revision: Revision) -> None:
        self.revisions[revision.evidence, revision.number] = revision

    change = add_revision

    async def hold(self, evidence: EvidenceId) -> UnitCode | None:
        if evidence not in self.units:
            raise NoSuchEvidence(evidence)
        return self.units[evidence]

    async def revision(self, evidence: EvidenceId, number: int) -> Revision:
        if (evidence, number) not in self.revisions:
            raise NoSuchEvidence(evidence, number)
        return self.revisions[evidence, number]

    async def piece(self, evidence: EvidenceId) -> Piece:
        unit = await self.hold(evidence)
        mine = tuple(one for (of, _), one in sorted(self.revisions.items()) if of == evidence)
        return Piece(evidence, unit, tuple(self.subjects.get(evidence, ())), mine)

    async def proving(self, subject: Subject | None, unit: UnitCode | None, *, after: UUID | None, most: int) -> Sequence[Piece]:
        del subject, unit, after
        return [await self.piece(evidence) for evidence in self.units][:most]


@dataclass(slots=True)
class MemoryChores:
    pieces: MemoryPieces
    clean: set[str] = field(default_factory=set)

    async def unfinished(self, *, over_since: datetime) -> Sequence[Revision]:
        every = self.pieces.revisions.values()
        return [one for one in every if one.state is State.UPLOADED or (one.state is State.DECLARED and one.upload_until < over_since)]

    async def leftovers(self, *, now: datetime) -> Sequence[Revision]:
        settled = [one for one in self.pieces.revisions.values() if one.state in SETTLED and one.upload_until < now]
        return [one for one in settled if one.key not in self.clean]

    async def cleaned(self, revision: Revision) -> None:
        self.clean.add(revision.key)

    async def unchecked(self, *, since: datetime) -> Sequence[Revision]:
        locked = [one for one in self.pieces.revisions.values() if one.locked]
        return [one for one in locked if one.checked_at is None or one.checked_at < since]

    async def damaged(self) -> int:
        return sum(one.damaged for one in self.pieces.revisions.values())


@dataclass(slots=True)
class MemoryReads:
    log: list[Read] = field(default_factory=list)

    async def add(self, evidence: EvidenceId, read: Read) -> None:
        del evidence
        self.log.append(read)

    async def of(self, evidence: EvidenceId) -> Sequence[Read]:
        del evidence
        return self.log


@dataclass(slots=True)
class MemoryFiles:
    """`quarantine` and `safe` hold what was found by key; `down` makes every question fail."""

    quarantine: dict[str, Found] = field(default_factory=dict)
    safe: dict[str, Found] = field(default_factory=dict)
    copies: int = 0
    down: bool = False
    swapped: bool = False

    def upload_url(self, key: str, *, lasting: timedelta) -> str:
        return f"put:{key}:{lasting}"

    def download_url(self, key: str, version: str, *, name: str, media_type: str, lasting: timedelta) -> str:
        return f"get:{key}:{version}:{name}:{media_type}:{lasting}"

    async def uploaded(self, key: str) -> Upload | None:
        self._answer()
        return Upload(self.quarantine[key], "tag") if key in self.quarantine else None

    async def lock(self, key: str, upload: Upload, *, media_type: str, until: datetime) -> Locked | None:
        del media_type
        self._answer()
        if self.swapped:
            return None
        self.copies += key not in self.safe
        self.safe[key] = upload.found
        return Locked("v1", until)

    async def locked(self, key: str, version: str) -> Found | None:
        del version
        self._answer()
        return self.safe.get(key)

    async def discard(self, key: str) -> None:
        self._answer()
        self.quarantine.pop(key, None)

    def _answer(self) -> None:
        if self.down:
            raise StoreDown


@dataclass(slots=True)
class Said:
    facts: list[Fact] = field(default_factory=list)

    async def add(self, fact: Fact) -> None:
        self.facts.append(fact)


@dataclass(slots=True)
class Room:
    """One service's worth of fakes; `work` is a transaction of this reader."""

    pieces: MemoryPieces = field(default_factory=MemoryPieces)
    files: MemoryFiles = field(default_factory=MemoryFiles)
    reads: MemoryReads = field(default_factory=MemoryReads)
    said: Said = field(default_factory=Said)
    clock: FixedClock = field(default_factory=lambda: FixedClock(NOW))
    chores: MemoryChores = field(init=False)

    def __post_init__(self) -> None:
        self.chores = MemoryChores(self.pieces)

    def work(self, reader: Reader = CONTACT) -> Work:
        return Work(
            pieces=self.pieces,
            chores=self.chores,
            reads=self.reads,
            outbox=self.said,
            files=self.files,
            clock=self.clock,
            system=self.clock,
            reader=reader,
            policy=POLICY,
        )

    @asynccontextmanager
    async def works(self, reader: Reader) -> AsyncIterator[Work]:
        yield self.work(reader)
