"""Versions of schemes in PostgreSQL; a version is built from its document once a process."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

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


_LIGHT: Final[Select[Any]] = select(
    schemes.c.cycle, schemes.c.version, schemes.c.state, schemes.c.made_by, schemes.c.made_at, schemes.c.activated_at
)


class SqlSchemes:
    def __init__(self, session: AsyncSession, shelf: Shelf) -> None:
        self._session = session
        self._shelf = shelf

    async def add(self, *, text: str, document: Mapping[str, Any], cycle: CycleKey, made_by: str, made_at: datetime) -> Version:
        await self.hold(cycle)
        last = (await self._session.execute(select(func.max(schemes.c.version)).where(schemes.c.cycle == cycle))).scalar()
        version = Version((last or 0) + 1)
        values = {"cycle": cycle, "version": version, "state": State.DRAFT.value, "text": text, "document": document}
        await self._session.execute(insert(schemes).values(**values, made_by=made_by, made_at=made_at))
        return version

    async def version(self, cycle: CycleKey, version: Version) -> KeptScheme:
        here = (schemes.c.cycle == cycle) & (schemes.c.version == version)
        return await self._only(_LIGHT.where(here).with_for_update(), _named(cycle, version))

    async def versions(self, cycle: CycleKey) -> Sequence[KeptScheme]:
        rows = await self._session.execute(_LIGHT.where(schemes.c.cycle == cycle).order_by(schemes.c.version))
        return [await self._kept(row) for row in rows]

    async def text(self, cycle: CycleKey, version: Version) -> str:
        found = await self._session.execute(select(schemes.c.text).where(schemes.c.cycle == cycle, schemes.c.version == version))
        text: str | None = found.scalar_one_or_none()
        if text is None:
            raise NotFound(_named(cycle, version))
        return text

    async def active(self, cycle: CycleKey) -> KeptScheme:
        wanted = _LIGHT.where(schemes.c.cycle == cycle, schemes.c.state == State.ACTIVE.value)
        return await self._only(wanted, Text(f"周期 {cycle} 的已启用方案", f"active scheme of the cycle {cycle}"))

    async def all_active(self) -> Sequence[KeptScheme]:
        rows = await self._session.execute(_LIGHT.where(schemes.c.state == State.ACTIVE.value).order_by(schemes.c.cycle))
        return [await self._kept(row) for row in rows]

    async def coming(self) -> Sequence[KeptScheme]:
        rows = await self._session.execute(_LIGHT.where(schemes.c.state == State.COMING.value).order_by(schemes.c.cycle))
        return [await self._kept(row) for row in rows]

    async def chain(self, cycle: CycleKey) -> Sequence[KeptScheme]:
        ever = schemes.c.state.in_([State.SUPERSEDED.value, State.ACTIVE.value, State.CLOSED.value])
        rows = await self._session.execute(_LIGHT.where(schemes.c.cycle == cycle, ever).order_by(schemes.c.version))
        return [await self._kept(row) for row in rows]

    async def hold(self, cycle: CycleKey) -> None:
        await self._session.execute(select(cycles.c.key).where(cycles.c.key == cycle).with_for_update(key_share=True))

    async def put(self, kept: KeptScheme, state: State, *, at: datetime) -> None:
        here = (schemes.c.cycle == kept.cycle) & (schemes.c.version == kept.version)
        since = None if state is State.DRAFT else kept.activated_at or at
        await self._session.execute(update(schemes).where(here).values(state=state.value, activated_at=since))

    async def _only(self, wanted: Select[Any], what: Text) -> KeptScheme:
        row = (await self._session.execute(wanted)).one_or_none()
        if row is None:
            raise NotFound(what)
        return await self._kept(row)

    async def _kept(self, row: Row[Any]) -> KeptScheme:
        return KeptScheme(
            cycle=CycleKey(row.cycle),
            version=Version(row.version),
            state=State(row.state),
            scheme=await self._built(row),
            made_by=row.made_by,
            made_at=row.made_at,
            activated_at=row.activated_at,
        )

    async def _built(self, row: Row[Any]) -> Scheme:
        key = (row.cycle, row.version, row.made_at)
        if key not in self._shelf:
            here = (schemes.c.cycle == row.cycle) & (schemes.c.version == row.version)
            found = await self._session.execute(select(schemes.c.document).where(here))
            self._shelf[key] = checked_scheme(found.scalar_one())
        return self._shelf[key]


def _named(cycle: CycleKey, version: Version) -> Text:
    return Text(f"方案 {cycle} 第 {version} 版", f"scheme {cycle} version {version}")
