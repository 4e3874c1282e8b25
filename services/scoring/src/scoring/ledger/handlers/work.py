"""The Protocols behind the ledger's routes, and the bundle of them for one transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from kit.auth import Principal
from kit.clock import Clock
from scoring.ledger.domain.records import Record
from scoring.ledger.handlers.registering import Catalogue, Topics


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A message for a source's topic."""

    slug: str
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]


class Feed(Topics, Protocol):
    """The log of the feed: HTTP intake and replay only produce to it; there is one way in."""

    async def send(self, messages: Sequence[Outgoing]) -> None:
        """Returns after all are acknowledged by all replicas; raises `NotYet` when that takes too long."""

    async def ends(self, slugs: Sequence[str]) -> Mapping[str, Mapping[int, int]]:
        """The next offset of each partition of these sources."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceSummary:
    """What came from a source so far."""

    source: str
    name: str
    received: int
    applied: int
    duplicates: int
    late: int
    corrected: int
    withdrawn: int
    conflicts: int
    quarantined: int
    open: int
    unassigned: int
    taken: Mapping[int, int]
    newest: datetime | None
    received_at: datetime | None
    paused: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A quarantined message as it came."""

    id: int
    source: str
    reason: str
    detail: str
    event: str | None
    state: str
    times: int
    partition: int
    offset: int
    received_at: datetime
    closed_at: datetime | None
    key: bytes | None = None
    value: bytes | None = None
    headers: Sequence[tuple[str, bytes]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Unassigned:
    """A code that stands for no unit, and how many records carry it."""

    source: str
    code: str | None
    records: int
    example: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedBatch:
    source: str
    id: str
    day: date
    state: str
    count: int
    digest: str
    held_count: int | None
    held_digest: str | None
    compared_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptFact:
    """Whether and when an event was applied, and how many copies of it came besides."""

    copies: int
    received_at: datetime | None


class Readings(Protocol):
    """Questions about what is held."""

    async def summary(self) -> Sequence[SourceSummary]: ...

    async def undeclared(self) -> Sequence[tuple[str, str, str, int]]:
        """Source, kind, attribute, times."""

    async def unassigned(self, source: str | None, *, after: tuple[str, str], most: int) -> Sequence[Unassigned]: ...

    async def batches(self, source: str | None, *, most: int) -> Sequence[ClosedBatch]: ...

    async def counting(self) -> str | None:
        """What totals are being counted anew for, if they are."""

    async def applied(self, source: str, event: str) -> KeptFact | None: ...

    async def record(self, source: str, subject: str) -> Record | None: ...

    async def facts_of(self, source: str, subject: str) -> Sequence[Mapping[str, Any]]: ...


class Quarantine(Protocol):
    """Messages that were set aside; a list leaves out their bytes, which may be many."""

    async def listed(self, source: str | None, *, is_open: bool, reason: str | None, after: int, most: int) -> Sequence[Kept]: ...

    async def kept(self, message: int) -> Kept:
        """With its bytes, locked until the transaction ends; raises `NoSuch`."""

    async def of_event(self, source: str, event: str) -> Sequence[Kept]: ...

    async def ask(self, message: int) -> None:
        """Have it replayed."""

    async def ask_all(self, source: str, reason: str | None, *, most: int) -> int:
        """Have the oldest open ones replayed that nobody asked for yet; how many."""

    async def discarded(self, message: int, *, at: datetime) -> None: ...


class Replays(Protocol):
    """What was asked to be replayed; each step is durable by itself."""

    async def asked(self, *, most: int) -> Sequence[int]:
        """The oldest."""

    async def message(self, asked: int) -> Outgoing | None:
        """As it came; nothing if it was discarded meanwhile."""

    async def sent(self, asked: int) -> None:
        """Acknowledged by Kafka."""


class Logs(Protocol):
    """Which log of a source is the known one."""

    async def adopt(self, slug: str, begins: Mapping[int, int]) -> None:
        """Take what is there now, from its beginnings, in a new epoch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What a recount found; all is well when both lists are empty."""

    facts: int
    records: int
    places: int
    wrong_records: Sequence[tuple[str, str]]
    wrong_totals: Sequence[Mapping[str, str]]

    @property
    def holds(self) -> bool:
        return not self.wrong_records and not self.wrong_totals


class Recounts(Protocol):
    async def prove(self) -> Proof:
        """Compare totals with the records and records with the facts, on one snapshot; changes nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """Everything that one transaction of the ledger works with."""

    catalogue: Catalogue
    readings: Readings
    quarantine: Quarantine
    logs: Logs
    feed: Feed
    recounts: Recounts
    clock: Clock
    caller: Principal


class HasLedger(Protocol):
    """What the service opens for a request; the ledger's routes look at this part of it."""

    @property
    def ledger(self) -> Work: ...
