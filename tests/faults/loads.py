"""A load whose result is known: events with duplicates, corrections and withdrawals."""

import random
from typing import Any

from tests.unit.scoring.ledger.events import observed, withdrawn

SUBJECTS = 300


def load(number: int, *, seed: int) -> list[dict[str, Any]]:
    """Each event has an id of its own; one in ten comes twice."""
    dice = random.Random(seed)
    events = [one_event(f"e-{index}", dice) for index in range(number)]
    return [again for event in events for again in [event] * (2 if dice.random() < 0.1 else 1)]


def one_event(id_: str, dice: random.Random, *, subjects: int = SUBJECTS) -> dict[str, Any]:
    subject, minute = f"case-{dice.randrange(subjects)}", dice.randrange(5_000)
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
