"""What the appraisal reads of the ledger: totals, what moved, kinds, and the records behind a total."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from contracts.feed import PLATFORM_SLUG, PLATFORM_SOURCE
from scoring.appraisal.domain.adjustments import Place, Positions
from scoring.appraisal.domain.faults import InputRefused
from scoring.appraisal.domain.inputs import MeasureKey, Month, MonthTotal, Totals
from scoring.appraisal.domain.numbers import plain
from scoring.appraisal.domain.schemes import Cycle, UnitCode
from scoring.appraisal.domain.statements import Contribution, RecordName
from scoring.appraisal.domain.words import Text
from scoring.appraisal.handlers import hearing
from scoring.appraisal.handlers.closing import MovedRecord, Snapshot
from scoring.appraisal.handlers.work import CountedRecord, FactPage, Page, Sought
from scoring.ledger.domain.contributions import WorkingDays
from scoring.ledger.domain.progress import Progress
from scoring.ledger.domain.records import Record
from scoring.ledger.domain.values import Kind
from scoring.ledger.handlers.registering import KindEntry, SourceEntry, merge_aliases
from scoring.ledger.store.arrivals import Between, arrived
from scoring.ledger.store.catalogue import SqlCatalogue
from scoring.ledger.store.past import SqlPast
from scoring.ledger.store.tables import control
from scoring.ledger.store.totals import Behind, SqlTotals, Total, Wanted

_BETWEEN: Final = "|"  # no slug of a source holds it


class LedgerFigures:
    """Marks are taken and totals read in one transaction: a total that moves after its mark was taken leaves a new mark."""

    def __init__(self, session: AsyncSession, calendar: WorkingDays) -> None:
        self._session = session
        self._catalogue = SqlCatalogue(session)
        self._totals = SqlTotals(session, calendar)

    async def begin_counting(self, count: str, measures: Mapping[str, Any], *, cycle: Cycle, zone: ZoneInfo) -> None:
        await self._catalogue.ask_count(count, measures, cycle_start=cycle.start, cycle_end=cycle.end, zone=zone.key)

    async def are_still(self) -> bool:
        await self._session.execute(select(control.c.version).with_for_update(read=True))
        return not await SqlCatalogue(self._session).is_stopped()

    async def under_way(self) -> Sequence[Progress]:
        return await SqlCatalogue(self._session).under_way()

    async def totals(self, count: str, units: Collection[UnitCode], *, through: Month) -> Mapping[UnitCode, Totals]:
        return _by_unit(await self._totals.totals(count, units, through=through))

    async def take_moved(self, most: int) -> Collection[tuple[str, UnitCode]]:
        return {(count, UnitCode(unit)) for count, unit in await self._totals.take_moved(most)}

    async def waiting(self) -> int:
        return await self._totals.waiting()


class LedgerPast:
    """Snapshots of a unit's totals, and what moved since one."""

    def __init__(self, session: AsyncSession, calendar: WorkingDays) -> None:
        self._past = SqlPast(session, calendar)

    async def snapshot(self, count: str, unit: UnitCode, *, through: Month) -> Snapshot:
        totals, positions = await self._past.snapshot(count, unit, through=through)
        return Snapshot(_by_unit(totals).get(unit, {}), positions)

    async def since(self, count: str, place: Place, positions: Positions, *, most: int) -> Sequence[MovedRecord]:
        moved = await self._past.since(count, place.measure, place.unit, place.month, positions, most=most)
        return [
            MovedRecord(source=one.record[0], subject=one.record[1], moved=MonthTotal(one.n, one.total), facts=one.facts) for one in moved
        ]

    async def contributions(
        self, count: str, unit: UnitCode, records: Collection[RecordName], *, at: Positions | None
    ) -> Sequence[Contribution]:
        found = await self._past.contributions(count, unit, [(each.source, each.subject) for each in records], at=at)
        return [
            Contribution(
                record=RecordName(*one.record), measure=MeasureKey(one.measure), month=Month(one.month), held=MonthTotal(one.n, one.total)
            )
            for one in found
        ]

    async def holds(self, unit: UnitCode, *, source: str, subject: str) -> bool:
        return await self._past.holds(unit, source=source, subject=subject)


class LedgerKinds:
    def __init__(self, session: AsyncSession, calendar: WorkingDays) -> None:
        self._totals = SqlTotals(session, calendar)

    async def all(self) -> Mapping[str, Kind]:
        return await self._totals.kinds()


class LedgerRecords:
    def __init__(self, session: AsyncSession, calendar: WorkingDays) -> None:
        self._session = session
        self._totals = SqlTotals(session, calendar)

    async def counted(
        self, count: str, measure: MeasureKey, unit: UnitCode, *, through: Month, sought: Sought, after: str | None, most: int
    ) -> Page:
        source, _, subject = (after or "").partition(_BETWEEN)
        wanted = Wanted(
            since=sought.since, month=sought.month, source=sought.source, attribute=sought.attribute, value=sought.value, text=sought.text
        )
        found = await self._totals.behind(count, measure, unit, through=through, wanted=wanted, after=(source, subject), most=most)
        return Page(
            records=[_counted(one) for one in found.behind],
            after=None if found.after is None else _BETWEEN.join(found.after),
        )

    async def units_of(self, source: str, subject: str) -> Collection[UnitCode]:
        return {UnitCode(unit) for unit in await self._totals.units_of(source, subject)}

    async def facts(self, source: str, subject: str, *, after: str | None, most: int) -> FactPage:
        facts = await self._totals.facts_of(source, subject, after=_place(after), most=most)
        last = f"{facts[-1]['time']}{_BETWEEN}{facts[-1]['id']}" if len(facts) == most else None
        return FactPage(facts=facts, after=last)

    async def arrived(
        self, kinds: Collection[str], unit: UnitCode, *, since: datetime | None, until: datetime, after: str | None, most: int
    ) -> FactPage:
        facts = await arrived(self._session, kinds, unit, Between(since, until), after=_arrival(after), most=most)
        last = _BETWEEN.join(facts[-1][name] for name in ("received_at", "source", "id")) if len(facts) == most else None
        return FactPage(facts=facts, after=last)


def _arrival(after: str | None) -> tuple[datetime, str, str] | None:
    place = _place(after)
    return None if place is None else (place[0], *_halves(place[1]))


def _halves(rest: str) -> tuple[str, str]:
    source, _, id_ = rest.partition(_BETWEEN)
    return source, id_


def _place(after: str | None) -> tuple[datetime, str] | None:
    if after is None:
        return None
    time, _, id_ = after.partition(_BETWEEN)
    try:
        return datetime.fromisoformat(time).astimezone(UTC), id_
    except (ValueError, OverflowError) as error:
        raise InputRefused(Text("after 须为上一页给出的值", "`after` has to be what the page before gave")) from error


def _counted(one: Behind) -> CountedRecord:
    record: Record = one.record
    return CountedRecord(
        source=record.source,
        subject=record.subject,
        unit_code=record.unit_code or "",
        month=Month(one.month),
        n=str(one.n),
        total=plain(one.total),
        attributes={name: held.value for name, held in sorted(record.attributes.items())},
    )


class LedgerPlatform:
    """The platform as one of the ledger's sources."""

    def __init__(self, session: AsyncSession) -> None:
        self._catalogue = SqlCatalogue(session)

    async def register(self) -> None:
        if all(source.slug != PLATFORM_SLUG for source in await self._catalogue.sources()):
            await self._catalogue.put_source(SourceEntry(slug=PLATFORM_SLUG, uri=PLATFORM_SOURCE, name="考核平台"))
        held = {entry.kind.key: entry for entry in await self._catalogue.kinds()}
        for key, attributes in hearing.KINDS.items():
            entry = KindEntry(kind=Kind.of(key, attributes), name=hearing.NAMES[key])
            if held.get(key) != entry:
                await self._catalogue.put_kind(entry)

    async def know(self, unit: UnitCode) -> None:
        await merge_aliases(PLATFORM_SLUG, {unit: unit}, catalogue=self._catalogue)


def _by_unit(totals: Iterable[Total]) -> Mapping[UnitCode, Totals]:
    found: dict[UnitCode, dict[MeasureKey, dict[Month, MonthTotal]]] = defaultdict(lambda: defaultdict(dict))
    for total in totals:
        found[UnitCode(total.unit)][MeasureKey(total.measure)][Month(total.month)] = MonthTotal(total.n, total.total)
    return found
