"""One function per command or query about evidence, and the Protocols that they need; nothing here commits."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol
from uuid import UUID

from evidence.domain.claims import Claim, EvidenceId, Found, Subject, UnitCode, fault_of
from evidence.domain.readers import Reader
from evidence.domain.refusals import NoSuchEvidence, NotAccepted, NotYourUnit
from evidence.domain.revisions import Accepted, Fact, IntegrityFailed, Locked, Move, Policy, Revision, State, UploadRefused
from kit.clock import Clock

UPLOAD_LIFE: Final = timedelta(hours=1)  # of an upload's address; a new one may be asked for while the revision is declared

DOWNLOAD_LIFE: Final = timedelta(minutes=5)  # long enough to begin a download


@dataclass(frozen=True, slots=True)
class Upload:
    """What lies in quarantine, and the tag of the very bytes that were read."""

    found: Found
    etag: str


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of evidence as its reader may see it: subjects, and the visible revisions in their order."""

    evidence: EvidenceId
    unit: UnitCode | None
    subjects: tuple[Subject, ...]
    revisions: tuple[Revision, ...]

    def revision(self, number: int) -> Revision:
        """Raises `NoSuchEvidence`."""
        found = next((revision for revision in self.revisions if revision.number == number), None)
        if found is None:
            raise NoSuchEvidence(self.evidence, number)
        return found


@dataclass(frozen=True, slots=True)
class Read:
    revision: int
    reader: str
    name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Ticket:
    """An address that lets its holder send or fetch one file until then."""

    revision: Revision
    url: str
    until: datetime


class Pieces(Protocol):
    """All queries see what the transaction's reader may see, and no more."""

    async def add(self, evidence: EvidenceId, unit: UnitCode | None) -> None: ...

    async def add_subjects(self, evidence: EvidenceId, subjects: Iterable[Subject]) -> Sequence[Subject]:
        """Those that were not there yet, in the given order."""

    async def add_revision(self, revision: Revision) -> None: ...

    async def change(self, revision: Revision) -> None: ...

    async def hold(self, evidence: EvidenceId) -> UnitCode | None:
        """The piece's unit, the piece locked until the transaction ends; raises `NoSuchEvidence`."""

    async def revision(self, evidence: EvidenceId, number: int) -> Revision:
        """Locked with its piece until the transaction ends, so that no subject is added meanwhile; raises `NoSuchEvidence`."""

    async def piece(self, evidence: EvidenceId) -> Piece:
        """Raises `NoSuchEvidence`."""

    async def proving(self, subject: Subject | None, unit: UnitCode | None, *, after: UUID | None, most: int) -> Sequence[Piece]:
        """Pieces of a subject and a unit in the order of their ids."""


class Chores(Protocol):
    """What the timers have to look after, oldest first; instants are the machine's."""

    async def unfinished(self, *, over_since: datetime) -> Sequence[Revision]:
        """Finalized but not settled, and declared ones whose address ended before `over_since`."""

    async def leftovers(self, *, now: datetime) -> Sequence[Revision]:
        """Settled ones that may still lie in quarantine and can't be sent again."""

    async def cleaned(self, revision: Revision) -> None: ...

    async def unchecked(self, *, since: datetime) -> Sequence[Revision]:
        """Accepted ones that were not re-read since then."""

    async def damaged(self) -> int: ...


class Reads(Protocol):
    async def add(self, evidence: EvidenceId, read: Read) -> None: ...

    async def of(self, evidence: EvidenceId) -> Sequence[Read]: ...


class Files(Protocol):
    """The bytes; everything that asks the store raises `StoreDown` when it is out of reach. Signing asks nobody."""

    def upload_url(self, key: str, *, lasting: timedelta) -> str: ...

    def download_url(self, key: str, version: str, *, name: str, media_type: str, lasting: timedelta) -> str: ...

    async def uploaded(self, key: str) -> Upload | None:
        """What lies in quarantine, re-hashed; `None` where nothing does."""

    async def lock(self, key: str, upload: Upload, *, media_type: str, until: datetime) -> Locked | None:
        """Copy exactly these bytes under retention lock; a repeat finds its copy. `None`: the upload is not the same any more."""

    async def locked(self, key: str, version: str) -> Found | None:
        """What lies under lock, re-hashed; `None` where it is gone."""

    async def discard(self, key: str) -> None:
        """Remove from quarantine; nothing there is as good."""


class Outbox(Protocol):
    async def add(self, fact: Fact) -> None: ...


class Finisher(Protocol):
    async def finish(self, evidence: EvidenceId, number: int, reader: Reader) -> Revision:
        """The revision settled, by transactions of its own around the long reading; raises `NotUploaded`, `StoreDown`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What one transaction works with; `clock` is the bureau's time, `system` the machine's (addresses, retention, checks)."""

    pieces: Pieces
    chores: Chores
    reads: Reads
    outbox: Outbox
    files: Files
    clock: Clock
    system: Clock
    reader: Reader
    policy: Policy


async def declare(evidence: EvidenceId, claim: Claim, work: Work, *, unit: UnitCode | None, subjects: Iterable[Subject]) -> Ticket:
    """A new piece with its first revision; raises `NotYourUnit`, `BadClaim`, `BadSubject`."""
    if not work.reader.may_upload_for(unit):
        raise NotYourUnit(unit)
    checked = [subject.checked(unit) for subject in subjects]
    await work.pieces.add(evidence, unit)
    await work.pieces.add_subjects(evidence, checked)
    return await _declare_revision(evidence, 1, claim, work, unit=unit)


async def revise(evidence: EvidenceId, claim: Claim, work: Work) -> Ticket:
    """The next revision of a piece; the earlier ones stay."""
    unit = await work.pieces.hold(evidence)
    if not work.reader.may_upload_for(unit):
        raise NoSuchEvidence(evidence)
    known = await work.pieces.piece(evidence)
    number = max((revision.number for revision in known.revisions), default=0) + 1
    return await _declare_revision(evidence, number, claim, work, unit=unit)


async def _declare_revision(evidence: EvidenceId, number: int, claim: Claim, work: Work, *, unit: UnitCode | None) -> Ticket:
    revision = Revision(
        evidence=evidence,
        number=number,
        unit=unit,
        claim=claim.checked(largest=work.policy.largest),
        uploader=work.reader.subject,
        state=State.DECLARED,
        declared_at=work.clock.now(),
        upload_until=work.system.now() + UPLOAD_LIFE,
    )
    await work.pieces.add_revision(revision)
    return _upload_ticket(revision, work)


def _upload_ticket(revision: Revision, work: Work) -> Ticket:
    return Ticket(revision, work.files.upload_url(revision.key, lasting=UPLOAD_LIFE), revision.upload_until)


async def renew_upload(evidence: EvidenceId, number: int, work: Work) -> Ticket:
    """A fresh address for a file that has not been sent; raises `IllegalMove` once it was finalized."""
    revision = (await work.pieces.revision(evidence, number)).extend_upload(until=work.system.now() + UPLOAD_LIFE)
    await work.pieces.change(revision)
    return _upload_ticket(revision, work)


async def add_subjects(evidence: EvidenceId, subjects: Iterable[Subject], work: Work) -> Piece:
    """The piece proves more; what was accepted already is said to prove the new ones too. Repeats change nothing."""
    unit = await work.pieces.hold(evidence)
    if not work.reader.may_upload_for(unit):
        raise NoSuchEvidence(evidence)
    new = await work.pieces.add_subjects(evidence, [subject.checked(unit) for subject in subjects])
    piece = await work.pieces.piece(evidence)
    for revision in piece.revisions if new else ():
        if revision.state is State.ACCEPTED:
            await work.outbox.add(revision.proves(new))
    return piece


async def download(evidence: EvidenceId, number: int, work: Work) -> Ticket:
    """An address of the locked bytes, and a line in the log of reads; raises `NotAccepted`."""
    revision = (await work.pieces.piece(evidence)).revision(number)
    if revision.locked is None:
        raise NotAccepted(revision.state)
    claim = revision.claim
    await work.reads.add(evidence, Read(number, work.reader.subject, work.reader.name, work.clock.now()))
    url = work.files.download_url(
        revision.key, revision.locked.version, name=claim.name, media_type=claim.media_type, lasting=DOWNLOAD_LIFE
    )
    return Ticket(revision, url, work.system.now() + DOWNLOAD_LIFE)


async def finalize(evidence: EvidenceId, number: int, work: Work) -> Revision:
    """The uploader says that the file was sent; a settled revision stays as it is, so that a repeat is harmless."""
    revision = await work.pieces.revision(evidence, number)
    if revision.settled:
        return revision
    finalized = revision.moved(Move.FINALIZE)
    await work.pieces.change(finalized)
    return finalized


async def miss(evidence: EvidenceId, number: int, work: Work) -> None:
    """Nothing had arrived: the upload stays open, or lapses when its time is long over."""
    revision = await work.pieces.revision(evidence, number)
    if revision.state is not State.UPLOADED:
        return
    missed = revision.moved(Move.MISS)
    over = work.system.now() - missed.upload_until > work.policy.lapse_after
    await work.pieces.change(missed.lapse(now=work.clock.now()) if over else missed)


async def settle(evidence: EvidenceId, number: int, found: Found, locked: Locked | None, work: Work) -> Revision:
    """Accept what was locked, or refuse what differs from the claim; a second settling finds the first and changes nothing."""
    revision = await work.pieces.revision(evidence, number)
    if revision.settled:
        return revision
    now, fault = work.clock.now(), fault_of(revision.claim, found)
    if fault is not None:
        settled = revision.refuse(fault, now=now)
        await work.outbox.add(UploadRefused(settled, fault))
    elif locked is not None:
        settled = revision.accept(locked, now=now)
        await work.outbox.add(Accepted(settled, (await work.pieces.piece(evidence)).subjects))
    else:
        return revision
    await work.pieces.change(settled)
    return settled


async def record_check(evidence: EvidenceId, number: int, found: Found | None, work: Work) -> Revision:
    """What a re-reading found; damage is said once, until the bytes are right again."""
    revision = await work.pieces.revision(evidence, number)
    checked = revision.examined(found, now=work.system.now())
    if checked.damaged and not revision.damaged:
        await work.outbox.add(IntegrityFailed(checked, found.sha256 if found else None))
    await work.pieces.change(checked)
    return checked
