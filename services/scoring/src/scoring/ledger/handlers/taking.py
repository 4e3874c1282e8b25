"""Take a batch of messages: decode, judge, merge, count. What comes out is written in one transaction."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Protocol
from zoneinfo import ZoneInfo

from scoring.ledger.domain.contributions import Amount, Catalogue, Place, add_up, deltas
from scoring.ledger.domain.facts import (
    BatchClosed,
    Event,
    Feed,
    Message,
    Observed,
    Withdrawn,
    belonging,
    check_kind,
    claimed_id,
    decode,
    undeclared,
)
from scoring.ledger.domain.reasons import CONFLICTS, Reason, Refused
from scoring.ledger.domain.records import Record, RecordKey, corrects, merge, record_key
from scoring.ledger.domain.values import Kind

FactId = tuple[str, str]
LATE_AFTER: Final = timedelta(days=1)  # behind the newest fact of its partition


@dataclass(frozen=True, slots=True)
class Source:
    """A registered source as the worker needs it."""

    feed: Feed
    zone: ZoneInfo
    paused: str | None = None


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What decides how a message is taken; each transaction verifies that `version` is still the present one.

    `backfills` are measures that are being counted beside the feed: a batch counts for them only in records that they have passed.
    """

    version: int
    sources: Mapping[str, Source]
    kinds: Mapping[str, Kind]
    catalogue: Catalogue
    backfills: Mapping[int, Catalogue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Taken:
    """An accepted event and where it lay."""

    event: Event
    message: Message


@dataclass(frozen=True, slots=True)
class SetAside:
    """A message that can't be used, for the quarantine."""

    source: str
    message: Message
    reason: Reason
    detail: str
    event: str | None


@dataclass(frozen=True, slots=True)
class Versioned:
    """A record and the version under which it was read; 0 is a record that was not there."""

    record: Record
    version: int


@dataclass(slots=True)
class Tally:
    """What a batch adds to a source's counters."""

    received: int = 0
    applied: int = 0
    duplicates: int = 0
    late: int = 0
    corrected: int = 0
    withdrawn: int = 0
    conflicts: int = 0
    quarantined: int = 0
    replayed: int = 0  # of the quarantined ones, those that somebody asked to see again
    newest: datetime | None = None


@dataclass(slots=True)
class Outcome:
    """All that a batch changes."""

    facts: list[Taken] = field(default_factory=list)
    closings: list[Taken] = field(default_factory=list)
    duplicates: list[Taken] = field(default_factory=list)
    set_aside: list[SetAside] = field(default_factory=list)
    records: list[Versioned] = field(default_factory=list)
    totals: dict[Place, Amount] = field(default_factory=dict)
    backfilled: dict[Place, Amount] = field(default_factory=dict)  # of measures that are not counted whole yet
    tallies: dict[str, Tally] = field(default_factory=dict)
    undeclared: dict[tuple[str, str, str], int] = field(default_factory=dict)
    newest: dict[tuple[str, int], datetime] = field(default_factory=dict)

    def tally(self, source: str) -> Tally:
        return self.tallies.setdefault(source, Tally())


class Facts(Protocol):
    """The ledger inside one open transaction."""

    async def known(self, ids: Collection[FactId]) -> Mapping[FactId, bytes]:
        """The digests of those that were taken before."""

    async def passed(self, keys: Collection[RecordKey], backfills: Collection[int]) -> Mapping[int, Collection[RecordKey]]:
        """Which of them each backfill has left behind; none goes on before the transaction ends. To be asked before they are locked."""

    async def locked(self, keys: Collection[RecordKey]) -> Mapping[RecordKey, Versioned]:
        """Those that are there, locked until the transaction ends."""

    async def newest(self, partitions: Collection[tuple[str, int]]) -> Mapping[tuple[str, int], datetime]:
        """The newest time that each partition has carried."""


class FoldedFacts(Facts, Protocol):
    async def folded(self, keys: Collection[RecordKey], kinds: Mapping[str, Kind]) -> Mapping[RecordKey, Record]:
        """These records as all their facts come to; to be asked when they are locked."""


async def take(messages: Sequence[Message], *, facts: Facts, knowledge: Knowledge, sources: Mapping[str, Source], now: datetime) -> Outcome:
    """What these messages come to, in their order; `sources` are by topic. Changes nothing by itself."""
    outcome = Outcome(newest=dict(await facts.newest({(message.topic, message.partition) for message in messages})))
    accepted = list(_judged(messages, outcome, sources))
    fresh = _without_known(accepted, await facts.known({_id(taken.event) for taken in accepted}), outcome)
    keys = {record_key(taken.event) for taken in fresh if not isinstance(taken.event, BatchClosed)}
    passed = await facts.passed(keys, knowledge.backfills) if knowledge.backfills else {}
    before = await facts.locked(keys)
    after = _merged(fresh, before, knowledge.kinds, outcome)
    _count(before, after, passed, knowledge, outcome)
    _tally(outcome, knowledge.kinds, now)
    return outcome


async def refold(keys: Collection[RecordKey], *, facts: FoldedFacts, knowledge: Knowledge) -> Outcome:
    """What changes when these records are folded again from their facts, which are known whatever their kind kept of them so far."""
    outcome = Outcome()
    passed = await facts.passed(keys, knowledge.backfills) if knowledge.backfills else {}
    before = await facts.locked(keys)
    after = {key: record for key, record in (await facts.folded(keys, knowledge.kinds)).items() if before[key].record != record}
    _count(before, after, passed, knowledge, outcome)
    return outcome


def _judged(messages: Iterable[Message], outcome: Outcome, sources: Mapping[str, Source]) -> Iterable[Taken]:
    for message in messages:
        feed = sources[message.topic].feed
        outcome.tally(feed.slug).received += 1
        try:
            yield Taken(belonging(decode(message), feed=feed, key=message.key), message)
        except Refused as refused:
            outcome.set_aside.append(SetAside(feed.slug, message, refused.reason, refused.detail, claimed_id(message)))


def _without_known(accepted: Iterable[Taken], known: Mapping[FactId, bytes], outcome: Outcome) -> list[Taken]:
    """The first of each id; another one is a duplicate when its content is the same, else a conflict."""
    digests, fresh = dict(known), []
    for taken in accepted:
        first = digests.get(_id(taken.event))
        if first is None:
            digests[_id(taken.event)] = taken.event.digest
            fresh.append(taken)
        elif first == taken.event.digest:
            outcome.duplicates.append(taken)
        else:
            _set_aside(taken, Refused(Reason.OTHER_CONTENT, taken.event.id), outcome)
    return fresh


def _merged(
    fresh: Iterable[Taken], before: Mapping[RecordKey, Versioned], kinds: Mapping[str, Kind], outcome: Outcome
) -> dict[RecordKey, Record]:
    after: dict[RecordKey, Record] = {}
    for taken in fresh:
        event = taken.event
        if isinstance(event, BatchClosed):
            outcome.closings.append(taken)
            continue
        key = record_key(event)
        held = after.get(key) or (before[key].record if key in before else Record(*key))
        try:
            check_kind(event, kinds)
            after[key] = merge(held, event, kinds)
        except Refused as refused:
            _set_aside(taken, refused, outcome)
        else:
            outcome.facts.append(taken)
            outcome.tally(event.source).corrected += corrects(held, event)
    return after


def _count(
    before: Mapping[RecordKey, Versioned],
    after: Mapping[RecordKey, Record],
    passed: Mapping[int, Collection[RecordKey]],
    knowledge: Knowledge,
    outcome: Outcome,
) -> None:
    outcome.records = [Versioned(record, before[key].version if key in before else 0) for key, record in sorted(after.items())]
    outcome.totals = _changes(before, after, after, knowledge.catalogue)
    for number, keys_behind in passed.items():
        add_up(outcome.backfilled, _changes(before, after, keys_behind, knowledge.backfills[number]))


def _changes(
    before: Mapping[RecordKey, Versioned], after: Mapping[RecordKey, Record], keys: Collection[RecordKey], catalogue: Catalogue
) -> dict[Place, Amount]:
    """What these records' changes come to."""
    changes: dict[Place, Amount] = {}
    for key, record in after.items():
        if key in keys:
            held = before.get(key)
            was = catalogue.contributions(held.record) if held else {}
            add_up(changes, deltas(was, catalogue.contributions(record)))
    return changes


def _tally(outcome: Outcome, kinds: Mapping[str, Kind], now: datetime) -> None:
    for taken in outcome.duplicates:
        outcome.tally(taken.event.source).duplicates += 1
    for aside in outcome.set_aside:
        tally = outcome.tally(aside.source)
        tally.conflicts += aside.reason in CONFLICTS
        tally.quarantined += 1
    for taken in outcome.facts:
        _tally_fact(taken, outcome, kinds, now)


def _tally_fact(taken: Taken, outcome: Outcome, kinds: Mapping[str, Kind], now: datetime) -> None:
    event, place = taken.event, (taken.message.topic, taken.message.partition)
    tally = outcome.tally(event.source)
    tally.applied += 1
    tally.withdrawn += isinstance(event, Withdrawn)
    newest = outcome.newest.get(place)
    tally.late += newest is not None and newest - event.time > LATE_AFTER
    if event.time <= now + LATE_AFTER and (
        newest is None or event.time > newest
    ):  # a slip into the far future may not make all others late
        outcome.newest[place] = event.time
        tally.newest = max(tally.newest or event.time, event.time)
    if isinstance(event, Observed):
        for name in undeclared(event, kinds):
            where = (event.source, event.kind, name)
            outcome.undeclared[where] = outcome.undeclared.get(where, 0) + 1


def _set_aside(taken: Taken, refused: Refused, outcome: Outcome) -> None:
    event = taken.event
    outcome.set_aside.append(SetAside(event.source, taken.message, refused.reason, refused.detail, event.id))


def _id(event: Event) -> FactId:
    return event.source, event.id
