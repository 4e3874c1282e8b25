"""Whether everything that was said has been worked off: only then can promises be checked to the last one."""

import asyncio
import time
from collections.abc import Mapping
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

import asyncpg
from aiokafka import TopicPartition

from contracts.topics import EVIDENCE, FEEDBACK, SCORING
from tests.faults.processes.bureau import NOON, Bureau
from tests.faults.processes.logs import FEEDS
from tests.faults.processes.world import ZONE

PATIENCE: Final = 120.0  # seconds for the whole bureau to come to rest after the last blow
LOOK_EVERY: Final = 0.4
IN_A_ROW: Final = 2  # looks that find nothing: work may hop from one service to the next behind one look's back

OUTBOXES: Final = {"scoring": "appraisal.outbox", "evidence": "outbox", "feedback": "outbox", "notification": "outbox"}
HEARD: Final = {
    ("scoring", "ledger.positions"): FEEDS,
    ("scoring", "appraisal.positions"): (FEEDBACK, EVIDENCE),
    ("feedback", "positions"): (SCORING, EVIDENCE),
    ("notification", "positions"): (SCORING, FEEDBACK),
}
"""Who reads which topics, and where the positions stand."""

# Queries that count what is still to be done; `$1` is the business instant.
WORK: Final = {
    "scoring": {
        "totals that moved": "select count(*) from ledger.dirty where $1::timestamptz is not null",
        "scores to settle": "select count(*) from appraisal.unsettled where $1::timestamptz is not null",
        "counts under way": "select count(*) from ledger.countings where finished_at is null and $1::timestamptz is not null",
        "backfills": "select count(*) from ledger.backfills where finished_at is null and $1::timestamptz is not null",
        "a month to reckon": "select count(*) from appraisal.schemes where state = 'active' and"
        " reckoned_through is distinct from to_char($1::timestamptz at time zone 'Asia/Shanghai', 'YYYY-MM')",
    },
    "evidence": {"uploads": "select count(*) from revision where state = 'uploaded' and $1::timestamptz is not null"},
    "feedback": {
        "items that time has not looked at": "select count(*) from rectification where state in"
        " ('noticed', 'signed', 'in_progress', 'returned') and"
        " looked_on is distinct from ($1::timestamptz at time zone 'Asia/Shanghai')::date",
    },
    "notification": {
        "letters": "select count(*) from delivery where outcome = 'waiting' and leaves_at <= $1",
        "receipts to chase": "select count(*) from message where chase and"
        " receipt_due_on < ($1::timestamptz at time zone 'Asia/Shanghai')::date",
    },
}


async def until_quiet(bureau: Bureau, *, within: float = PATIENCE) -> float:
    """How long it took; fails with what is left."""
    began = time.monotonic()
    quiet = 0
    while quiet < IN_A_ROW:
        left = await remaining(bureau)
        quiet = 0 if left else quiet + 1
        assert time.monotonic() - began < within, f"not at rest after {within:g} s: {left}"
        await asyncio.sleep(LOOK_EVERY)
    return time.monotonic() - began


async def remaining(bureau: Bureau) -> dict[str, int]:
    """What there is to do, by a name that says where."""
    ends = await bureau.logs.read_on()
    now = datetime.combine(bureau.today, NOON, ZoneInfo(ZONE))
    left: dict[str, int] = {}
    for name, questions in WORK.items():
        async with bureau.database(name) as database:
            for words, query in questions.items():
                left[f"{name}: {words}"] = await database.fetchval(query, now)
            left[f"{name}: unsent events"] = await database.fetchval(f"select count(*) from {OUTBOXES[name]} where sent_at is null")  # noqa: S608 - own words
            for (_, table), topics in ((key, topics) for key, topics in HEARD.items() if key[0] == name):
                left[f"{name}: {table}"] = await lag(database, table, topics, ends)
    return {words: number for words, number in left.items() if number}


async def lag(database: asyncpg.Connection, table: str, topics: tuple[str, ...], ends: Mapping[TopicPartition, int]) -> int:
    """Messages of these topics that were not taken yet."""
    rows = await database.fetch(f"select topic, partition, next_offset from {table}")  # noqa: S608 - own words
    taken = {TopicPartition(row["topic"], row["partition"]): row["next_offset"] for row in rows}
    return sum(max(0, end - taken.get(partition, 0)) for partition, end in ends.items() if partition.topic in topics)
