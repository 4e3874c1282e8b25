"""All stored traces of a cycle, read in one snapshot and in constant memory."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from fractions import Fraction
from typing import Any, Final

from sqlalchemy import Table, select
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from kit.db import async_url
from scoring.appraisal.domain.numbers import written
from scoring.appraisal.domain.retraces import Retrace, Stored
from scoring.appraisal.store.tables import score_history, scores

PREFETCH: Final = 500  # rows at a time
NO_LIMITS: Final = {"statement_timeout": "0", "idle_in_transaction_session_timeout": "0", "application_name": "scoring-retrace"}
TABLES: Final[Mapping[str, Table]] = {"scores": scores, "score_history": score_history}


class PgRetraces:
    def __init__(self, url: str) -> None:
        self._url = url

    async def again(self, cycle: str | None) -> Retrace:
        """Of one cycle, or of all; a long read on a connection of its own, that locks nothing and may take as long as it needs."""
        retrace = Retrace()
        async with self._snapshot() as connection:
            for name in TABLES:
                async for stored in _stored(connection, name, cycle):
                    retrace.see(stored)
        return retrace

    @asynccontextmanager
    async def _snapshot(self) -> AsyncIterator[AsyncConnection]:
        engine = create_async_engine(async_url(self._url), poolclass=NullPool, connect_args={"server_settings": NO_LIMITS})
        try:
            async with engine.connect() as plain:
                yield await plain.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        finally:
            await engine.dispose()


async def _stored(connection: AsyncConnection, name: str, cycle: str | None) -> AsyncIterator[Stored]:
    table = TABLES[name]
    columns = select(table.c.cycle, table.c.version, table.c.unit, table.c.indicator, table.c.points, table.c.trace)
    chosen = columns if cycle is None else columns.where(table.c.cycle == cycle)
    rows = await connection.stream(chosen.order_by(*table.primary_key), execution_options={"yield_per": PREFETCH})
    async for row in rows:
        score = f"{row.cycle}/{row.unit}/{row.indicator}"
        yield Stored(table=name, score=score, version=row.version, points=_written(row.points, row.trace), trace=row.trace)


def _written(points: Any, trace: Mapping[str, Any]) -> str | None:  # noqa: ANN401 - a Decimal or none
    return None if points is None else written(Fraction(points), trace["rounding"]["places"])
