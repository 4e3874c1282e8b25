"""A record's facts, with where each came from."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, Select, Text, cast, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from scoring.ledger.domain.facts import parse_kept
from scoring.ledger.store.tables import facts

Place = tuple[datetime, str]
"""A fact's time and id: where it stands among the facts of its record."""


async def facts_of(
    session: AsyncSession, source: str, subject: str, *, after: Place | None = None, most: int | None = None
) -> Sequence[Mapping[str, Any]]:
    """In the order of their stamps, from beyond `after`."""
    chosen = facts_shown().where(facts.c.source == source, facts.c.subject == subject).order_by(facts.c.time, facts.c.id).limit(most)
    if after is not None:
        chosen = chosen.where(tuple_(facts.c.time, facts.c.id) > tuple_(*after))
    return [shown(row) for row in (await session.execute(chosen)).mappings()]


def facts_shown() -> Select[Any]:
    return select(*facts.c, cast(facts.c.data, Text).label("text"))


def shown(row: RowMapping) -> Mapping[str, Any]:
    """A row of `facts_shown` for whoever looks: numbers as they were sent."""
    provenance = {name: row[name] for name in ("partition", "offset", "epoch")}
    times = {"time": row["time"].isoformat(), "received_at": row["received_at"].isoformat()}
    return {"id": row["id"], "type": row["type"], "data": parse_kept(row["text"]), **times, **provenance}
