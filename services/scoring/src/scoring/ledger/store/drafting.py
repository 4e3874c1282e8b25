"""What measures come to that are not counted yet: over all records of the transaction's snapshot, and nothing is written."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, Final
from zoneinfo import ZoneInfo

import asyncpg

from scoring.ledger.domain.contributions import Amount, Catalogue, Counted, Cycle, Place, WorkingDays
from scoring.ledger.domain.measures import parse_measure
from scoring.ledger.domain.values import SCALE
from scoring.ledger.store.codec import decoded
from scoring.ledger.store.knowledge import load_aliases, load_kinds
from scoring.ledger.store.totals import Total

PREFETCH: Final = 2_000  # rows at a time: memory does not grow with the records
_RECORDS: Final = "select source, subject, kind, state::text from ledger.records where kind = any($1)"


async def count_drafts(
    connection: asyncpg.Connection, documents: Mapping[str, Any], *, cycle: tuple[str, str], zone: str, calendar: WorkingDays
) -> tuple[Sequence[Total], int]:
    """The totals, and of how many records; needs an open transaction."""
    kinds = await load_kinds(connection)
    months = Cycle(*cycle, ZoneInfo(zone))
    counted = [
        Counted(number, parse_measure(key, document, kinds=kinds), months, calendar)
        for number, (key, document) in enumerate(documents.items())
    ]
    catalogue = Catalogue(counted, await load_aliases(connection))
    totals: dict[Place, Amount] = {}
    records = 0
    wanted = sorted({each.measure.kind.key for each in counted})
    async for row in connection.cursor(_RECORDS, wanted, prefetch=PREFETCH):
        records += 1
        record = decoded(row["source"], row["subject"], row["kind"], row["state"])
        for place, amount in catalogue.contributions(record).items():
            totals[place] = totals.get(place, Amount(0, 0)) + amount
    keys = list(documents)
    found = [Total(keys[place.measure], place.unit, place.month, held.n, Fraction(held.total, SCALE)) for place, held in totals.items()]
    return found, records
