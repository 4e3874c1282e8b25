"""A load whose result is known: events with duplicates, corrections and withdrawals, counted apart from the platform."""

import asyncio
import json
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from kit.workdays import shipped
from scoring.ledger.domain.facts import event_of, parse
from scoring.ledger.domain.records import fold
from scoring.ledger.store.proof import PgRecounts
from tests.integration.scoring.ledger.rooms import Room
from tests.unit.scoring.ledger.events import CASES, observed, withdrawn

SUBJECTS = 300
SHARE = 50  # events sent at once
PAUSE = 0.1


def load(number: int, *, seed: int) -> list[dict[str, Any]]:
    """Each event has an id of its own; one in ten comes twice."""
    dice = random.Random(seed)
    events = [one_event(f"e-{index}", dice) for index in range(number)]
    return [again for event in events for again in [event] * (2 if dice.random() < 0.1 else 1)]


def one_event(id_: str, dice: random.Random) -> dict[str, Any]:
    subject, minute = f"case-{dice.randrange(SUBJECTS)}", dice.randrange(5_000)
    if dice.random() < 0.02:
        return withdrawn(id_, subject=subject, minute=minute)
    attributes = {
        "status": dice.choice(["open", "closed"]),
        "amount": f"{dice.randrange(10_000)}.{dice.randrange(100):02}",
        "filed_on": "2026-03-02",
        "closed_on": f"2026-0{dice.randrange(1, 6)}-{dice.randrange(1, 28):02}",
    }
    some = {name: value for name, value in attributes.items() if dice.random() < 0.7}
    return observed(id_, subject=subject, minute=minute, unit=dice.choice(["east", "west", "nowhere"]), set=some)


@asynccontextmanager
async def flowing(room: Room, events: Sequence[dict[str, Any]]) -> AsyncIterator[None]:
    """Sends on while the block runs; at its end everything was sent."""

    async def send() -> None:
        for start in range(0, len(events), SHARE):
            await room.send(events[start : start + SHARE])
            await asyncio.sleep(PAUSE)

    sending = asyncio.create_task(send())
    yield
    await sending


async def taken_so_far(room: Room) -> int:
    found: int = await room.pool.fetchval("select coalesce(sum(next_offset), 0)::bigint from ledger.positions")
    return found


async def must_be_exact(room: Room, events: Sequence[dict[str, Any]]) -> None:
    """Every fact once, every record what its facts come to, every total what its records come to."""
    await room.until_taken(within=120)
    assert await room.count("facts") == len({event["id"] for event in events})
    proof = await PgRecounts(room.url, shipped()).prove()
    assert (proof.wrong_records, proof.wrong_totals) == ([], [])
    folded = fold(event_of(parse(json.dumps(event).encode())) for event in events).records
    held = await room.pool.fetch("select subject, unit_code, withdrawn from ledger.records")
    expected = {(subject, record.unit_code, record.is_withdrawn) for (_, subject), record in folded.items()}
    assert {(row["subject"], row["unit_code"], row["withdrawn"]) for row in held} == expected
    assert {source for source, _ in folded} == {CASES.uri}
    received, duplicates = await room.pool.fetchrow("select received, duplicates from ledger.counters") or (0, 0)
    assert (received, duplicates) == (len(events), len(events) - len({event["id"] for event in events}))
