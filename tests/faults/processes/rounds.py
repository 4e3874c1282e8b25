"""A round: the load runs, blows fall at random moments, everything heals and comes to rest, and every promise is checked."""

import asyncio
import random
import time
from collections.abc import Sequence
from typing import Final

from tests.faults import budget
from tests.faults.processes.breaking import Breaker
from tests.faults.processes.bureau import Bureau
from tests.faults.processes.invariants import broken
from tests.faults.processes.load import busy
from tests.faults.processes.quiet import until_quiet

DAYS: Final = budget.either(short=12, long=2)
PAUSES: Final = (0.1, 1.4)  # seconds between two blows


async def one_round(bureau: Bureau, breaker: Breaker, plan: Sequence[str], dice: random.Random) -> None:
    began = time.monotonic()
    async with busy(bureau, dice, days=DAYS):
        for blow in plan:
            await asyncio.sleep(dice.uniform(*PAUSES))
            await breaker.strike(blow)
        await breaker.heal()
    healed = time.monotonic()
    rested = await until_quiet(bureau)
    wrong = await broken(bureau)
    spent = f"{healed - began:.0f} s of blows, {rested:.0f} s until at rest, {time.monotonic() - healed - rested:.1f} s of checks"
    print(f"{bureau.today}: {', '.join(plan)}: {spent}")
    assert not wrong, "\n".join(["promises that do not hold:", *wrong])
