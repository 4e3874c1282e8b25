"""How soon a new version is counted over old records while the feed goes on: `python -m bench.backfill [RECORDS] [EVENTS_A_SECOND]`.

On the servers that the environment names. One worker, a process of its own, takes the feed and counts; events change old records and
bring new ones all the time. At the end totals are compared with PostgreSQL's own sums over the records. Ends with 1 when it took longer
than is promised, or when a total is wrong.
"""

import asyncio
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from kit.testing import eventually, servers_from_environment
from scoring.ledger.domain.records import Held, Record
from scoring.ledger.store.codec import encoded
from tests.faults.poison.worker import a_worker
from tests.integration.scoring.ledger.rooms import SLUG, Room, a_room
from tests.unit.scoring.ledger.events import observed

PROMISED = 120 / 1_000_000  # seconds a record
AT_ONCE = 20_000
PADDING = "x" * 120
NEW = "2026/2"
TIMELY = ["closed_on", "<=", {"attribute": "due_on"}]
MEASURES: dict[str, Any] = {
    "filed": {"kind": "case", "at": "filed_on"},
    "closed": {"kind": "case", "at": "closed_on", "where": [["status", "=", "closed"]]},
    "due": {"kind": "case", "at": "due_on", "where": [["status", "in", ["open", "closed"]]]},
    "in_time": {"kind": "case", "at": "due_on", "where": [["status", "=", "closed"], TIMELY]},
    "amount": {"kind": "case", "at": "closed_on", "where": [["status", "=", "closed"]], "take": {"sum": "amount"}},
    "days": {"kind": "case", "at": "closed_on", "where": [["status", "=", "closed"]], "take": {"working_days": ["filed_on", "closed_on"]}},
}
SUMS = """
with seen as (
  select unit, attributes -> 'closed_on' ->> 0 as day, (attributes -> 'amount' ->> 0)::numeric as amount
  from (select unit_code, source, state -> 'attributes' as attributes from ledger.records where not withdrawn) as record
  join ledger.aliases on aliases.source = record.source and code = unit_code
  where attributes -> 'status' ->> 0 = 'closed' and attributes -> 'closed_on' ->> 0 is not null
), wanted as (
  select 'closed' as key, unit, left(day, 7) as month, count(*) as n, count(*)::numeric as total from seen group by 1, 2, 3
  union all select 'amount', unit, left(day, 7), count(*), sum(amount) from seen where amount is not null group by 1, 2, 3
), held as (
  select key, unit, month, n, total from ledger.totals join ledger.measures on number = measure
  where scheme = '2026/2' and key in ('closed', 'amount') and n <> 0
)
select count(*) from (
  (select * from wanted except select * from held) union all (select * from held except select * from wanted)
) as different
"""


def attributes(index: int, dice: random.Random) -> dict[str, Any]:
    day = f"2026-0{dice.randrange(1, 9)}-{dice.randrange(1, 28):02}"
    decided = {"status": "closed", "closed_on": day} if dice.randrange(5) else {"status": "open", "closed_on": None}
    return decided | {"amount": f"{index % 5_000}.50", "filed_on": "2026-01-05", "due_on": "2026-05-15", "note": PADDING}


def records(number: int) -> Iterator[tuple[Any, ...]]:
    dice = random.Random(1)
    for index in range(number):
        stamp, unit = (1_767_000_000_000_000 + index, f"r-{index}"), dice.choice(["east", "west"])
        held = {name: Held(value, stamp) for name, value in attributes(index, dice).items()}
        record = Record(SLUG, f"case-{index}", "case", Held(unit, stamp), Held(value=False, stamp=stamp), held)
        yield (*record.key, record.kind, unit, False, encoded(record))


async def fill(room: Room, number: int) -> None:
    """Records without facts, and no older version that would have had to count them."""
    await room.pool.execute("delete from ledger.measures")
    waiting, columns = records(number), ("source", "subject", "kind", "unit_code", "withdrawn", "state")
    for start in range(0, number, AT_ONCE):
        some = [next(waiting) for _ in range(min(AT_ONCE, number - start))]
        await room.pool.copy_records_to_table("records", schema_name="ledger", records=some, columns=columns, timeout=600)
    await room.pool.execute("vacuum analyze ledger.records", timeout=600)


async def feed_for_ever(room: Room, number: int, a_second: int) -> None:
    dice, sent, began = random.Random(2), 0, time.monotonic()
    while True:
        due = int((time.monotonic() - began) * a_second) - sent
        subjects = [f"case-{dice.randrange(number + number // 10)}" for _ in range(due)]
        await room.send(
            observed(
                f"e-{sent + index}",
                subject=subject,
                minute=400_000 + sent + index,
                unit=dice.choice(["east", "west"]),
                set=attributes(index, dice),
            )
            for index, subject in enumerate(subjects)
        )
        sent += due
        await asyncio.sleep(0.1)


async def measured(room: Room, number: int, a_second: int) -> tuple[float, int]:
    """Seconds from the asking to the end of the count, and how many facts were taken meanwhile."""
    feeding = asyncio.create_task(feed_for_ever(room, number, a_second))
    await room.until("facts", a_second)
    before, began = await room.count("facts"), time.perf_counter()
    await room.ask_count(NEW, MEASURES)

    async def done() -> bool:
        return await room.count("backfills", f"scheme = '{NEW}' and finished_at is not null") == 1

    await eventually(done, within=3_600, every=0.1)
    spent, taken = time.perf_counter() - began, await room.count("facts") - before
    feeding.cancel()
    with suppress(asyncio.CancelledError):
        await feeding
    await room.until_taken(within=300)
    return spent, taken


async def main(number: int, a_second: int, folder: Path) -> int:
    servers = servers_from_environment()
    if servers is None:
        sys.exit("name the servers: KAFKA_BOOTSTRAP, POSTGRES_URL, ...")
    async with a_room(servers) as room:
        await fill(room, number)
        async with a_worker(room, folder) as worker:
            await worker.until_ready()
            spent, taken = await measured(room, number, a_second)
        wrong = await room.pool.fetchval(SUMS, timeout=600)
    print(f"{number} records in {spent:.1f} s, {number / spent:,.0f} a second; {taken / spent:,.0f} facts a second were taken beside it")
    print(f"totals against SQL's own sums: {'exact' if wrong == 0 else f'{wrong} WRONG'}")
    return int(spent > number * PROMISED or wrong != 0)


if __name__ == "__main__":
    asked = [int(argument) for argument in sys.argv[1:]] + [1_000_000, 500][len(sys.argv) - 1 :]
    with tempfile.TemporaryDirectory() as made:
        sys.exit(asyncio.run(main(asked[0], asked[1], Path(made))))
