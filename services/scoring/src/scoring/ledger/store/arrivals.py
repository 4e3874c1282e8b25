"""Facts in the order in which they came, of the records of one unit."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import CompoundSelect, and_, select, true, tuple_, union
from sqlalchemy.ext.asyncio import AsyncSession

from scoring.ledger.store.facts_of import facts_shown, shown
from scoring.ledger.store.tables import aliases, facts, holders, records

Arrival = tuple[datetime, str, str]
"""When a fact was received, its source and its id."""


@dataclass(frozen=True, slots=True)
class Between:
    """After `since`, or from the first on, and not after `until`."""

    since: datetime | None
    until: datetime


async def arrived(
    session: AsyncSession, kinds: Collection[str], unit: str, between: Between, *, after: Arrival | None, most: int
) -> Sequence[Mapping[str, Any]]:
    """Of records of these kinds that a code of the unit stands on, or stood on where holders are kept; each with source and subject."""
    its = _records(kinds, unit).subquery()
    came = tuple_(facts.c.received_at, facts.c.source, facts.c.id)
    chosen = (
        facts_shown()
        .join(its, and_(its.c.source == facts.c.source, its.c.subject == facts.c.subject))
        .where(facts.c.received_at <= between.until)
        .where(facts.c.received_at > between.since if between.since else true())
        .where(came > tuple_(*after) if after else true())
        .order_by(facts.c.received_at, facts.c.source, facts.c.id)
        .limit(most)
    )
    return [{"source": row["source"], "subject": row["subject"], **shown(row)} for row in (await session.execute(chosen)).mappings()]


def _records(kinds: Collection[str], unit: str) -> CompoundSelect[Any]:
    held = and_(aliases.c.source == records.c.source, aliases.c.code == records.c.unit_code, aliases.c.unit == unit)
    now = select(records.c.source, records.c.subject).join(aliases, held).where(records.c.kind.in_(kinds))
    same = and_(records.c.source == holders.c.source, records.c.subject == holders.c.subject)
    stood = and_(aliases.c.source == holders.c.source, aliases.c.code == holders.c.code, aliases.c.unit == unit)
    once = select(records.c.source, records.c.subject).join(holders, same).join(aliases, stood).where(records.c.kind.in_(kinds))
    return union(now, once)
