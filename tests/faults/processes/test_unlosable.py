"""Whatever dies, whenever it dies, every promise holds once the bureau is at rest again."""

from collections.abc import Mapping
from typing import Final

import pytest

from tests.faults import budget
from tests.faults.processes.breaking import BLOWS, KILLS, Breaker, drawn
from tests.faults.processes.bureau import Bureau
from tests.faults.processes.invariants.ladder import sent_again
from tests.faults.processes.quiet import until_quiet
from tests.faults.processes.rounds import one_round

DEATHS: Final = budget.either(short=50, long=1_000)
DEATHS_A_ROUND: Final = 10
BLOWS_A_ROUND: Final = 8


@pytest.mark.timeout(budget.either(short=1800, long=36_000))
async def test_every_promise_holds_after_kills_cuts_and_lost_answers_at_random_moments(bureau: Bureau) -> None:
    dice = budget.dice("processes")
    breaker = Breaker(bureau, dice)
    deaths, blows = drawn(KILLS, dice), drawn(BLOWS, dice)
    await until_quiet(bureau)
    while (died := breaker.kills.total()) < DEATHS:
        plan = [next(deaths) for _ in range(min(DEATHS_A_ROUND, DEATHS - died))] + [next(blows) for _ in range(BLOWS_A_ROUND)]
        dice.shuffle(plan)
        await one_round(bureau, breaker, plan, dice)
    _tell(bureau, breaker)
    assert set(KILLS) <= set(breaker.kills)
    assert sum(proxy.swallowed for proxy in bureau.ground.proxies) > 0


def _tell(bureau: Bureau, breaker: Breaker) -> None:
    swallowed = sum(proxy.swallowed for proxy in bureau.ground.proxies)
    print(f"facts: {len(bureau.systems.said)}, mails: {len(bureau.mails)} (sent again: {sent_again(bureau)}), COMMITs unheard: {swallowed}")
    for title, counted in (("kill -9", breaker.kills), ("blows", breaker.blows), ("ended by themselves", bureau.processes.ends)):
        print(f"{title} ({sum(counted.values())})", *_lines(counted), sep="\n")


def _lines(counted: Mapping[str, int]) -> list[str]:
    return [f"  {name:<45}{number:>5}" for name, number in sorted(counted.items())]
