"""Sources, kinds, aliases and measures in SQL; every change holds the control row until its transaction ends."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Row, delete, exists, func, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from scoring.ledger.domain.measures import Measure, parse_measure
from scoring.ledger.domain.progress import Progress
from scoring.ledger.domain.values import Kind
from scoring.ledger.handlers.refusals import CountingUnderWay
from scoring.ledger.handlers.registering import KindEntry, SourceEntry
from scoring.ledger.store.tables import aliases, backfills, control, countings, holders, kinds, measures, records, refolds, sources


class SqlCatalogue:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def sources(self) -> Sequence[SourceEntry]:
        rows = await self._session.execute(select(sources).order_by(sources.c.slug))
        return [SourceEntry(slug=row.slug, uri=row.uri, name=row.name, zone=row.zone, paused=row.paused) for row in rows]

    async def put_source(self, entry: SourceEntry) -> None:
        await self._change()
        values = {"slug": entry.slug, "uri": entry.uri, "name": entry.name, "zone": entry.zone}
        put = insert(sources).values(**values).on_conflict_do_update(index_elements=["slug"], set_={"name": entry.name, "zone": entry.zone})
        await self._session.execute(put)

    async def resume(self, slug: str) -> bool:
        await self._change()
        resumed = update(sources).where(sources.c.slug == slug, sources.c.paused.is_not(None)).values(paused=None).returning(sources.c.slug)
        return (await self._session.execute(resumed)).first() is not None

    async def kinds(self) -> Sequence[KindEntry]:
        rows = await self._session.execute(select(kinds).order_by(kinds.c.key))
        refolding = set(await self._session.scalars(select(refolds.c.kind)))
        return [KindEntry(kind=Kind.of(row.key, row.attributes), name=row.name, refolding=row.key in refolding) for row in rows]

    async def put_kind(self, entry: KindEntry) -> bool:
        await self._change()
        before = {held.kind.key: held for held in await self.kinds()}.get(entry.kind.key)
        values: dict[str, Any] = {"name": entry.name, "attributes": entry.kind.declared}
        put = insert(kinds).values(key=entry.kind.key, **values).on_conflict_do_update(index_elements=["key"], set_=values)
        await self._session.execute(put)
        if before is None or before.kind.history == entry.kind.history:
            return before is not None and before.refolding
        return await self._refold(entry.kind.key)

    async def _refold(self, kind: str) -> bool:
        """From the beginning, also where one is under way. Workers know the new kind before they bring another fact."""
        if not (await self._session.execute(select(exists().where(records.c.kind == kind)))).scalar_one():
            return False
        begin = {"source": "", "subject": "", "records": 0}
        asked = insert(refolds).values(kind=kind, **begin).on_conflict_do_update(index_elements=["kind"], set_=begin)
        await self._session.execute(asked)
        return True

    async def measures_in_use(self, kind: str) -> Sequence[Measure]:
        known = {entry.kind.key: entry.kind for entry in await self.kinds()}
        chosen = select(measures.c.key, measures.c.document).where(measures.c.document["kind"].as_string() == kind)
        return [parse_measure(row.key, row.document, kinds=known) for row in await self._session.execute(chosen)]

    async def aliases(self, slug: str) -> Mapping[str, str]:
        rows = await self._session.execute(select(aliases.c.code, aliases.c.unit).where(aliases.c.source == slug).order_by(aliases.c.code))
        return {row.code: row.unit for row in rows}

    async def put_aliases(self, slug: str, new: Mapping[str, str]) -> bool:
        await self._change()
        before = await self.aliases(slug)
        changed = {code for code in {*before, *new} if before.get(code) != new.get(code)}
        moves_records = await self._has_records(slug, changed)
        if moves_records and await self.is_stopped():
            raise CountingUnderWay
        await self._session.execute(delete(aliases).where(aliases.c.source == slug))
        if new:
            await self._session.execute(insert(aliases), [{"source": slug, "code": code, "unit": unit} for code, unit in new.items()])
        if not moves_records:
            return False
        await self._session.execute(update(control).values(paused=f"aliases of {slug}"))
        await self._session.execute(insert(countings).values(alias_source=slug, aliases_before=dict(before)))
        return True

    async def _has_records(self, slug: str, codes: Collection[str]) -> bool:
        """Whether a change of these codes moves anything: nobody else can bring such records before this transaction ends."""
        held = exists().where(records.c.source == slug, records.c.unit_code.in_(sorted(codes)))
        held_once = exists().where(holders.c.source == slug, holders.c.code.in_(sorted(codes)))
        return bool((await self._session.execute(select(or_(held, held_once)))).scalar_one())

    async def is_stopped(self) -> bool:
        """Whether something is counted for which the feed has to stand still."""
        return bool((await self._session.execute(select(exists().where(countings.c.finished_at.is_(None))))).scalar_one())

    async def ask_count(self, scheme: str, documents: Mapping[str, Any], *, cycle_start: str, cycle_end: str, zone: str) -> None:
        """Put a scheme's measures to be counted over all records beside the feed; once asked, again changes nothing."""
        await self._change()
        if not documents or (await self._session.execute(select(exists().where(measures.c.scheme == scheme)))).scalar_one():
            return
        if (await self._session.execute(select(exists().where(refolds.c.kind.is_not(None))))).scalar_one():
            raise CountingUnderWay
        common = {"scheme": scheme, "cycle_start": cycle_start, "cycle_end": cycle_end, "zone": zone, "state": "counting"}
        await self._session.execute(insert(measures), [{"key": key, "document": one, **common} for key, one in documents.items()])
        await self._session.execute(insert(backfills).values(scheme=scheme, expected=await self._records()))
        stands_still = func.coalesce(control.c.paused, f"scheme {scheme}")
        await self._session.execute(update(control).values(paused=stands_still))

    async def is_counted(self, scheme: str) -> bool:
        """Whether the measures that were asked for are counted whole."""
        begun = exists().where(measures.c.scheme == scheme, measures.c.state != "active")
        return not (await self._session.execute(select(begun))).scalar_one()

    async def under_way(self) -> Sequence[Progress]:
        """The counts beside the feed, the oldest first."""
        rows = await self._session.execute(select(backfills).where(backfills.c.finished_at.is_(None)).order_by(backfills.c.id))
        return [_progress(row) for row in rows]

    async def _records(self) -> int:
        """How many there are, as PostgreSQL estimates it: counting them would take longer than a request may."""
        plan = (await self._session.execute(text("explain (format json) select from ledger.records"))).scalar_one()
        estimate: int = plan[0]["Plan"]["Plan Rows"]
        return estimate

    async def _change(self) -> None:
        """Hold the control row and move its version."""
        await self._session.execute(update(control).values(version=control.c.version + 1))


def _progress(row: Row[Any]) -> Progress:
    seconds = (row.moved_at - row.began_at).total_seconds() if row.began_at else 0
    return Progress(
        count=row.scheme,
        records=row.records,
        expected=row.records if row.at_end else max(row.records, row.expected),
        per_second=int(row.records / seconds) if seconds > 0 else 0,
    )
