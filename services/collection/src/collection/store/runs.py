"""Runs and their rejects in SQL; one run a source at a time."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, and_, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from collection.domain.rows import Place, Reject
from collection.domain.runs import Counts, NoSuchRun, Run, RunEnded, RunId, RunState, RunUnderWay
from collection.store.tables import reject, run

GIVES_WAY_AFTER: Final = text("interval '60 seconds'")  # on the database's clock: business time may run faster than runs do


class SqlRuns:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def start(self, one: Run) -> None:
        stale = and_(run.c.slug == one.slug, run.c.state == RunState.RUNNING, run.c.seen_at < func.clock_timestamp() - GIVES_WAY_AFTER)
        reason = "没有响应 / was not seen for a minute"
        await self._session.execute(update(run).where(stale).values(state=RunState.INTERRUPTED, reason=reason, ended_at=one.started_at))
        begun = insert(run).values(id=one.id, **_values(one)).on_conflict_do_nothing().returning(run.c.id)
        if (await self._session.execute(begun)).first() is None:
            raise RunUnderWay(one.slug)

    async def beat(self, ident: RunId, counts: Counts, rejects: Sequence[Reject]) -> None:
        seen = update(run).where(run.c.id == ident, run.c.state == RunState.RUNNING)
        seen_row = seen.values(**_counted(counts), seen_at=func.clock_timestamp()).returning(run.c.id)
        if (await self._session.execute(seen_row)).first() is None:
            raise RunEnded
        first = counts.rejected - len(rejects)
        rows = [
            {"run": ident, "number": first + index, "place": one.place.number, "case": one.place.case, "key": one.key, "reason": one.reason}
            for index, one in enumerate(rejects, 1)
        ]
        if rows:
            await self._session.execute(insert(reject), _without_nul(rows))

    async def end(self, one: Run, *, was: RunState) -> None:
        ended = update(run).where(run.c.id == one.id, run.c.state == was).values(**_values(one)).returning(run.c.id)
        if (await self._session.execute(ended)).first() is None:
            raise RunEnded

    async def get(self, ident: RunId) -> Run:
        found = (await self._session.execute(select(run).where(run.c.id == ident))).one_or_none()
        if found is None:
            raise NoSuchRun(ident)
        return _run(found)

    async def list(self, *, slug: str | None, before: datetime | None, most: int) -> Sequence[Run]:
        latest = select(run).order_by(run.c.started_at.desc(), run.c.id.desc()).limit(most)
        if slug is not None:
            latest = latest.where(run.c.slug == slug)
        if before is not None:
            latest = latest.where(run.c.started_at < before)
        return [_run(row) for row in await self._session.execute(latest)]

    async def rejects(self, ident: RunId, *, after: int, most: int) -> Sequence[tuple[int, Reject]]:
        wanted = select(reject).where(reject.c.run == ident, reject.c.number > after).order_by(reject.c.number).limit(most)
        return [(row.number, Reject(Place(row.place, row.case), row.reason, row.key)) for row in await self._session.execute(wanted)]


def _without_nul(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """PostgreSQL's text holds no NUL, and a reject is kept whatever stands in it."""
    return [{name: value.replace("\0", "\\0") if isinstance(value, str) else value for name, value in row.items()} for row in rows]


def _values(one: Run) -> dict[str, Any]:
    return {
        "mapping": one.mapping,
        "version": one.version,
        "slug": one.slug,
        "file": one.file,
        "day": one.day,
        "state": one.state,
        "reason": one.reason,
        "units": {unit.replace("\0", "\\0"): count for unit, count in one.units.items()},
        "started_by": one.started_by,
        "started_at": one.started_at,
        "ended_at": one.ended_at,
    } | _counted(one.counts)


def _counted(counts: Counts) -> dict[str, int]:
    return {
        "rows": counts.rows,
        "observed": counts.observed,
        "withdrawn": counts.withdrawn,
        "skipped": counts.skipped,
        "rejected": counts.rejected,
    }


def _run(row: Row[Any]) -> Run:
    return Run(
        id=RunId(row.id),
        mapping=row.mapping,
        version=row.version,
        slug=row.slug,
        file=row.file,
        day=row.day,
        started_by=row.started_by,
        started_at=row.started_at,
        state=RunState(row.state),
        reason=row.reason,
        counts=Counts(rows=row.rows, observed=row.observed, withdrawn=row.withdrawn, skipped=row.skipped, rejected=row.rejected),
        units=row.units,
        ended_at=row.ended_at,
    )
