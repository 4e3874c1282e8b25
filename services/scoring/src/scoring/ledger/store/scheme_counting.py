"""Count a scheme's measures to the end, for whoever has no worker beside."""

import asyncio
from collections.abc import Mapping
from typing import Any, Final

import asyncpg

from kit.db import Database
from scoring.ledger.domain.contributions import WorkingDays
from scoring.ledger.store.backfilling import Backfiller
from scoring.ledger.store.catalogue import SqlCatalogue
from scoring.ledger.store.knowledge import Outdated, Paused

WAIT: Final = 0.1


async def count_scheme(
    database: Database,
    calendar: WorkingDays,
    *,
    scheme: str,
    documents: Mapping[str, Any],
    cycle_start: str,
    cycle_end: str,
    zone: str,
) -> None:
    """Totals of these measures, in transactions of its own, beside whatever feed is running.

    Once done it does nothing, broken off it goes on; workers help if some are there.
    """
    async with database.transaction() as session:
        await SqlCatalogue(session).ask_count(scheme, documents, cycle_start=cycle_start, cycle_end=cycle_end, zone=zone)
    backfiller = Backfiller(calendar)
    while not await _is_counted(database, scheme):
        if not await _step(database, backfiller):
            await asyncio.sleep(WAIT)


async def _is_counted(database: Database, scheme: str) -> bool:
    async with database.transaction() as session:
        return await SqlCatalogue(session).is_counted(scheme)


async def _step(database: Database, backfiller: Backfiller) -> bool:
    async with database.engine.connect() as connection:
        raw = (await connection.get_raw_connection()).driver_connection
        assert isinstance(raw, asyncpg.Connection)  # noqa: S101 - kit.db builds its engines on asyncpg
        try:
            return await backfiller.step(raw) is not None
        except (Outdated, Paused):
            return False
