"""Everything that was ever said, said again; and what the bureau knows, to compare before and after (I2)."""

import asyncio
import hashlib
from typing import Final

import asyncpg

from contracts.envelope import CONTENT_TYPE
from contracts.topics import INTERNAL
from kit.kafka import producer
from tests.faults.processes.bureau import Bureau
from tests.faults.processes.logs import FEEDS

HEADERS: Final = [("content-type", CONTENT_TYPE.encode())]
# Tables whose rows say what happened; counters of duplicates and positions move with each message, as they should.
KNOWN: Final = {
    "scoring": ("ledger.facts", "ledger.records", "ledger.totals", "appraisal.scores", "appraisal.score_history", "appraisal.crossings"),
    "feedback": ("rectification", "finding", "history", "stage", "proof", "deduction", "notice_number", "outbox"),
    "notification": ("person", "unit", "message", "delivery", "outbox"),
}


async def say_everything_again(bureau: Bureau) -> int:
    """The same keys and bytes in the same order; how many messages."""
    await bureau.logs.read_on()
    said = [(topic, one) for topic in (*INTERNAL, *FEEDS) for one in bureau.logs.said[topic]]
    async with producer(bureau.logs.bootstrap, client="replay") as kafka:
        sending = [await kafka.send(topic, one.value, key=one.key.encode(), headers=HEADERS) for topic, one in said]
        await asyncio.gather(*sending)
    return len(said)


async def known(bureau: Bureau) -> dict[str, tuple[int, str]]:
    """How many rows each table has, and a digest of all of them."""
    found: dict[str, tuple[int, str]] = {}
    for service, tables in KNOWN.items():
        async with bureau.database(service) as database:
            for table in tables:
                found[f"{service}: {table}"] = await _digest(database, table)
    return found


async def _digest(database: asyncpg.Connection, table: str) -> tuple[int, str]:
    rows = await database.fetch(f"select t::text as line from {table} t order by 1")  # noqa: S608 - own words
    return len(rows), hashlib.sha256("".join(row["line"] for row in rows).encode()).hexdigest()
