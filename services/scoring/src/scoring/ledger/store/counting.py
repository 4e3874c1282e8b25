"""Count over records that are there already: a new scheme's measures, or a source whose aliases changed. In chunks, the feed paused."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from scoring.ledger.domain.contributions import Amount, Catalogue, Place, WorkingDays, deltas
from scoring.ledger.domain.facts import parse_kept
from scoring.ledger.domain.records import Record
from scoring.ledger.store.codec import decoded
from scoring.ledger.store.knowledge import Connection, load_aliases, load_kinds, load_measures
from scoring.ledger.store.taking import write_totals

CHUNK: Final = 1_000  # records a transaction: well under five seconds


@dataclass(frozen=True, slots=True)
class Counting:
    """A count under way; `scheme` or `alias_source` is given."""

    id: int
    scheme: str | None
    alias_source: str | None
    aliases_before: Mapping[str, str]
    source: str
    subject: str


async def count_some(connection: Connection, calendar: WorkingDays) -> bool:
    """One chunk of the oldest count that nobody works on, exactly once whatever happens; whether there was one."""
    async with connection.transaction():
        counting = await _oldest(connection)
        if counting is None:
            return False
        records = await _chunk(connection, counting)
        before, after = await _catalogues(connection, counting, calendar)
        await write_totals(connection, _changes(records, before, after))
        await _advance(connection, counting, records)
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


async def _chunk(connection: Connection, counting: Counting) -> list[Record]:
    rows = await connection.fetch(
        "select source, subject, kind, state::text from ledger.records where (source, subject) > ($1, $2)"
        " and ($3::text is null or source = $3) order by source, subject limit $4",
        counting.source,
        counting.subject,
        counting.alias_source,
        CHUNK,
    )
    return [decoded(row["source"], row["subject"], row["kind"], row["state"]) for row in rows]


async def _catalogues(connection: Connection, counting: Counting, calendar: WorkingDays) -> tuple[Catalogue, Catalogue]:
    """How these records count so far, and how they count from now on."""
    kinds, aliases = await load_kinds(connection), await load_aliases(connection)
    if counting.scheme is not None:
        return Catalogue([], {}), Catalogue(
            await load_measures(connection, kinds, calendar, states=("counting",), scheme=counting.scheme), aliases
        )
    counted = await load_measures(connection, kinds, calendar, states=("active",))
    before = {(str(counting.alias_source), code): unit for code, unit in counting.aliases_before.items()}
    return Catalogue(counted, before), Catalogue(counted, aliases)


def _changes(records: Sequence[Record], before: Catalogue, after: Catalogue) -> dict[Place, Amount]:
    changes: dict[Place, Amount] = {}
    for record in records:
        for place, amount in deltas(before.contributions(record), after.contributions(record)).items():
            changes[place] = changes.get(place, Amount(0, 0)) + amount
    return changes


async def _advance(connection: Connection, counting: Counting, records: Sequence[Record]) -> None:
    if records:
        await connection.execute(
            "update ledger.countings set source = $2, subject = $3, records = records + $4 where id = $1",
            counting.id,
            *records[-1].key,
            len(records),
        )
    if len(records) == CHUNK:
        return
    await connection.execute("update ledger.countings set finished_at = clock_timestamp() where id = $1", counting.id)
    await connection.execute("update ledger.measures set state = 'active' where state = 'counting' and scheme = $1", counting.scheme)
    await connection.execute("update ledger.control set paused = null, version = version + 1 where one = 1")
