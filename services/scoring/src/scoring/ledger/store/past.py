"""What the ledger held at an instant, and what has moved since: totals and positions are written in one transaction (I1)."""

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

from sqlalchemy import JSON, ColumnElement, Row, Text, and_, cast, exists, func, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from contracts.topics import FEED_PREFIX
from scoring.ledger.domain.contributions import Amount, Catalogue, Counted, Place, WorkingDays
from scoring.ledger.domain.facts import Event, parse_kept, restored
from scoring.ledger.domain.records import Record, RecordKey, fold
from scoring.ledger.domain.values import SCALE, Kind
from scoring.ledger.store.tables import aliases, facts, holders, measures, positions, records, totals
from scoring.ledger.store.totals import SqlTotals, Total

Positions = Sequence[Mapping[str, Any]]
"""How far the ledger had come: `{source, partition, epoch, next}` of each partition."""

NOTHING: Final = Amount(0, 0)
FACT: Final[Sequence[ColumnElement[Any]]] = [*facts.c, cast(facts.c.data, Text).label("text")]
_CAME_SINCE: Final = text(
    """
    select distinct f.source, f.subject
    from ledger.facts f
    join ledger.records r on r.source = f.source and r.subject = f.subject
    left join jsonb_to_recordset(cast(:positions as jsonb)) as p(source text, partition int, epoch int, next bigint)
      on p.source = f.source and p.partition = f.partition
    where r.kind = :kind and (p.source is null or (f.epoch, f."offset") >= (p.epoch, p.next))
      and exists (
        select 1 from ledger.facts g join ledger.aliases a on a.source = g.source and a.code = g.data->>'unit' and a.unit = :unit
        where g.source = f.source and g.subject = f.subject
      )
    order by f.source, f.subject
    """
)


@dataclass(frozen=True, slots=True)
class Moved:
    """By how much a record's part in a total changed, and the facts that came since."""

    record: RecordKey
    n: int
    total: Fraction
    facts: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Added:
    """What a record adds to a measure of a unit in a month."""

    record: RecordKey
    measure: str
    month: str
    n: int
    total: Fraction


@dataclass(frozen=True, slots=True)
class _Asked:
    """One place of a total, and what counts there."""

    catalogue: Catalogue
    kinds: Mapping[str, Kind]
    place: Place

    def of(self, record: Record | None) -> Amount:
        return NOTHING if record is None else self.catalogue.contributions(record).get(self.place, NOTHING)


class SqlPast:
    def __init__(self, session: AsyncSession, calendar: WorkingDays) -> None:
        self._session = session
        self._totals = SqlTotals(session, calendar)

    async def snapshot(self, scheme: str, unit: str, *, through: str) -> tuple[Sequence[Total], Positions]:
        """One statement sees one instant: a batch stands in both or in neither."""
        stands = select(
            func.json_agg(func.json_build_array(positions.c.topic, positions.c.partition, positions.c.epoch, positions.c.next_offset))
        ).scalar_subquery()
        here = and_(totals.c.measure == measures.c.number, totals.c.unit == unit, totals.c.month <= through)
        chosen = select(measures.c.key, totals.c.month, totals.c.n, totals.c.total, cast(stands, JSON).label("stands"))
        rows = (await self._session.execute(chosen.outerjoin(totals, here).where(measures.c.scheme == scheme))).all()
        found = [Total(row.key, unit, row.month, row.n, Fraction(row.total)) for row in rows if row.month and (row.n or row.total)]
        return found, _positions(rows[0].stands or () if rows else ())

    async def since(self, scheme: str, measure: str, unit: str, month: str, stood: Positions, *, most: int) -> Sequence[Moved]:
        """The records whose part in a unit's total of a month was changed by facts that came after these positions."""
        counted = await self._totals.measure(scheme, measure)
        if counted is None:
            return []
        place = _Asked(Catalogue([counted], await self._aliases()), _kinds([counted]), Place(counted.number, unit, month))
        asked = {"positions": json.dumps(list(stood)), "kind": counted.measure.kind.key, "unit": unit}
        keys = [(row.source, row.subject) for row in await self._session.execute(_CAME_SINCE, asked)]
        found: list[Moved] = []
        for key in keys:
            moved = await self._moved(key, place, stood)
            found += [moved] if moved else []
            if len(found) == most:
                break
        return found

    async def contributions(self, scheme: str, unit: str, keys: Collection[RecordKey], *, at: Positions | None) -> Sequence[Added]:
        """What records add to a unit's totals now, or added when the ledger stood at these positions."""
        rows = await self._session.execute(select(measures.c.key).where(measures.c.scheme == scheme))
        counted = [each for row in rows.all() if (each := await self._totals.measure(scheme, row.key))]
        catalogue, kinds = Catalogue(counted, await self._aliases()), _kinds(counted)
        names = {each.number: each.measure.key for each in counted}
        found: list[Added] = []
        for key in sorted(keys):
            record = _folded(await self._facts(key), kinds, before=at)
            amounts = catalogue.contributions(record) if record else {}
            found += [
                Added(key, names[place.measure], place.month, amount.n, Fraction(amount.total, SCALE))
                for place, amount in amounts.items()
                if place.unit == unit
            ]
        return found

    async def holds(self, unit: str, *, source: str, subject: str) -> bool:
        """Whether the unit holds the record, or held it and may be credited for that (`unit_on`)."""
        aliased = and_(aliases.c.source == source, aliases.c.unit == unit)
        held = exists().where(records.c.source == source, records.c.subject == subject, aliases.c.code == records.c.unit_code, aliased)
        once = exists().where(holders.c.source == source, holders.c.subject == subject, aliases.c.code == holders.c.code, aliased)
        return bool((await self._session.execute(select(or_(held, once)))).scalar_one())

    async def _moved(self, key: RecordKey, asked: _Asked, stood: Positions) -> Moved | None:
        rows, later = await self._facts(key), _later(stood)
        moved = asked.of(_folded(rows, asked.kinds)) + -asked.of(_folded(rows, asked.kinds, before=stood))
        return Moved(key, moved.n, Fraction(moved.total, SCALE), [_told(row) for row in rows if later(row)]) if moved else None

    async def _facts(self, key: RecordKey) -> Sequence[Row[Any]]:
        chosen = select(*FACT).where(facts.c.source == key[0], facts.c.subject == key[1])
        return list(await self._session.execute(chosen.order_by(facts.c.time, facts.c.id)))

    async def _aliases(self) -> Mapping[tuple[str, str], str]:
        rows = await self._session.execute(select(aliases.c.source, aliases.c.code, aliases.c.unit))
        return {(row.source, row.code): row.unit for row in rows}


def _positions(stands: Iterable[Sequence[Any]]) -> Positions:
    named = [(topic.rpartition(FEED_PREFIX)[2], partition, epoch, after) for topic, partition, epoch, after in stands]
    return [dict(zip(("source", "partition", "epoch", "next"), each, strict=True)) for each in sorted(named)]


def _later(stood: Positions) -> Callable[[Row[Any]], bool]:
    """Whether a fact came after these positions; a partition that was not read yet had brought none."""
    ends = {(each["source"], each["partition"]): (each["epoch"], each["next"]) for each in stood}
    return lambda row: (row.epoch, row.offset) >= ends.get((row.source, row.partition), (-1, -1))


def _kinds(counted: Iterable[Counted]) -> Mapping[str, Kind]:
    return {each.measure.kind.key: each.measure.kind for each in counted}


def _folded(rows: Iterable[Row[Any]], kinds: Mapping[str, Kind], *, before: Positions | None = None) -> Record | None:
    """The record that these facts make, or those of them that came before."""
    later = _later(before) if before is not None else lambda _row: False
    return next(iter(fold((_event(row) for row in rows if not later(row)), kinds).records.values()), None)


def _event(row: Row[Any]) -> Event:
    data = parse_kept(row.text)
    assert isinstance(data, dict)  # noqa: S101 - judged when it came
    return restored(of=row.type, source=row.source, id_=row.id, subject=row.subject, time=row.time, digest=row.digest, data=data)


def _told(row: Row[Any]) -> Mapping[str, Any]:
    times = {"time": row.time.isoformat(), "received_at": row.received_at.isoformat()}
    return {"id": row.id, "type": row.type, "data": parse_kept(row.text), **times}
