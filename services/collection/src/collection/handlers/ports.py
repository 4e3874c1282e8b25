"""What the handlers need: plural nouns of what is held, and the commands they take."""

from collections.abc import AsyncIterable, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from collection.domain.building import mapping_from
from collection.domain.facts import Fact
from collection.domain.mappings import FileMapping
from collection.domain.rows import Reject, Row
from collection.domain.runs import Counts, Run, RunId, RunState
from collection.domain.snapshots import Entry, Taken
from kit.clock import Clock


@dataclass(frozen=True, slots=True)
class StoredMapping:
    """A version of a mapping's text; version 0 is shipped."""

    name: str
    version: int
    text: str
    added_by: str
    added_at: datetime | None

    def built(self) -> FileMapping:
        return mapping_from(self.text)


class Mappings(Protocol):
    async def latest(self, name: str) -> StoredMapping:
        """Raises `NoSuchMapping`."""

    async def version(self, name: str, version: int) -> StoredMapping:
        """Raises `NoSuchMapping`."""

    async def all(self) -> Sequence[StoredMapping]:
        """The latest of each name."""

    async def add(self, name: str, text: str, *, by: str, at: datetime) -> StoredMapping:
        """A new version, or the latest one where its text is the same."""


class Runs(Protocol):
    async def start(self, run: Run) -> None:
        """Raises `RunUnderWay`; a run of the source that was not seen for a minute gives way."""

    async def beat(self, run: RunId, counts: Counts, rejects: Sequence[Reject]) -> None:
        """The run goes on: its counts so far, its further rejects. Raises `RunEnded` where it gave way."""

    async def end(self, run: Run, *, was: RunState) -> None:
        """Raises `RunEnded` where the kept run is not in that state any more."""

    async def get(self, run: RunId) -> Run:
        """Raises `NoSuchRun`."""

    async def list(self, *, slug: str | None, before: datetime | None, most: int) -> Sequence[Run]:
        """The latest first."""

    async def rejects(self, run: RunId, *, after: int, most: int) -> Sequence[tuple[int, Reject]]: ...


@dataclass(frozen=True, slots=True)
class Pending:
    """A register that was read whole and whose facts may not all be sent yet."""

    run: RunId
    day: date
    edition: int
    mapping: str
    version: int


@dataclass(frozen=True, slots=True)
class Held:
    """What is known of a source's register: the one taken last, and one that waits to be finished."""

    run: RunId | None
    taken: Taken | None
    rows: int
    pending: Pending | None


@dataclass(frozen=True, slots=True)
class StagedRow:
    """A row of a register on its way: `entry` is `None` where the row could not be used."""

    key: str
    entry: Entry | None
    updated: datetime | None
    number: int


@dataclass(frozen=True, slots=True)
class Difference:
    """How much a staged register differs from the one taken last."""

    rows: int
    gone: int


@dataclass(frozen=True, slots=True)
class Changed:
    """A record that appeared, changed (`entry`) or disappeared (`None`)."""

    key: str
    entry: Entry | None


class Registers(Protocol):
    async def held(self, slug: str) -> Held: ...

    async def stage(self, run: RunId, rows: Sequence[StagedRow]) -> None:
        """Keep rows of a register; of one key the greatest update time, then the last one kept, stays; keys are unique in `rows`."""

    async def carry(self, run: RunId, last: RunId | None) -> Difference:
        """Rows that could not be used keep what the last register said of them; then count the difference."""

    async def propose(self, slug: str, pending: Pending) -> None:
        """The register is whole: from here on it is finished, whoever does it."""

    async def changes(self, run: RunId, last: RunId | None, *, after: str, most: int) -> Sequence[Changed]:
        """The next changes by key."""

    async def take(self, slug: str, pending: Pending) -> None:
        """All facts are sent: the pending register is the one taken last."""

    async def forget(self, *, keep: Sequence[RunId], slug: str, most: int) -> int:
        """Remove up to `most` rows of registers of the source that nobody needs; gives how many."""


class Rows(Protocol):
    """A file being read; take what each call gives before the next call. Both raise `UnreadableFile`."""

    def feed(self, data: bytes) -> Iterator[Row | Reject]: ...

    def close(self) -> Iterator[Row | Reject]: ...


class Facts(Protocol):
    async def check(self, slug: str) -> None:
        """Raises `SourceNotRegistered`."""

    async def send(self, mapping: FileMapping, facts: Sequence[Fact]) -> None:
        """Returns when Kafka has acknowledged all of them."""


@dataclass(frozen=True, slots=True)
class Work:
    """What one transaction gives."""

    mappings: Mappings
    runs: Runs
    registers: Registers
    caller: str
    clock: Clock


@dataclass(frozen=True, slots=True)
class Desk:
    """What taking a file needs; `transactions` opens a `Work` that commits at the end of its block, `feed` the way to Kafka."""

    transactions: Callable[[], AbstractAsyncContextManager[Work]]
    rows_of: Callable[[FileMapping], Rows]
    feed: Callable[[], AbstractAsyncContextManager[Facts]]
    clock: Clock
    new_id: Callable[[], UUID]
    told: Callable[[Run], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Collect:
    """Take this file; `day` is the day of a register where its name does not tell it."""

    mapping: str
    file: str
    by: str
    upload: AsyncIterable[bytes]
    day: date | None = None
    allow_withdrawals: bool = False


@dataclass(frozen=True, slots=True)
class Preview:
    """What a dry run shows: what would be stated first, what would be rejected, and how many of each."""

    source: str
    counts: Counts
    facts: Sequence[Fact]
    rejects: Sequence[Reject]
    units: Mapping[str, int]
