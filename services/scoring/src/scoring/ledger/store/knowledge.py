"""What the worker has to know before it can judge and count: read whole, and again whenever its version changed."""

from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

import asyncpg

from scoring.ledger.domain.contributions import Catalogue, Counted, Cycle, WorkingDays
from scoring.ledger.domain.facts import Feed, parse_kept
from scoring.ledger.domain.measures import parse_measure
from scoring.ledger.domain.values import Kind
from scoring.ledger.handlers.taking import Knowledge, Source

Connection = asyncpg.Connection | asyncpg.pool.PoolConnectionProxy
Aliases = Mapping[tuple[str, str], str]


class Paused(Exception):
    """Nothing is taken while totals are counted anew."""


class Outdated(Exception):
    """What the worker knows is not what is registered now: read it again."""


async def verify(connection: Connection, version: int) -> None:
    """Hold the control row until the transaction ends, if it still says what was read; raises `Outdated`.

    What stops the feed moves the version too, so that nobody goes on who has not read it.
    """
    if await connection.fetchval("select version from ledger.control where one = 1 for share") != version:
        raise Outdated


async def why_paused(connection: Connection) -> str | None:
    """What is counted anew while the feed stands still."""
    found: str | None = await connection.fetchval(
        "select coalesce('scheme ' || scheme, 'aliases of ' || alias_source) from ledger.countings"
        " where finished_at is null order by id limit 1"
    )
    return found


async def open_feed(connection: Connection) -> None:
    """After a count was finished. `paused` goes on naming what is under way: releases without backfills stand still for these too."""
    await connection.execute(
        "update ledger.control set version = version + 1, paused = coalesce("
        "$1::text, (select 'scheme ' || scheme from ledger.backfills where finished_at is null order by id limit 1)) where one = 1",
        await why_paused(connection),
    )


async def load(connection: Connection, calendar: WorkingDays) -> Knowledge:
    """All of it, from one snapshot; raises `Paused`."""
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        if reason := await why_paused(connection):
            raise Paused(reason)
        version = await connection.fetchval("select version from ledger.control where one = 1")
        kinds = await load_kinds(connection)
        counted = await load_measures(connection, kinds, calendar, states=("active",))
        aliases = await load_aliases(connection)
        backfills = await load_backfills(connection, kinds, aliases, calendar)
        rows = await connection.fetch("select slug, uri, zone, paused from ledger.sources")
    sources = {row["slug"]: Source(Feed(row["slug"], row["uri"]), ZoneInfo(row["zone"]), row["paused"]) for row in rows}
    return Knowledge(version, sources, kinds, Catalogue(counted, aliases), backfills)


async def load_backfills(
    connection: Connection, kinds: Mapping[str, Kind], aliases: Aliases, calendar: WorkingDays
) -> dict[int, Catalogue]:
    """What each open backfill counts."""
    rows = await connection.fetch("select id, scheme from ledger.backfills where finished_at is null order by id")
    return {
        row["id"]: Catalogue(await load_measures(connection, kinds, calendar, states=("counting",), scheme=row["scheme"]), aliases)
        for row in rows
    }


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
