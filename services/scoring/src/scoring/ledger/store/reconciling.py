"""Reconciliation (对账): a source's own count of a day beside what is held."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from scoring.ledger.domain.facts import encode
from scoring.ledger.store.knowledge import Connection


@dataclass(frozen=True, slots=True)
class Day:
    """A closed batch that has to be compared."""

    source: str
    id: str
    day: date
    zone: ZoneInfo
    count: int
    digest: str


async def without_ends(connection: Connection) -> list[str]:
    """Topics with a closed batch for which nobody has looked yet how far the log went."""
    rows = await connection.fetch("select distinct topic from ledger.batches where ends is null order by topic")
    return [row["topic"] for row in rows]


async def note_ends(connection: Connection, topic: str, ends: Mapping[int, int]) -> None:
    text = encode({str(partition): end for partition, end in ends.items()}).decode()
    await connection.execute("update ledger.batches set ends = $2::jsonb where topic = $1 and ends is null", topic, text)


async def ready(connection: Connection) -> list[Day]:
    """Waiting batches whose every partition has passed the end that was seen when they came."""
    rows = await connection.fetch(
        "select b.source, b.id, b.day, b.count, b.digest, s.zone from ledger.batches b join ledger.sources s on s.slug = b.source"
        " where b.state = 'waiting' and b.ends is not null and not exists ("
        "   select from jsonb_each_text(b.ends) as e(partition, seen)"
        "   left join ledger.positions p on p.topic = b.topic and p.partition = e.partition::int"
        "   where e.seen::bigint > coalesce(p.next_offset, 0)) order by b.source, b.id limit 100"
    )
    return [Day(row["source"], row["id"], row["day"], ZoneInfo(row["zone"]), row["count"], row["digest"]) for row in rows]


async def compare(connection: Connection, day: Day, now: datetime) -> bool:
    """Write down what is held for the day and whether it is the same; facts that commit meanwhile make it wait again."""
    async with connection.transaction():
        await connection.execute("select from ledger.batches where source = $1 and id = $2 for update", day.source, day.id)
        begin = datetime.combine(day.day, time(), day.zone).astimezone(UTC)
        end = datetime.combine(day.day + timedelta(days=1), time(), day.zone).astimezone(UTC)
        rows = await connection.fetch("select id from ledger.facts where source = $1 and time >= $2 and time < $3", day.source, begin, end)
        ids = sorted(row["id"] for row in rows)
        digest = hashlib.sha256("\n".join(ids).encode()).hexdigest()
        same = (len(ids), digest) == (day.count, day.digest)
        await connection.execute(
            "update ledger.batches set state = $3, held_count = $4, held_digest = $5, compared_at = $6 where source = $1 and id = $2",
            day.source,
            day.id,
            "equal" if same else "different",
            len(ids),
            digest,
            now,
        )
        return same


async def differing(connection: Connection) -> int:
    found: int = await connection.fetchval("select count(*) from ledger.batches where state = 'different'")
    return found
