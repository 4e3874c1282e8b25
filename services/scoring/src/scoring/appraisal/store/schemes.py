"""Versions of schemes in PostgreSQL; a version is built from its document once a process."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from scoring.appraisal.domain.faults import NotFound
from scoring.appraisal.domain.scheme_documents import checked_scheme
from scoring.appraisal.domain.schemes import CycleKey, Scheme, State, Version
from scoring.appraisal.domain.words import Text
from scoring.appraisal.handlers.work import KeptScheme
from scoring.appraisal.store.tables import cycles, schemes

Shelf = dict[tuple[str, int, datetime], Scheme]
"""Built schemes of a process: a version's document never changes."""


class SqlSchemes:
    def __init__(self, session: AsyncSession, shelf: Shelf) -> None:
        self._session = session
        self._shelf = shelf

    async def add(self, *, text: str, document: Mapping[str, Any], cycle: CycleKey, made_by: str, made_at: datetime) -> Version:
        await self._session.execute(select(cycles.c.key).where(cycles.c.key == cycle).with_for_update())
        last = (await self._session.execute(select(func.max(schemes.c.version)).where(schemes.c.cycle == cycle))).scalar()
        version = Version((last or 0) + 1)
        values = {"cycle": cycle, "version": version, "state": State.DRAFT.value, "text": text, "document": document}
        await self._session.execute(insert(schemes).values(**values, made_by=made_by, made_at=made_at))
        return version

    async def version(self, cycle: CycleKey, version: Version) -> KeptScheme:
        wanted = select(schemes).where(schemes.c.cycle == cycle, schemes.c.version == version).with_for_update()
        return await self._only(wanted, Text(f"方案 {cycle} 第 {version} 版", f"scheme {cycle} version {version}"))

    async def versions(self, cycle: CycleKey) -> Sequence[KeptScheme]:
        rows = await self._session.execute(select(schemes).where(schemes.c.cycle == cycle).order_by(schemes.c.version))
        return [self._kept(row) for row in rows]

    async def active(self, cycle: CycleKey) -> KeptScheme:
        wanted = select(schemes).where(schemes.c.cycle == cycle, schemes.c.state == State.ACTIVE.value)
        return await self._only(wanted, Text(f"周期 {cycle} 的已启用方案", f"active scheme of the cycle {cycle}"))

    async def all_active(self) -> Sequence[KeptScheme]:
        rows = await self._session.execute(select(schemes).where(schemes.c.state == State.ACTIVE.value).order_by(schemes.c.cycle))
        return [self._kept(row) for row in rows]

    async def activated(self, kept: KeptScheme, *, at: datetime) -> None:
        here = (schemes.c.cycle == kept.cycle) & (schemes.c.version == kept.version)
        await self._session.execute(update(schemes).where(here).values(state=State.ACTIVE.value, activated_at=at))

    async def _only(self, wanted: Select[Any], what: Text) -> KeptScheme:
        row = (await self._session.execute(wanted)).one_or_none()
        if row is None:
            raise NotFound(what)
        return self._kept(row)

    def _kept(self, row: Row[Any]) -> KeptScheme:
        key = (row.cycle, row.version, row.made_at)
        if key not in self._shelf:
            self._shelf[key] = checked_scheme(row.document)
        return KeptScheme(
            cycle=CycleKey(row.cycle),
            version=Version(row.version),
            state=State(row.state),
            text=row.text,
            scheme=self._shelf[key],
            made_by=row.made_by,
            made_at=row.made_at,
            activated_at=row.activated_at,
        )
