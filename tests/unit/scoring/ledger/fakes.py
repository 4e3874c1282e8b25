"""The ledger's Protocols in memory."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from kit.auth import Principal
from kit.testing import FixedClock
from scoring.ledger.domain.measures import Measure
from scoring.ledger.domain.records import Record
from scoring.ledger.handlers.refusals import NoSuch
from scoring.ledger.handlers.registering import KindEntry, SourceEntry
from scoring.ledger.handlers.work import ClosedBatch, Kept, KeptFact, Outgoing, Proof, SourceSummary, Unassigned, Work

NOW = datetime(2026, 3, 31, 4, 0, tzinfo=UTC)


@dataclass(slots=True)
class HeldCatalogue:
    entries: dict[str, SourceEntry] = field(default_factory=dict)
    declared: dict[str, KindEntry] = field(default_factory=dict)
    counted: list[Measure] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    async def sources(self) -> Sequence[SourceEntry]:
        return list(self.entries.values())

    async def put_source(self, entry: SourceEntry) -> None:
        self.entries[entry.slug] = entry

    async def resume(self, slug: str) -> bool:
        was = self.entries[slug].paused
        self.entries[slug] = replace(self.entries[slug], paused=None)
        return was is not None

    async def kinds(self) -> Sequence[KindEntry]:
        return list(self.declared.values())

    async def put_kind(self, entry: KindEntry) -> bool:
        before = self.declared.get(entry.kind.key, entry)
        self.declared[entry.kind.key] = entry
        return before.kind.history != entry.kind.history

    async def measures_in_use(self, kind: str) -> Sequence[Measure]:
        return [measure for measure in self.counted if measure.kind.key == kind]

    async def aliases(self, slug: str) -> Mapping[str, str]:
        return self.codes.get(slug, {})

    async def put_aliases(self, slug: str, aliases: Mapping[str, str]) -> bool:
        changed = self.codes.get(slug, {}) != dict(aliases)
        self.codes[slug] = dict(aliases)
        return changed


@dataclass(slots=True)
class HeldFeed:
    topics: dict[str, dict[int, int]] = field(default_factory=dict)
    sent: list[Outgoing] = field(default_factory=list)

    async def ensure(self, slug: str) -> None:
        self.topics.setdefault(slug, {0: 0})

    async def send(self, messages: Sequence[Outgoing]) -> None:
        self.sent += messages

    async def begins(self, slug: str) -> Mapping[int, int]:
        return dict.fromkeys(self.topics[slug], 0)

    async def ends(self, slugs: Sequence[str]) -> Mapping[str, Mapping[int, int]]:
        return {slug: self.topics[slug] for slug in slugs}


@dataclass(slots=True)
class HeldReadings:
    summaries: list[SourceSummary] = field(default_factory=list)
    facts: dict[tuple[str, str], KeptFact] = field(default_factory=dict)
    codes: list[Unassigned] = field(default_factory=list)
    closed: list[ClosedBatch] = field(default_factory=list)
    records: dict[tuple[str, str], Record] = field(default_factory=dict)
    kept: dict[tuple[str, str], list[Mapping[str, Any]]] = field(default_factory=dict)

    async def summary(self) -> Sequence[SourceSummary]:
        return self.summaries

    async def applied(self, source: str, event: str) -> KeptFact | None:
        return self.facts.get((source, event))

    async def undeclared(self) -> Sequence[tuple[str, str, str, int]]:
        return []

    async def unassigned(self, source: str | None, *, after: tuple[str, str], most: int) -> Sequence[Unassigned]:
        return [one for one in self.codes if source in (None, one.source) and (one.source, one.code or "") > after][:most]

    async def batches(self, source: str | None, *, most: int) -> Sequence[ClosedBatch]:
        return [one for one in self.closed if source in (None, one.source)][:most]

    async def counting(self) -> str | None:
        return None

    async def record(self, source: str, subject: str) -> Record | None:
        return self.records.get((source, subject))

    async def facts_of(self, source: str, subject: str) -> Sequence[Mapping[str, Any]]:
        return self.kept.get((source, subject), [])


@dataclass(slots=True)
class HeldQuarantine:
    rows: dict[int, Kept] = field(default_factory=dict)

    async def listed(self, source: str | None, *, is_open: bool, reason: str | None, after: int, most: int) -> Sequence[Kept]:
        rows = (row for row in self.rows.values() if row.id > after and (row.closed_at is None or not is_open))
        return [row for row in rows if source in (None, row.source) and reason in (None, row.reason)][:most]

    async def kept(self, message: int) -> Kept:
        if message not in self.rows:
            raise NoSuch("隔离消息", "quarantined message", str(message))
        return self.rows[message]

    async def of_event(self, source: str, event: str) -> Sequence[Kept]:
        return [row for row in self.rows.values() if (row.source, row.event) == (source, event) and row.closed_at is None]

    async def ask(self, message: int) -> None:
        self.rows[message] = replace(self.rows[message], state="asked")

    async def ask_all(self, source: str, reason: str | None, *, most: int) -> int:
        listed = await self.listed(source, is_open=True, reason=reason, after=0, most=most)
        still_open = [row.id for row in listed if row.state == "open"]
        for one in still_open:
            await self.ask(one)
        return len(still_open)

    async def discarded(self, message: int, *, at: datetime) -> None:
        self.rows[message] = replace(self.rows[message], state="discarded", closed_at=at)


@dataclass(slots=True)
class HeldLogs:
    adopted: dict[str, Mapping[int, int]] = field(default_factory=dict)

    async def adopt(self, slug: str, begins: Mapping[int, int]) -> None:
        self.adopted[slug] = begins


@dataclass(slots=True)
class HeldRecounts:
    proof: Proof = field(default_factory=lambda: Proof(facts=0, records=0, places=0, wrong_records=[], wrong_totals=[]))

    async def prove(self) -> Proof:
        return self.proof


@dataclass(slots=True)
class Bench:
    """A whole ledger in memory; `work` is what a caller sees of it."""

    catalogue: HeldCatalogue = field(default_factory=HeldCatalogue)
    readings: HeldReadings = field(default_factory=HeldReadings)
    quarantine: HeldQuarantine = field(default_factory=HeldQuarantine)
    logs: HeldLogs = field(default_factory=HeldLogs)
    feed: HeldFeed = field(default_factory=HeldFeed)

    def work(self, *roles: str, units: Sequence[str] = ()) -> Work:
        return Work(
            catalogue=self.catalogue,
            readings=self.readings,
            quarantine=self.quarantine,
            logs=self.logs,
            feed=self.feed,
            recounts=HeldRecounts(),
            clock=FixedClock(NOW),
            caller=Principal("somebody", "somebody", frozenset(roles or ("office",)), frozenset(units)),
        )
