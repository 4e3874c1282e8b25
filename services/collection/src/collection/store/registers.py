"""Registers in SQL: rows kept per run, compared by key in pages, replaced by moving one pointer."""

import json
from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, Select, delete, exists, func, literal, or_, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from collection.domain.runs import RunId
from collection.domain.snapshots import Entry, Taken
from collection.handlers.ports import Changed, Difference, Held, Pending, StagedRow
from collection.store.tables import register, register_row, run

# One parameter for all rows: a thousand rows as VALUES took a second to compile. A row that could not be used (no digest) replaces
# none; of others the greatest update time, then the last one kept, stays (`is_later` of the domain).
STAGE: Final = text(
    """
    insert into register_row (run, key, digest, unit, values, updated, number)
    select :run, key, digest, unit, said, updated, number
    from jsonb_to_recordset(cast(:rows as jsonb))
         as given (key text, digest text, unit text, said jsonb, updated timestamptz, number bigint)
    on conflict (run, key) do update
    set digest = excluded.digest, unit = excluded.unit, values = excluded.values, updated = excluded.updated, number = excluded.number
    where excluded.digest is not null
      and (register_row.digest is null
           or coalesce(excluded.updated, '-infinity') >= coalesce(register_row.updated, '-infinity'))
    """
)
NOTHING: Final = UUID(int=0)  # the register of a source of which none was taken yet


class SqlRegisters:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def held(self, slug: str) -> Held:
        joined = select(register, run.c.mapping, run.c.version).outerjoin(run, run.c.id == register.c.pending_run)
        found = (await self._session.execute(joined.where(register.c.slug == slug))).one_or_none()
        if found is None:
            return Held(None, None, 0, None)
        taken = Taken(found.day, found.edition) if found.run else None
        pending = None
        if found.pending_run:
            pending = Pending(RunId(found.pending_run), found.pending_day, found.pending_edition, found.mapping, found.version)
        return Held(found.run, taken, found.rows, pending)

    async def stage(self, ident: RunId, rows: Sequence[StagedRow]) -> None:
        if rows:
            await self._session.execute(STAGE, {"run": ident, "rows": json.dumps([_staged(row) for row in rows], ensure_ascii=False)})

    async def carry(self, ident: RunId, last: RunId | None) -> Difference:
        old = register_row.alias("old")
        kept = (
            update(register_row)
            .where(
                register_row.c.run == ident,
                register_row.c.digest.is_(None),
                old.c.run == (last or NOTHING),
                old.c.key == register_row.c.key,
            )
            .values(digest=old.c.digest, unit=old.c.unit, values=old.c["values"])
        )
        await self._session.execute(kept)
        await self._session.execute(delete(register_row).where(register_row.c.run == ident, register_row.c.digest.is_(None)))
        new = register_row.alias("new")
        gone = select(func.count()).where(old.c.run == (last or NOTHING), ~exists().where(new.c.run == ident, new.c.key == old.c.key))
        rows = select(func.count()).where(register_row.c.run == ident)
        return Difference(rows=await self._number(rows), gone=await self._number(gone))

    async def propose(self, slug: str, pending: Pending) -> None:
        values = {"pending_run": pending.run, "pending_day": pending.day, "pending_edition": pending.edition}
        made = insert(register).values(slug=slug, **values)
        await self._session.execute(made.on_conflict_do_update(index_elements=["slug"], set_=values))

    async def changes(self, ident: RunId, last: RunId | None, *, after: str, most: int) -> Sequence[Changed]:
        new = select(register_row).where(register_row.c.run == ident, register_row.c.key > after).subquery("new")
        old = select(register_row).where(register_row.c.run == (last or NOTHING), register_row.c.key > after).subquery("old")
        key = func.coalesce(new.c.key, old.c.key)
        differs = or_(new.c.key.is_(None), old.c.key.is_(None), new.c.digest != old.c.digest)
        joined = new.join(old, new.c.key == old.c.key, full=True)
        page: Select[Any] = (
            select(key.label("key"), new.c.digest, new.c.unit, new.c["values"].label("said"))
            .select_from(joined)
            .where(differs)
            .order_by(key)
            .limit(most)
        )
        return [_changed(row) for row in await self._session.execute(page)]

    async def take(self, slug: str, pending: Pending) -> None:
        rows = select(func.count()).where(register_row.c.run == pending.run).scalar_subquery()
        values = {"run": pending.run, "day": pending.day, "edition": pending.edition, "rows": rows}
        cleared = {"pending_run": None, "pending_day": None, "pending_edition": None}
        await self._session.execute(
            update(register).where(register.c.slug == slug, register.c.pending_run == pending.run).values(**values, **cleared)
        )

    async def forget(self, *, keep: Sequence[RunId], slug: str, most: int) -> int:
        of_source = select(run.c.id).where(run.c.slug == slug, run.c.id.not_in(keep))
        doomed = select(register_row.c.run, register_row.c.key).where(register_row.c.run.in_(of_source)).limit(most)
        gone = delete(register_row).where(tuple_(register_row.c.run, register_row.c.key).in_(doomed)).returning(literal(1))
        return len((await self._session.execute(gone)).all())

    async def _number(self, counted: Select[Any]) -> int:
        return int((await self._session.execute(counted)).scalar_one())


def _staged(row: StagedRow) -> dict[str, Any]:
    entry = row.entry
    said = {"digest": entry.digest, "unit": entry.unit, "said": dict(entry.values)} if entry else {}
    return {"key": row.key, "updated": row.updated and row.updated.isoformat(), "number": row.number} | said


def _changed(row: Row[Any]) -> Changed:
    return Changed(row.key, Entry(row.key, row.unit, row.said) if row.digest is not None else None)
