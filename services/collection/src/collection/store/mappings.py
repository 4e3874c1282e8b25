"""Mappings in SQL."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.dialects.postgresql import distinct_on, insert
from sqlalchemy.ext.asyncio import AsyncSession

from collection.domain.runs import NoSuchMapping
from collection.handlers.ports import StoredMapping
from collection.store.tables import mapping


class SqlMappings:
    """Mappings that were added, before those that are shipped (version 0)."""

    def __init__(self, session: AsyncSession, shipped: Sequence[StoredMapping]) -> None:
        self._session = session
        self._shipped = {one.name: one for one in shipped}

    async def latest(self, name: str) -> StoredMapping:
        found = (
            await self._session.execute(select(mapping).where(mapping.c.name == name).order_by(mapping.c.version.desc()).limit(1))
        ).one_or_none()
        return _stored(found) if found else self._of_shipped(name)

    async def version(self, name: str, version: int) -> StoredMapping:
        if version == 0:
            return self._of_shipped(name)
        found = (await self._session.execute(select(mapping).where(mapping.c.name == name, mapping.c.version == version))).one_or_none()
        if found is None:
            raise NoSuchMapping(name)
        return _stored(found)

    async def all(self) -> Sequence[StoredMapping]:
        latest = select(mapping).ext(distinct_on(mapping.c.name)).order_by(mapping.c.name, mapping.c.version.desc())
        found = {row.name: _stored(row) for row in await self._session.execute(latest)}
        return [one for _, one in sorted((self._shipped | found).items())]

    async def add(self, name: str, text: str, *, by: str, at: datetime) -> StoredMapping:
        await self._session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"mapping/{name}", 0))))
        last = (
            await self._session.execute(select(mapping).where(mapping.c.name == name).order_by(mapping.c.version.desc()).limit(1))
        ).first()
        if last is not None and last.text == text:
            return _stored(last)
        added = StoredMapping(name, last.version + 1 if last else 1, text, by, at)
        await self._session.execute(insert(mapping).values(name=name, version=added.version, text=text, added_by=by, added_at=at))
        return added

    def _of_shipped(self, name: str) -> StoredMapping:
        if name not in self._shipped:
            raise NoSuchMapping(name)
        return self._shipped[name]


def _stored(row: Row[Any]) -> StoredMapping:
    return StoredMapping(row.name, row.version, row.text, row.added_by, row.added_at)
