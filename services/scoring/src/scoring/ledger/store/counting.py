"""Count a source's records anew after its aliases changed: in chunks, while the feed and all backfills stand still.

A release without backfills counts a scheme in the same way; what it began is carried on here.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from scoring.ledger.domain.contributions import Amount, Catalogue, Place, WorkingDays, add_up, deltas
from scoring.ledger.domain.facts import parse_kept
from scoring.ledger.domain.records import Record
from scoring.ledger.store.codec import decoded
from scoring.ledger.store.frontiers import passed
from scoring.ledger.store.knowledge import Connection, load_aliases, load_backfills, load_kinds, load_measures, open_feed
from scoring.ledger.store.taking import mark_moved, write_totals

CHUNK: Final = 1_000  # records a transaction: well under five seconds

Changes = dict[Place, Amount]


@dataclass(frozen=True, slots=True)
class Counting:
    """A count under way; `scheme` or `alias_source` is given."""

    id: int
    scheme: str | None
    alias_source: str | None
    aliases_before: Mapping[str, str]
    source: str
    subject: str


async def count_some(connection: Connection, calendar: WorkingDays, *, chunk: int = CHUNK) -> bool:
    """The next `chunk` records of the oldest count that nobody works on, exactly once whatever happens; whether there was one."""
    async with connection.transaction():
        counting = await _oldest(connection)
        if counting is None:
            return False
        records = await _next(connection, counting, chunk)
        whole, begun = await _changes(connection, counting, records, calendar)
        await write_totals(connection, whole)
        await mark_moved(connection, whole)
        await write_totals(connection, begun)
        await _advance(connection, counting, records, is_last=len(records) < chunk)
        return True


async def _oldest(connection: Connection) -> Counting | None:
    row = await connection.fetchrow(
        "select id, scheme, alias_source, aliases_before::text, source, subject from ledger.countings"
        " where finished_at is null order by id limit 1 for update skip locked"
    )
    if row is None:
        return None
    before = parse_kept(row["aliases_before"] or "{}")
    assert isinstance(before, dict)  # noqa: S101 - written by whoever asked for the count
    return Counting(row["id"], row["scheme"], row["alias_source"], before, row["source"], row["subject"])


async def _next(connection: Connection, counting: Counting, chunk: int) -> list[Record]:
    rows = await connection.fetch(
        "select source, subject, kind, state::text from ledger.records where (source, subject) > ($1, $2)"
        " and ($3::text is null or source = $3) order by source, subject limit $4",
        counting.source,
        counting.subject,
        counting.alias_source,
        chunk,
    )
    return [decoded(row["source"], row["subject"], row["kind"], row["state"]) for row in rows]


async def _changes(connection: Connection, counting: Counting, records: Sequence[Record], calendar: WorkingDays) -> tuple[Changes, Changes]:
    """Of the measures that are counted whole, and of those whose backfill has passed these records: backfills stand still meanwhile."""
    kinds, aliases = await load_kinds(connection), await load_aliases(connection)
    if counting.scheme is not None:
        measures = await load_measures(connection, kinds, calendar, states=("counting",), scheme=counting.scheme)
        return _moved(records, Catalogue([], {}), Catalogue(measures, aliases)), {}
    former = {(str(counting.alias_source), code): unit for code, unit in counting.aliases_before.items()}
    measures = await load_measures(connection, kinds, calendar, states=("active",))
    before = await load_backfills(connection, kinds, former, calendar)
    behind = await passed(connection, [record.key for record in records], before)
    begun: Changes = {}
    for number, after in (await load_backfills(connection, kinds, aliases, calendar)).items():
        add_up(begun, _moved([record for record in records if record.key in behind.get(number, ())], before[number], after))
    return _moved(records, Catalogue(measures, former), Catalogue(measures, aliases)), begun


def _moved(records: Iterable[Record], before: Catalogue, after: Catalogue) -> Changes:
    changes: Changes = {}
    for record in records:
        add_up(changes, deltas(before.contributions(record), after.contributions(record)))
    return changes


async def _advance(connection: Connection, counting: Counting, records: Sequence[Record], *, is_last: bool) -> None:
    if records:
        await connection.execute(
            "update ledger.countings set source = $2, subject = $3, records = records + $4 where id = $1",
            counting.id,
            *records[-1].key,
            len(records),
        )
    if not is_last:
        return
    await connection.execute("update ledger.countings set finished_at = clock_timestamp() where id = $1", counting.id)
    await connection.execute("update ledger.measures set state = 'active' where state = 'counting' and scheme = $1", counting.scheme)
    await open_feed(connection)
