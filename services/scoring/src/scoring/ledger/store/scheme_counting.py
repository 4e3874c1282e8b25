"""Count a scheme's measures to the end: what an activation waits for."""

import asyncio
from collections.abc import Mapping
from typing import Any, Final

import asyncpg

from kit.db import Database
from scoring.ledger.domain.contributions import WorkingDays
from scoring.ledger.store.catalogue import SqlCatalogue
from scoring.ledger.store.counting import count_some

WAIT: Final = 0.1


async def count_scheme(
    database: Database, calendar: WorkingDays, *, scheme: str, documents: Mapping[str, Any], cycle_start: str, cycle_end: str, zone: str
) -> None:
    """Totals of these measures, in transactions of its own, with the feed paused meanwhile.

    Once done it does nothing, broken off it goes on; a worker helps if one is there. Raises `CountingUnderWay` beside another count.
    """
    async with database.transaction() as session:
        await SqlCatalogue(session).ask_count(scheme, documents, cycle_start=cycle_start, cycle_end=cycle_end, zone=zone)
    while not await _is_counted(database, scheme):
        if not await _count_some(database, calendar):
            await asyncio.sleep(WAIT)


async def _is_counted(database: Database, scheme: str) -> bool:
    async with database.transaction() as session:
        return await SqlCatalogue(session).is_counted(scheme)


async def _count_some(database: Database, calendar: WorkingDays) -> bool:
    async with database.engine.connect() as connection:
        raw = (await connection.get_raw_connection()).driver_connection
        assert isinstance(raw, asyncpg.Connection)  # noqa: S101 - kit.db builds its engines on asyncpg
        return await count_some(raw, calendar)
