"""Answers about the feed: what came, what was set aside, what stands for no unit, what was compared."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Subquery, Text, and_, cast, func, select, true, tuple_, union_all, update
from sqlalchemy.ext.asyncio import AsyncSession

from contracts.topics import FEED_PREFIX, feed_topic
from scoring.ledger.domain.records import Record
from scoring.ledger.handlers.refusals import NoSuch
from scoring.ledger.handlers.work import ClosedBatch, Kept, KeptFact, SourceSummary, Unassigned
from scoring.ledger.store.codec import decoded
from scoring.ledger.store.facts_of import facts_of
from scoring.ledger.store.tables import (
    ASKED,
    OPEN,
    REPLAYED,
    aliases,
    batches,
    control,
    counters,
    fact_ids,
    facts,
    holders,
    positions,
    quarantine,
    records,
    sources,
    undeclared,
)

COUNTS = ("received", "applied", "duplicates", "late", "corrected", "withdrawn", "conflicts", "quarantined")
NOTHING = dict.fromkeys(COUNTS, 0)
OUTLINE = [column for column in quarantine.c if column.name not in ("key", "value", "headers")]


class SqlReadings:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def summary(self) -> Sequence[SourceSummary]:
        rows = (await self._session.execute(select(sources).order_by(sources.c.slug))).all()
        counted = {row.source: row for row in await self._session.execute(select(counters))}
        still_open = await self._open()
        unassigned = await self._unassigned_records()
        taken = await self._taken()
        return [
            SourceSummary(
                source=row.slug,
                name=row.name,
                paused=row.paused,
                open=still_open.get(row.slug, 0),
                unassigned=unassigned.get(row.slug, 0),
                taken=taken.get(row.slug, {}),
                **_counts(counted.get(row.slug)),
            )
            for row in rows
        ]

    async def undeclared(self) -> Sequence[tuple[str, str, str, int]]:
        rows = await self._session.execute(select(undeclared).order_by(undeclared.c.source, undeclared.c.kind, undeclared.c.attribute))
        return [(row.source, row.kind, row.attribute, row.times) for row in rows]

    async def unassigned(self, source: str | None, *, after: tuple[str, str], most: int) -> Sequence[Unassigned]:
        carried = _carried()
        code = func.coalesce(carried.c.code, "")
        chosen = (
            select(carried.c.source, carried.c.code, func.count().label("records"), func.min(carried.c.subject).label("example"))
            .outerjoin(aliases, _aliased(carried))
            .where(aliases.c.unit.is_(None), tuple_(carried.c.source, code) > tuple_(*after))
            .where(carried.c.source == source if source else true())
            .group_by(carried.c.source, carried.c.code)
            .order_by(carried.c.source, code)
            .limit(most)
        )
        rows = await self._session.execute(chosen)
        return [Unassigned(source=row.source, code=row.code, records=row.records, example=row.example) for row in rows]

    async def batches(self, source: str | None, *, most: int) -> Sequence[ClosedBatch]:
        chosen = select(batches).where(batches.c.source == source if source else true())
        rows = await self._session.execute(chosen.order_by(batches.c.day.desc(), batches.c.source, batches.c.id).limit(most))
        return [_batch(row) for row in rows]

    async def counting(self) -> str | None:
        found: str | None = (await self._session.execute(select(control.c.paused))).scalar_one()
        return found

    async def applied(self, source: str, event: str) -> KeptFact | None:
        mine = and_(facts.c.source == fact_ids.c.source, facts.c.id == fact_ids.c.id)
        received = select(facts.c.received_at).where(mine).scalar_subquery()
        chosen = select(fact_ids.c.copies, received.label("received_at")).where(fact_ids.c.source == source, fact_ids.c.id == event)
        row = (await self._session.execute(chosen)).one_or_none()
        return KeptFact(copies=row.copies, received_at=row.received_at) if row else None

    async def record(self, source: str, subject: str) -> Record | None:
        chosen = select(records.c.kind, cast(records.c.state, Text).label("state"))
        row = (await self._session.execute(chosen.where(records.c.source == source, records.c.subject == subject))).one_or_none()
        return decoded(source, subject, row.kind, row.state) if row else None

    async def facts_of(self, source: str, subject: str) -> Sequence[Mapping[str, Any]]:
        return await facts_of(self._session, source, subject)

    async def _open(self) -> Mapping[str, int]:
        chosen = select(quarantine.c.source, func.count().label("n")).where(quarantine.c.closed_at.is_(None)).group_by(quarantine.c.source)
        return {row.source: row.n for row in await self._session.execute(chosen)}

    async def _unassigned_records(self) -> Mapping[str, int]:
        carried = _carried()
        chosen = (
            select(carried.c.source, func.count().label("n"))
            .outerjoin(aliases, _aliased(carried))
            .where(aliases.c.unit.is_(None))
            .group_by(carried.c.source)
        )
        return {row.source: row.n for row in await self._session.execute(chosen)}

    async def _taken(self) -> Mapping[str, Mapping[int, int]]:
        found: dict[str, dict[int, int]] = {}
        for row in await self._session.execute(select(positions)):
            found.setdefault(row.topic.rpartition(FEED_PREFIX)[2], {})[row.partition] = row.next_offset
        return found


class SqlQuarantine:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def listed(self, source: str | None, *, is_open: bool, reason: str | None, after: int, most: int) -> Sequence[Kept]:
        chosen = (
            select(*OUTLINE)
            .where(quarantine.c.id > after, quarantine.c.closed_at.is_(None) if is_open else true())
            .where(quarantine.c.source == source if source else true(), quarantine.c.reason == reason if reason else true())
        )
        return [_outlined(row) for row in await self._session.execute(chosen.order_by(quarantine.c.id).limit(most))]

    async def kept(self, message: int) -> Kept:
        row = (await self._session.execute(select(quarantine).where(quarantine.c.id == message).with_for_update())).one_or_none()
        if row is None:
            raise NoSuch("隔离消息", "quarantined message", str(message))
        return _kept(row)

    async def of_event(self, source: str, event: str) -> Sequence[Kept]:
        mine = and_(quarantine.c.source == source, quarantine.c.event == event, quarantine.c.closed_at.is_(None))
        return [_outlined(row) for row in await self._session.execute(select(*OUTLINE).where(mine).order_by(quarantine.c.id.desc()))]

    async def ask(self, message: int) -> None:
        await self._session.execute(update(quarantine).where(quarantine.c.id == message).values(state=ASKED))

    async def ask_all(self, source: str, reason: str | None, *, most: int) -> int:
        mine = and_(quarantine.c.source == source, quarantine.c.reason == reason if reason else true())
        still_open = and_(quarantine.c.closed_at.is_(None), quarantine.c.state == OPEN)
        oldest = select(quarantine.c.id).where(mine, still_open).order_by(quarantine.c.id).limit(most).with_for_update()
        asked = update(quarantine).where(quarantine.c.id.in_(oldest)).values(state=ASKED).returning(quarantine.c.id)
        return len((await self._session.execute(asked)).all())

    async def discarded(self, message: int, *, at: datetime) -> None:
        await self._session.execute(update(quarantine).where(quarantine.c.id == message).values(state="discarded", closed_at=at))


class SqlLogs:
    def __init__(self, session: AsyncSession, prefix: str) -> None:
        self._session = session
        self._prefix = prefix

    async def adopt(self, slug: str, begins: Mapping[int, int]) -> None:
        for partition, begin in sorted(begins.items()):
            here = and_(positions.c.topic == self._prefix + feed_topic(slug), positions.c.partition == partition)
            fresh = {"next_offset": begin, "last_timestamp": None, "last_digest": None}
            await self._session.execute(update(positions).where(here).values(epoch=positions.c.epoch + 1, **fresh))
        on_the_old_log = and_(quarantine.c.source == slug, quarantine.c.state == REPLAYED, quarantine.c.closed_at.is_(None))
        await self._session.execute(update(quarantine).where(on_the_old_log).values(state=OPEN))


def _carried() -> Subquery:
    """The codes that records carry, and the former ones by which they may count."""
    present = select(records.c.source, records.c.subject, records.c.unit_code.label("code")).where(records.c.withdrawn.is_(False))
    here = and_(records.c.source == holders.c.source, records.c.subject == holders.c.subject)
    former = select(holders.c.source, holders.c.subject, holders.c.code).join(records, here)
    return union_all(present, former.where(records.c.withdrawn.is_(False), records.c.unit_code.is_distinct_from(holders.c.code))).subquery()


def _aliased(carried: Subquery) -> ColumnElement[bool]:
    return and_(aliases.c.source == carried.c.source, aliases.c.code == carried.c.code)


def _counts(row: Row[Any] | None) -> dict[str, Any]:
    if row is None:
        return {**NOTHING, "newest": None, "received_at": None}
    return {name: getattr(row, name) for name in (*COUNTS, "newest", "received_at")}


def _batch(row: Row[Any]) -> ClosedBatch:
    names = ("source", "id", "day", "state", "count", "digest", "held_count", "held_digest", "compared_at")
    return ClosedBatch(**{name: row._mapping[name] for name in names})  # noqa: SLF001 - SQLAlchemy's documented way to a row's mapping


def _kept(row: Row[Any]) -> Kept:
    headers = [(name, bytes.fromhex(content)) for name, content in row.headers]
    return replace(_outlined(row), key=row.key, value=row.value, headers=headers)


def _outlined(row: Row[Any]) -> Kept:
    """Without the message itself."""
    return Kept(
        id=row.id,
        source=row.source,
        reason=row.reason,
        detail=row.detail,
        event=row.event,
        state=row.state,
        times=row.times,
        partition=row.partition,
        offset=row.offset,
        received_at=row.received_at,
        closed_at=row.closed_at,
    )
