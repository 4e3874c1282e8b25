"""Totals and the records behind them, for whoever makes scores of them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Text, and_, cast, delete, exists, func, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from scoring.ledger.domain.contributions import Counted, Cycle, WorkingDays
from scoring.ledger.domain.measures import Measure, parse_measure
from scoring.ledger.domain.records import Record
from scoring.ledger.domain.values import SCALE, Kind
from scoring.ledger.store.codec import decoded
from scoring.ledger.store.facts_of import facts_of
from scoring.ledger.store.tables import aliases, dirty, holders, kinds, measures, records, totals

SCAN: Final = 500  # records looked at in one query on the way to a page


@dataclass(frozen=True, slots=True)
class Total:
    """What one measure comes to for one unit in one month."""

    measure: str
    unit: str
    month: str
    n: int
    total: Fraction


@dataclass(frozen=True, slots=True)
class Behind:
    """A record that counts, what it adds, and where it is counted."""

    record: Record
    month: str
    n: int
    total: Fraction


class SqlTotals:
    def __init__(self, session: AsyncSession, calendar: WorkingDays) -> None:
        self._session = session
        self._calendar = calendar

    async def kinds(self) -> Mapping[str, Kind]:
        rows = await self._session.execute(select(kinds.c.key, kinds.c.attributes))
        return {row.key: Kind.of(row.key, row.attributes) for row in rows}

    async def totals(self, scheme: str, units: Collection[str], *, through: str) -> Sequence[Total]:
        """Of these units, in the months up to and including `through`; places without a record are absent."""
        chosen = (
            select(measures.c.key, totals.c.unit, totals.c.month, totals.c.n, totals.c.total)
            .join(measures, measures.c.number == totals.c.measure)
            .where(measures.c.scheme == scheme, totals.c.unit.in_(units), totals.c.month <= through)
            .where((totals.c.n != 0) | (totals.c.total != 0))
            .order_by(measures.c.key, totals.c.unit, totals.c.month)
        )
        rows = await self._session.execute(chosen)
        return [Total(row.key, row.unit, row.month, row.n, Fraction(row.total)) for row in rows]

    async def take_moved(self, most: int) -> set[tuple[str, str]]:
        """Schemes and units whose totals moved since they were last taken; the marks go with the transaction."""
        oldest = select(dirty.c.id).order_by(dirty.c.id).limit(most).with_for_update(skip_locked=True)
        taken = delete(dirty).where(dirty.c.id.in_(oldest)).returning(dirty.c.measure, dirty.c.unit)
        marks = {(row.measure, row.unit) for row in await self._session.execute(taken)}
        if not marks:
            return set()
        rows = await self._session.execute(select(measures.c.number, measures.c.scheme))
        schemes: dict[int, str] = {row.number: row.scheme for row in rows}
        return {(schemes[measure], unit) for measure, unit in marks}

    async def waiting(self) -> int:
        """How many marks wait to be taken."""
        found: int = (await self._session.execute(select(func.count()).select_from(dirty))).scalar_one()
        return found

    async def behind(
        self, scheme: str, measure: str, unit: str, *, through: str, after: tuple[str, str] = ("", ""), most: int = 50
    ) -> Sequence[Behind]:
        """The records behind a unit's total in the order of their keys, from beyond `after`."""
        counted, codes = await self.measure(scheme, measure), await self._codes(unit)
        found: list[Behind] = []
        while counted is not None and len(found) < most:
            some = await self._scan(counted.measure, unit, after)
            found += [one for record in some if (one := _behind(counted, record, codes, through))]
            if len(some) < SCAN:
                break
            after = some[-1].key
        return found[:most]

    async def facts_of(self, source: str, subject: str) -> Sequence[Mapping[str, Any]]:
        """A record's facts with where each came from, in the order of their stamps."""
        return await facts_of(self._session, source, subject)

    async def measure(self, scheme: str, measure: str) -> Counted | None:
        """Ready to be asked about records."""
        chosen = select(measures).where(measures.c.scheme == scheme, measures.c.key == measure)
        row = (await self._session.execute(chosen)).one_or_none()
        if row is None:
            return None
        parsed = parse_measure(row.key, row.document, kinds=await self.kinds())
        return Counted(row.number, parsed, Cycle(row.cycle_start, row.cycle_end, ZoneInfo(row.zone)), self._calendar)

    async def _codes(self, unit: str) -> Mapping[tuple[str, str], str]:
        """What stands for the unit, by source and code."""
        rows = await self._session.execute(select(aliases).where(aliases.c.unit == unit))
        return {(row.source, row.code): row.unit for row in rows}

    async def _scan(self, measure: Measure, unit: str, after: tuple[str, str]) -> list[Record]:
        """Records that may count for the unit: it holds them, or, where that matters, it held them once."""
        aliased: ColumnElement[bool] = exists().where(
            aliases.c.source == records.c.source, aliases.c.code == records.c.unit_code, aliases.c.unit == unit
        )
        if measure.unit_on:
            held = and_(holders.c.source == records.c.source, holders.c.subject == records.c.subject)
            once = and_(aliases.c.source == holders.c.source, aliases.c.code == holders.c.code, aliases.c.unit == unit)
            aliased = or_(aliased, exists().where(held, once))
        chosen = (
            select(records.c.source, records.c.subject, records.c.kind, cast(records.c.state, Text).label("state"))
            .where(records.c.kind == measure.kind.key, records.c.withdrawn.is_(False), aliased)
            .where(tuple_(records.c.source, records.c.subject) > tuple_(*after))
            .order_by(records.c.source, records.c.subject)
            .limit(SCAN)
        )
        return [decoded(row.source, row.subject, row.kind, row.state) for row in await self._session.execute(chosen)]


def _behind(counted: Counted, record: Record, codes: Mapping[tuple[str, str], str], through: str) -> Behind | None:
    unit = codes.get((record.source, counted.code(record) or ""))
    found = counted.contribution(record, unit) if unit else None
    if found is None or found[0].month > through:
        return None
    place, amount = found
    return Behind(record, place.month, amount.n, Fraction(amount.total, SCALE))
