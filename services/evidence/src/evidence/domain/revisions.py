"""The moves of an upload, and the facts that come of them."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from evidence.domain.claims import Claim, EvidenceId, Fault, Found, Subject, UnitCode
from evidence.domain.refusals import IllegalMove


class State(StrEnum):
    DECLARED = "declared"
    UPLOADED = "uploaded"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    LAPSED = "lapsed"


class Move(StrEnum):
    FINALIZE = "finalize"
    MISS = "miss"
    ACCEPT = "accept"
    REFUSE = "refuse"
    LAPSE = "lapse"


MOVES: Final = {
    (State.DECLARED, Move.FINALIZE): State.UPLOADED,
    (State.UPLOADED, Move.FINALIZE): State.UPLOADED,
    (State.UPLOADED, Move.MISS): State.DECLARED,
    (State.UPLOADED, Move.ACCEPT): State.ACCEPTED,
    (State.UPLOADED, Move.REFUSE): State.REFUSED,
    (State.DECLARED, Move.LAPSE): State.LAPSED,
}
SETTLED: Final = frozenset({State.ACCEPTED, State.REFUSED, State.LAPSED})


@dataclass(frozen=True, slots=True)
class Locked:
    """Where accepted bytes lie, and until when nobody who uses the platform can remove them."""

    version: str
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    evidence: EvidenceId
    number: int
    unit: UnitCode | None
    claim: Claim
    uploader: str
    state: State
    declared_at: datetime
    upload_until: datetime
    fault: Fault | None = None
    locked: Locked | None = None
    settled_at: datetime | None = None
    checked_at: datetime | None = None
    damaged: bool = False

    @property
    def key(self) -> str:
        """The object's name in both buckets: a repeat of any step meets the same object."""
        return f"{self.evidence}/{self.number}/{self.claim.sha256}"

    @property
    def settled(self) -> bool:
        return self.state in SETTLED

    def moved(self, move: Move) -> "Revision":
        """After this move; raises `IllegalMove`."""
        state = MOVES.get((self.state, move))
        if state is None:
            raise IllegalMove(self.state, move)
        return replace(self, state=state)

    def accept(self, locked: Locked, *, now: datetime) -> "Revision":
        return replace(self.moved(Move.ACCEPT), locked=locked, settled_at=now)

    def refuse(self, fault: Fault, *, now: datetime) -> "Revision":
        return replace(self.moved(Move.REFUSE), fault=fault, settled_at=now)

    def lapse(self, *, now: datetime) -> "Revision":
        return replace(self.moved(Move.LAPSE), settled_at=now)

    def extend_upload(self, *, until: datetime) -> "Revision":
        """A later end of the upload, while nothing was finalized."""
        if self.state is not State.DECLARED:
            raise IllegalMove(self.state, Move.FINALIZE)
        return replace(self, upload_until=until)

    def examined(self, found: Found | None, *, now: datetime) -> "Revision":
        """After its bytes were read again; nothing found is damage too."""
        return replace(self, checked_at=now, damaged=found is None or found.sha256 != self.claim.sha256)

    def proves(self, subjects: Iterable[Subject]) -> "Accepted":
        return Accepted(revision=self, subjects=tuple(subjects))


@dataclass(frozen=True, slots=True)
class Accepted:
    """The revision is accepted proof of these subjects; said again, with the new ones only, when subjects are added."""

    revision: Revision
    subjects: tuple[Subject, ...]


@dataclass(frozen=True, slots=True)
class UploadRefused:
    revision: Revision
    fault: Fault


@dataclass(frozen=True, slots=True)
class IntegrityFailed:
    """`found` is the hash of what lies there now, or nothing where the object is gone."""

    revision: Revision
    found: str | None


Fact = Accepted | UploadRefused | IntegrityFailed


@dataclass(frozen=True, slots=True)
class Policy:
    """The bureau's choices: the largest file, how long bytes are locked, when a declaration without a file lapses."""

    largest: int
    retention: timedelta
    lapse_after: timedelta
