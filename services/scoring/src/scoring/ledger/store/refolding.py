"""Fold the records of a kind again from their facts, chunk by chunk, while the feed goes on: what they keep of histories changed."""

from collections.abc import Collection, Mapping
from itertools import groupby
from typing import Final

from kit.clock import Clock
from scoring.ledger.domain.contributions import WorkingDays
from scoring.ledger.domain.records import Record, RecordKey, fold
from scoring.ledger.domain.values import Kind
from scoring.ledger.handlers.taking import refold
from scoring.ledger.store.codec import kept_event
from scoring.ledger.store.knowledge import Connection, Outdated, Paused, load, verify
from scoring.ledger.store.taking import PgFacts

CHUNK: Final = 500  # records a transaction: with some tens of facts each, well under five seconds


async def refold_some(connection: Connection, calendar: WorkingDays, clock: Clock) -> bool:
    """One chunk of a kind that nobody else works on; whether there was one.

    It is taken as a batch of the feed is: what is registered compared, records locked, totals moved by what the records contribute now
    and contributed before. So it may stand between any two batches, and the batch that comes after it finds whole histories.
    """
    if not await connection.fetchval("select exists (select from ledger.refolds)"):
        return False
    try:
        knowledge = await load(connection, calendar)
        async with connection.transaction():
            await verify(connection, knowledge.version)
            row = await connection.fetchrow("select kind, source, subject from ledger.refolds order by kind limit 1 for update skip locked")
            if row is None:
                return False
            keys = await _keys(connection, row["kind"], (row["source"], row["subject"]))
            facts = PgFolding(connection)
            outcome = await refold(keys, facts=facts, knowledge=knowledge)
            await facts.forget_holders([one.record.key for one in outcome.records])
            await facts.write(outcome, epochs={}, zones={}, now=clock.now())
            await _advance(connection, row["kind"], keys)
            return True
    except (Paused, Outdated):
        return False


class PgFolding(PgFacts):
    """The ledger with all facts of a record at hand."""

    async def folded(self, keys: Collection[RecordKey], kinds: Mapping[str, Kind]) -> Mapping[RecordKey, Record]:
        """A fact is written under the lock of its record, so none is missed."""
        rows = await self._connection.fetch(
            "select source, id, type, subject, time, data::text, digest from ledger.facts"
            " where (source, subject) in (select * from unnest($1::text[], $2::text[])) order by source, subject",
            *_columns(keys),
        )
        groups = groupby(rows, key=lambda row: (row["source"], row["subject"]))
        return {key: fold(map(kept_event, group), kinds).records[key] for key, group in groups}

    async def forget_holders(self, keys: Collection[RecordKey]) -> None:
        """Their kind may have given its histories up."""
        await self._connection.execute(
            "delete from ledger.holders where (source, subject) in (select * from unnest($1::text[], $2::text[]))", *_columns(keys)
        )


async def _keys(connection: Connection, kind: str, after: RecordKey) -> list[RecordKey]:
    rows = await connection.fetch(
        "select source, subject from ledger.records where kind = $1 and (source, subject) > ($2, $3) order by source, subject limit $4",
        kind,
        *after,
        CHUNK,
    )
    return [(row["source"], row["subject"]) for row in rows]


async def _advance(connection: Connection, kind: str, keys: list[RecordKey]) -> None:
    if len(keys) < CHUNK:
        await connection.execute("delete from ledger.refolds where kind = $1", kind)
        return
    await connection.execute(
        "update ledger.refolds set source = $2, subject = $3, records = records + $4 where kind = $1", kind, *keys[-1], len(keys)
    )


def _columns(keys: Collection[RecordKey]) -> tuple[list[str], list[str]]:
    return [source for source, _ in keys], [subject for _, subject in keys]
