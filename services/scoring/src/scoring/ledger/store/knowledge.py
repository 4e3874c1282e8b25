"""What the worker has to know before it can judge and count: read whole, and again whenever its version changed."""

from collections.abc import Mapping, Sequence
from typing import Final
from zoneinfo import ZoneInfo

import asyncpg

from scoring.ledger.domain.contributions import Catalogue, Counted, Cycle, WorkingDays
from scoring.ledger.domain.facts import Feed, parse_kept
from scoring.ledger.domain.measures import parse_measure
from scoring.ledger.domain.values import Kind
from scoring.ledger.handlers.taking import Knowledge, Source

Connection = asyncpg.Connection | asyncpg.pool.PoolConnectionProxy
Aliases = Mapping[tuple[str, str], str]

COUNTING: Final = ("counting", "active")


class Paused(Exception):
    """Nothing is taken while totals are counted anew."""


class Outdated(Exception):
    """What the worker knows is not what is registered now: read it again."""


async def verify(connection: Connection, version: int) -> None:
    """Hold the control row until the transaction ends, if it still says what was read; raises `Paused`, `Outdated`."""
    row = await connection.fetchrow("select version, paused from ledger.control where one = 1 for share")
    assert row is not None  # noqa: S101 - the migration wrote it
    if row["paused"] is not None:
        raise Paused(row["paused"])
    if row["version"] != version:
        raise Outdated


async def load(connection: Connection, calendar: WorkingDays) -> Knowledge:
    """All of it, from one snapshot."""
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        version = await connection.fetchval("select version from ledger.control where one = 1")
        kinds = await load_kinds(connection)
        counted = await load_measures(connection, kinds, calendar, states=("active",))
        aliases = await load_aliases(connection)
        rows = await connection.fetch("select slug, uri, zone, paused from ledger.sources")
    sources = {row["slug"]: Source(Feed(row["slug"], row["uri"]), ZoneInfo(row["zone"]), row["paused"]) for row in rows}
    return Knowledge(version, sources, kinds, Catalogue(counted, aliases))


async def load_kinds(connection: Connection) -> dict[str, Kind]:
    rows = await connection.fetch("select key, attributes::text from ledger.kinds")
    return {row["key"]: Kind.of(row["key"], dict(_json(row["attributes"]))) for row in rows}


async def load_measures(
    connection: Connection, kinds: Mapping[str, Kind], calendar: WorkingDays, *, states: Sequence[str], scheme: str | None = None
) -> list[Counted]:
    """Measures in one of these states, of one scheme or of all."""
    rows = await connection.fetch(
        "select number, key, document::text, cycle_start, cycle_end, zone from ledger.measures"
        " where state = any($1) and ($2::text is null or scheme = $2) order by number",
        list(states),
        scheme,
    )
    return [
        Counted(
            row["number"],
            parse_measure(row["key"], parse_kept(row["document"]), kinds=kinds),
            Cycle(row["cycle_start"], row["cycle_end"], ZoneInfo(row["zone"])),
            calendar,
        )
        for row in rows
    ]


async def load_aliases(connection: Connection) -> dict[tuple[str, str], str]:
    rows = await connection.fetch("select source, code, unit from ledger.aliases")
    return {(row["source"], row["code"]): row["unit"] for row in rows}


def _json(text: str) -> Mapping[str, str]:
    found = parse_kept(text)
    assert isinstance(found, dict)  # noqa: S101 - an object by the API's model
    return found
