"""Trials in PostgreSQL: that one was made, and the snapshot in which it is."""

import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg
from sqlalchemy import insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from kit.db import Database
from scoring.appraisal.domain.inputs import MeasureKey, Month, MonthTotal
from scoring.appraisal.domain.schemes import Cycle, CycleKey, UnitCode, Version
from scoring.appraisal.handlers.work import DraftFigures, ReadOnly, TrialMade, Work
from scoring.appraisal.store.tables import trials
from scoring.ledger.domain.contributions import WorkingDays
from scoring.ledger.store.drafting import count_drafts


class SqlTrials:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, cycle: CycleKey, version: Version, made: TrialMade) -> None:
        values = {"made_by": made.by, "made_at": made.at, "records": made.records, "milliseconds": made.milliseconds}
        await self._session.execute(insert(trials).values(cycle=cycle, version=version, **values))

    async def last(self, cycle: CycleKey, version: Version) -> TrialMade | None:
        wanted = select(trials).where(trials.c.cycle == cycle, trials.c.version == version).order_by(trials.c.id.desc()).limit(1)
        row = (await self._session.execute(wanted)).one_or_none()
        return TrialMade(by=row.made_by, at=row.made_at, records=row.records, milliseconds=row.milliseconds) if row else None


class DatabaseSnapshots:
    """Read-only, repeatable read, without the limits of a request: it holds no lock and may take as long as it needs."""

    def __init__(self, database: Database, open_work: Callable[[AsyncSession], Work], calendar: WorkingDays) -> None:
        self._database = database
        self._open_work = open_work
        self._calendar = calendar

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[ReadOnly]:
        async with self._database.engine.connect() as connection:
            await connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            async with AsyncSession(bind=connection, expire_on_commit=False) as session:
                await session.execute(text("set local statement_timeout = 0"))
                await session.execute(text("set local idle_in_transaction_session_timeout = 0"))
                yield ReadOnly(self._open_work(session), SnapshotDrafts(connection, self._calendar))


class SnapshotDrafts:
    def __init__(self, connection: AsyncConnection, calendar: WorkingDays) -> None:
        self._connection = connection
        self._calendar = calendar

    async def counted(self, measures: Mapping[str, Any], *, cycle: Cycle, zone: ZoneInfo) -> DraftFigures:
        began = time.monotonic()
        raw = (await self._connection.get_raw_connection()).driver_connection
        assert isinstance(raw, asyncpg.Connection)  # noqa: S101 - kit.db builds its engines on asyncpg
        found, records = await count_drafts(raw, measures, cycle=(cycle.start, cycle.end), zone=zone.key, calendar=self._calendar)
        totals: dict[UnitCode, dict[MeasureKey, dict[Month, MonthTotal]]] = defaultdict(lambda: defaultdict(dict))
        for one in found:
            totals[UnitCode(one.unit)][MeasureKey(one.measure)][Month(one.month)] = MonthTotal(one.n, one.total)
        return DraftFigures(totals=totals, records=records, milliseconds=round((time.monotonic() - began) * 1000))
