"""How many events a second one feed worker takes: `python -m bench.feed [EVENTS]`, on the servers that the environment names.

The events have about 400 bytes; 6 % are duplicates, 3 % corrections; three measures count. The result is proved by a recount.
"""

import asyncio
import random
import sys
import time
from collections.abc import Iterator
from typing import Any

from kit.testing import eventually, servers_from_environment
from kit.workdays import shipped
from scoring.ledger.store.proof import PgRecounts
from tests.integration.scoring.ledger.rooms import Room, a_room
from tests.unit.scoring.ledger.events import observed

AT_ONCE = 2_000
TWICE = 0.06
PADDING = "x" * 120


def events(number: int) -> Iterator[dict[str, Any]]:
    dice = random.Random(1)
    for index in range(number):
        subject = f"case-{dice.randrange(max(1, number // 3))}"
        attributes = {"status": dice.choice(["open", "closed"]), "amount": f"{index}.50", "filed_on": "2026-03-02", "note": PADDING}
        closed = {"closed_on": f"2026-0{dice.randrange(1, 6)}-{dice.randrange(1, 28):02}"}
        event = observed(f"e-{index}", subject=subject, minute=index % 40_000, unit=dice.choice(["east", "west"]), set=attributes | closed)
        yield from [event] * (2 if dice.random() < TWICE else 1)


async def fill(room: Room, number: int) -> int:
    waiting: list[dict[str, Any]] = []
    sent = 0
    for event in events(number):
        waiting.append(event)
        if len(waiting) == AT_ONCE:
            await room.send(waiting)
            sent, waiting = sent + len(waiting), []
    await room.send(waiting)
    return sent + len(waiting)


async def main(number: int) -> None:
    servers = servers_from_environment()
    if servers is None:
        sys.exit("name the servers: KAFKA_BOOTSTRAP, POSTGRES_URL, ...")
    async with a_room(servers) as room:
        sent = await fill(room, number)

        async def taken() -> bool:
            found: int = await room.pool.fetchval("select coalesce(sum(next_offset), 0)::bigint from ledger.positions")
            return found >= sent

        async with room.worker():
            await room.until("facts", 1)
            began, before = time.perf_counter(), await room.count("facts")
            await eventually(taken, within=3_600, every=0.2)
            spent = time.perf_counter() - began
        print(f"{sent} messages, {(sent - before) / spent:,.0f} a second")
        proof = await PgRecounts(room.url, shipped()).prove()
        print(f"recount: {proof.facts} facts, {proof.records} records, {'exact' if proof.holds else 'WRONG'}")


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 50_000))
