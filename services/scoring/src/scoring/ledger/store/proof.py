"""I3: totals == recount(records) == recount(fold(facts)), read in one snapshot and in constant memory."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

import asyncpg

from scoring.ledger.domain.contributions import Amount, Catalogue, Place, WorkingDays
from scoring.ledger.domain.facts import Event
from scoring.ledger.domain.records import Record, RecordKey, fold
from scoring.ledger.domain.recount import Difference, differences
from scoring.ledger.domain.values import SCALE, Kind
from scoring.ledger.handlers.work import Proof
from scoring.ledger.store.codec import decoded, kept_event
from scoring.ledger.store.knowledge import load_aliases, load_kinds, load_measures
from scoring.ledger.store.taking import unscaled

PREFETCH: Final = 2_000  # rows at a time
MOST_NAMED: Final = 100  # wrong records that are named; all are counted in the totals' differences
NO_LIMITS: Final = {"statement_timeout": "0", "idle_in_transaction_session_timeout": "0", "application_name": "scoring-recount"}
KEY: Final = 'source collate "C", subject collate "C"'  # by code point, as Python compares

Kinds = Mapping[str, Kind]


@dataclass(slots=True)
class _Count:
    facts: int = 0
    records: int = 0


class PgRecounts:
    def __init__(self, url: str, calendar: WorkingDays) -> None:
        self._url = url
        self._calendar = calendar

    async def prove(self) -> Proof:
        """A long read on a connection of its own: it locks nothing and may take as long as it needs."""
        connection = await asyncpg.connect(self._url, server_settings=NO_LIMITS)
        try:
            async with connection.transaction(isolation="repeatable_read", readonly=True):
                return await _prove(connection, self._calendar)
        finally:
            await connection.close()


async def _prove(connection: asyncpg.Connection, calendar: WorkingDays) -> Proof:
    kinds = await load_kinds(connection)
    measures = await load_measures(connection, kinds, calendar, states=("active",))
    catalogue = Catalogue(measures, await load_aliases(connection))
    held = await _held(connection)
    from_records: dict[Place, Amount] = {}
    from_facts: dict[Place, Amount] = {}
    wrong: list[RecordKey] = []
    count = _Count()
    async for record, folded in _side_by_side(connection, kinds, count):
        _add(from_records, record, catalogue)
        _add(from_facts, folded, catalogue)
        if record != folded and len(wrong) < MOST_NAMED:
            wrong += [one.key for one in (record or folded,) if one]
    names = {each.number: each.measure.key for each in measures}
    different = {one.place: one for side in (from_records, from_facts) for one in differences(held, side)}
    told = [_told(one, names.get(one.place.measure, "?")) for _, one in sorted(different.items())]
    return Proof(facts=count.facts, records=count.records, places=len(held), wrong_records=wrong, wrong_totals=told)


async def _held(connection: asyncpg.Connection) -> dict[Place, Amount]:
    rows = await connection.fetch(
        "select measure, unit, month, n, total from ledger.totals join ledger.measures on number = measure where state = 'active'"
    )
    held = {Place(row["measure"], row["unit"], row["month"]): Amount(row["n"], int(Fraction(row["total"]) * SCALE)) for row in rows}
    return {place: amount for place, amount in held.items() if amount}


async def _side_by_side(connection: asyncpg.Connection, kinds: Kinds, count: _Count) -> AsyncIterator[tuple[Record | None, Record | None]]:
    """Each record as it is held and as its facts come to; a merge of two streams in the order of their keys."""
    records, folded = _records(connection), _folded(connection, kinds, count)
    left, right = await anext(records, None), await anext(folded, None)
    while left or right:
        first = min(one.key for one in (left, right) if one)
        here, there = left if left and left.key == first else None, right if right and right.key == first else None
        count.records += 1
        yield here, there
        left = await anext(records, None) if here else left
        right = await anext(folded, None) if there else right


async def _records(connection: asyncpg.Connection) -> AsyncIterator[Record]:
    query = f"select source, subject, kind, state::text from ledger.records order by {KEY}"  # noqa: S608 - a constant
    async for row in connection.cursor(query, prefetch=PREFETCH):
        yield decoded(row["source"], row["subject"], row["kind"], row["state"])


async def _folded(connection: asyncpg.Connection, kinds: Kinds, count: _Count) -> AsyncIterator[Record]:
    query = f"select source, id, type, subject, time, data::text, digest from ledger.facts order by {KEY}"  # noqa: S608 - a constant
    waiting: list[Event] = []
    async for row in connection.cursor(query, prefetch=PREFETCH):
        count.facts += 1
        event = kept_event(row)
        if waiting and (waiting[0].source, waiting[0].subject) != (event.source, event.subject):
            yield _one(waiting, kinds)
            waiting = []
        waiting.append(event)
    if waiting:
        yield _one(waiting, kinds)


def _one(events: list[Event], kinds: Kinds) -> Record:
    (record,) = fold(events, kinds).records.values()
    return record


def _add(totals: dict[Place, Amount], record: Record | None, catalogue: Catalogue) -> None:
    for place, amount in (catalogue.contributions(record) if record else {}).items():
        totals[place] = totals.get(place, Amount(0, 0)) + amount


def _told(one: Difference, measure: str) -> dict[str, str]:
    held, counted = one.held, one.counted
    amounts = {"held_n": held.n, "counted_n": counted.n, "held_total": unscaled(held.total), "counted_total": unscaled(counted.total)}
    return {"measure": measure, "unit": one.place.unit, "month": one.place.month} | {name: str(value) for name, value in amounts.items()}
