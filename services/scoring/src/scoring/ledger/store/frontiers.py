"""How far each backfill came, and the lock that holds it still: the one thing on which backfills and the feed agree."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Final

from scoring.ledger.domain.records import RecordKey
from scoring.ledger.store.knowledge import Connection

# PostgreSQL grants advisory locks in the order of their asking, so that batches never keep a backfill waiting for ever, nor it them.
SHARED: Final = "select pg_advisory_xact_lock_shared(hashtextextended('ledger/frontiers', 0))"
ALONE: Final = "select pg_advisory_xact_lock(hashtextextended('ledger/frontiers', 0))"


async def hold_frontiers(connection: Connection) -> None:
    """No backfill goes on until this transaction ends; to be taken before any record is locked."""
    await connection.execute(SHARED)


async def own_frontiers(connection: Connection) -> None:
    """Wait for all batches that are open, and keep others from beginning: what they wrote can be seen, and frontiers be moved."""
    await connection.execute(ALONE)


async def passed(connection: Connection, keys: Collection[RecordKey], backfills: Collection[int]) -> Mapping[int, Collection[RecordKey]]:
    """Which of these records, there or not yet, each backfill has left behind: by PostgreSQL's own order of keys."""
    rows = await connection.fetch(
        "select id, asked.source, asked.subject from ledger.backfills"
        " join unnest($2::text[], $3::text[]) as asked(source, subject)"
        " on at_end or (asked.source, asked.subject) <= (backfills.source, backfills.subject) where id = any($1)",
        list(backfills),
        [source for source, _ in keys],
        [subject for _, subject in keys],
    )
    found: dict[int, set[RecordKey]] = defaultdict(set)
    for row in rows:
        found[row["id"]].add((row["source"], row["subject"]))
    return found
