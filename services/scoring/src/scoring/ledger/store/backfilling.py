"""Count a scheme's measures over the records that are there, beside the running feed, each record exactly once.

A backfill walks the records in the order of their keys; how far it came, its frontier, stands in its row. A record up to the frontier
was counted as it was, and every batch that changes it since counts the change; a record beyond it will be counted whole. So that no
batch sees two frontiers, it holds them still from before it locks its records until its end (`frontiers`); a walk moves its own only
while no batch is open, and looks then for what was written since it read: by the versions of the records.

Locks come in one order: the backfill's row, the control row, the frontiers, records, totals. Most of a walk's work, reading and
counting, is done before it takes one that the feed waits for.
"""

import asyncio
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Final

import asyncpg

from scoring.ledger.domain.contributions import Amount, Place, WorkingDays, add_up
from scoring.ledger.domain.records import RecordKey
from scoring.ledger.domain.tallies import Tally
from scoring.ledger.store.codec import decoded
from scoring.ledger.store.frontiers import own_frontiers
from scoring.ledger.store.knowledge import Connection, Paused, load_aliases, load_backfills, load_kinds, open_feed, verify, why_paused
from scoring.ledger.store.taking import write_totals

AT_A_TIME: Final = 100  # records between two breaths: the feed may have the same thread
# A stretch is read by the key's own index: PostgreSQL thinks that a range of pairs it has not seen is a third of the table, and a plan
# for all ranges took another index and 1.4 s where this one takes 13 ms (300,000 records).
BY_KEY: Final = "set local enable_seqscan = off; set local enable_bitmapscan = off; set local plan_cache_mode = force_custom_plan"

Row = asyncpg.Record
Seen = tuple[str, str, int]  # source, subject, version


@dataclass(slots=True)
class Stride:
    """How many records one transaction passes: what it can in about a second, far below the five that it may last."""

    records: int = 1_000
    most: int = 20_000
    seconds: float = 1.0

    def took(self, seconds: float) -> None:
        """The next one is fitting, but at most twice as long and at least half as long as this one."""
        fitting = int(self.records * self.seconds / max(seconds, 0.001))
        self.records = max(1, min(max(fitting, self.records // 2), self.records * 2, self.most))

    def halve(self) -> None:
        """After a transaction that failed: perhaps it took longer than one may."""
        self.records = max(1, self.records // 2)


@dataclass(frozen=True, slots=True)
class Backfill:
    """One that this transaction has claimed, and how far it came; `at_end` it has passed all records, also those still to come."""

    id: int
    scheme: str
    source: str
    subject: str
    at_end: bool


@dataclass(frozen=True, slots=True)
class Ground:
    """How a backfill's records count, as long as the control row keeps its version."""

    version: int
    tally: Tally


@dataclass(slots=True)
class Backfiller:
    """Carries on all backfills. Any number of processes may: each backfill is in the hands of one at a time, until its transaction ends."""

    calendar: WorkingDays
    stride: Stride = field(default_factory=Stride)
    _grounds: dict[int, Ground] = field(default_factory=dict)

    async def step(self, connection: Connection) -> int | None:
        """One transaction for the oldest backfill that nobody has in hand: how many records it passed; `None` if there is none.

        Raises `Outdated` when something was registered meanwhile, and `Paused`: nothing has happened, and it may be tried again.
        """
        began = time.monotonic()
        async with connection.transaction():
            backfill = await _claimed(connection)
            if backfill is None:
                return None
            if backfill.at_end:
                await _finish(connection, backfill)
                return 0
            await connection.execute(BY_KEY)
            passed = await self._walk(connection, backfill)
        self.stride.took(time.monotonic() - began)
        return passed

    async def _walk(self, connection: Connection, backfill: Backfill) -> int:
        ground, asked = await self._ground(connection, backfill), self.stride.records
        rows = await _beyond(connection, backfill, ground.tally.catalogue.kinds, asked)
        changes = await _counted(rows, ground.tally)
        reached = _reached(backfill, rows, at_end=len(rows) < asked)
        read = {(row["source"], row["subject"], row["version"]) for row in rows}
        await verify(connection, ground.version)
        await own_frontiers(connection)
        written = await _written_meanwhile(connection, backfill, reached, read)
        if written:
            add_up(changes, await _corrected(connection, rows, written, ground.tally))
        await write_totals(connection, changes)
        await _advance(connection, reached, len(rows))
        return len(rows)

    async def _ground(self, connection: Connection, backfill: Backfill) -> Ground:
        if reason := await why_paused(connection):
            raise Paused(reason)
        version = await connection.fetchval("select version from ledger.control where one = 1")
        held = self._grounds.get(backfill.id)
        if held is None or held.version != version:
            aliases = await load_aliases(connection)
            catalogues = await load_backfills(connection, await load_kinds(connection), aliases, self.calendar)
            self._grounds = {number: Ground(version, Tally(catalogue)) for number, catalogue in catalogues.items()}
        return self._grounds[backfill.id]


async def _claimed(connection: Connection) -> Backfill | None:
    row = await connection.fetchrow(
        "select id, scheme, source, subject, at_end from ledger.backfills"
        " where finished_at is null order by id limit 1 for update skip locked"
    )
    return Backfill(**row) if row else None


async def _beyond(connection: Connection, backfill: Backfill, kinds: Collection[str], most: int) -> list[Row]:
    """The next records; a state only where a measure may count it."""
    found: list[Row] = await connection.fetch(
        "select source, subject, kind, version, case when kind = any($3) and not withdrawn then state::text end as state"
        " from ledger.records where (source, subject) > ($1, $2) order by source, subject limit $4",
        backfill.source,
        backfill.subject,
        list(kinds),
        most,
    )
    return found


def _reached(backfill: Backfill, rows: Sequence[Row], *, at_end: bool) -> Backfill:
    source, subject = (rows[-1]["source"], rows[-1]["subject"]) if rows else (backfill.source, backfill.subject)
    return Backfill(backfill.id, backfill.scheme, source, subject, at_end)


async def _counted(rows: Sequence[Row], tally: Tally) -> dict[Place, Amount]:
    sums: dict[Place, Amount] = {}
    for start in range(0, len(rows), AT_A_TIME):
        for row in rows[start : start + AT_A_TIME]:
            if row["state"] is not None:
                tally.add(sums, decoded(row["source"], row["subject"], row["kind"], row["state"], only=tally.reads))
        await asyncio.sleep(0)
    return sums


async def _written_meanwhile(connection: Connection, was: Backfill, reached: Backfill, read: Collection[Seen]) -> list[RecordKey]:
    """The records on this stretch that are not what was read, or were not there."""
    query = "select source, subject, version from ledger.records where (source, subject) > ($1, $2)"
    stretch = [was.source, was.subject]
    if not reached.at_end:
        query, stretch = f"{query} and (source, subject) <= ($3, $4)", [*stretch, reached.source, reached.subject]
    found = await connection.fetch(f"{query} order by source, subject", *stretch)
    return [(row["source"], row["subject"]) for row in found if tuple(row) not in read]


async def _corrected(connection: Connection, rows: Sequence[Row], written: Sequence[RecordKey], tally: Tally) -> dict[Place, Amount]:
    """What has to be added so that these records count as they are now, not as they were read."""
    now = await connection.fetch(
        "select source, subject, kind, state::text from ledger.records"
        " where (source, subject) in (select * from unnest($1::text[], $2::text[]))",
        [source for source, _ in written],
        [subject for _, subject in written],
    )
    again = set(written)
    changes = await _counted(now, tally)
    add_up(changes, {place: -amount for place, amount in (await _counted(_of(rows, again), tally)).items()})
    return changes


def _of(rows: Sequence[Row], keys: Collection[RecordKey]) -> list[Row]:
    return [row for row in rows if (row["source"], row["subject"]) in keys]


async def _advance(connection: Connection, reached: Backfill, records: int) -> None:
    await connection.execute(
        "update ledger.backfills set source = $2, subject = $3, at_end = $4, records = records + $5,"
        " began_at = coalesce(began_at, now()), moved_at = clock_timestamp() where id = $1",
        reached.id,
        reached.source,
        reached.subject,
        reached.at_end,
        records,
    )


async def records_left(connection: Connection) -> int:
    """How many all backfills have still to pass, as far as it is known."""
    found: int = await connection.fetchval(
        "select coalesce(sum(greatest(expected - records, 0)), 0)::bigint from ledger.backfills where finished_at is null and not at_end"
    )
    return found


async def _finish(connection: Connection, backfill: Backfill) -> None:
    """Its measures count like all others from now on, and are to be settled: no batch is open that knows them otherwise."""
    await connection.execute("update ledger.control set version = version + 1 where one = 1")
    if reason := await why_paused(connection):
        raise Paused(reason)
    await connection.execute("update ledger.backfills set finished_at = clock_timestamp() where id = $1", backfill.id)
    await connection.execute("update ledger.measures set state = 'active' where state = 'counting' and scheme = $1", backfill.scheme)
    await connection.execute(
        "insert into ledger.dirty (measure, unit)"
        " select distinct measure, unit from ledger.totals join ledger.measures on number = measure where scheme = $1",
        backfill.scheme,
    )
    await open_feed(connection)
