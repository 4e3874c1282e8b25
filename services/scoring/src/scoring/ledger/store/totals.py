"""Totals and the records behind them, for whoever makes scores of them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Text, and_, cast, delete, exists, func, or_, select, true, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from scoring.ledger.domain.contributions import Counted, Cycle, WorkingDays
from scoring.ledger.domain.measures import Measure, parse_measure
from scoring.ledger.domain.records import Record, RecordKey
from scoring.ledger.domain.values import SCALE, Kind
from scoring.ledger.store.codec import decoded
from scoring.ledger.store.facts_of import Place, facts_of
from scoring.ledger.store.tables import aliases, dirty, facts, holders, kinds, measures, records, totals

SCAN: Final = 500  # records looked at in one query on the way to a page
MOST_SCANS: Final = 20  # queries for a page: a rare value among many records is found over several pages, none of which takes long


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
    """A record that counts with its declared attributes, what it adds, and where it is counted."""

    record: Record
    month: str
    n: int
    total: Fraction


@dataclass(frozen=True, slots=True)
class BehindPage:
    """`after` is the key to go on from; none at the end."""

    behind: Sequence[Behind]
    after: RecordKey | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which records behind a total to give: `value` is an attribute's as it is shown, `text` a part of the subject in any case."""

    since: str | None = None
    month: str | None = None
    source: str | None = None
    attribute: str | None = None
    value: str | None = None
    text: str | None = None

    def fits(self, one: Behind) -> bool:
        if self.month not in (None, one.month) or (self.since is not None and one.month < self.since):
            return False
        return self.attribute is None or _shown(one.record.value(self.attribute)) == self.value


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
        self, scheme: str, measure: str, unit: str, *, through: str, wanted: Wanted, after: RecordKey = ("", ""), most: int = 50
    ) -> BehindPage:
        """The records behind a unit's total in the order of their keys, from beyond `after`; a page may be short."""
        counted, codes = await self.measure(scheme, measure), await self._codes(unit)
        found: list[Behind] = []
        for _ in range(MOST_SCANS if counted else 0):
            assert counted is not None  # noqa: S101 - else nothing is scanned
            some = await self._scan(counted.measure, unit, wanted, after)
            for record in some:
                one = _behind(counted, record, codes, through)
                found += [one] if one and wanted.fits(one) else []
                if len(found) == most:
                    return BehindPage(found, record.key)
            if len(some) < SCAN:
                return BehindPage(found, None)
            after = some[-1].key
        return BehindPage(found, after if counted else None)

    async def units_of(self, source: str, subject: str) -> Collection[str]:
        """Those for which a code of the record stands, or of one of its facts: whoever holds it or held it."""
        here = and_(facts.c.source == source, facts.c.subject == subject)
        codes = select(facts.c.data["unit"].astext).where(here)
        rows = await self._session.execute(select(aliases.c.unit).where(aliases.c.source == source, aliases.c.code.in_(codes)).distinct())
        return [row.unit for row in rows]

    async def facts_of(self, source: str, subject: str, *, after: Place | None = None, most: int) -> Sequence[Mapping[str, Any]]:
        """A record's facts with where each came from, in the order of their stamps, from beyond `after`."""
        return await facts_of(self._session, source, subject, after=after, most=most)

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

    async def _scan(self, measure: Measure, unit: str, wanted: Wanted, after: RecordKey) -> list[Record]:
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
            .where(records.c.source == wanted.source if wanted.source else true())
            .where(records.c.subject.icontains(wanted.text, autoescape=True) if wanted.text else true())
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
    declared = {name: held for name, held in record.attributes.items() if name in counted.measure.kind.attributes}
    return Behind(replace(record, attributes=declared), place.month, amount.n, Fraction(amount.total, SCALE))


def _shown(value: object) -> str | None:
    """A value as JSON shows it, without quotation marks."""
    if value is None:
        return None
    return str(value).lower() if isinstance(value, bool) else str(value)
