"""Consumers are idempotent: a log read twice is a log read once."""

import asyncio

import pytest

from tests.faults import budget
from tests.faults.processes.bureau import Bureau
from tests.faults.processes.invariants import broken
from tests.faults.processes.load import busy
from tests.faults.processes.quiet import until_quiet
from tests.faults.processes.replay import known, say_everything_again

DAYS = 3


@pytest.mark.timeout(900)
async def test_saying_everything_again_changes_nothing(bureau: Bureau) -> None:
    async with busy(bureau, budget.dice("replay"), days=DAYS):
        await asyncio.sleep(5)
    await until_quiet(bureau)
    before = await known(bureau)
    said = await say_everything_again(bureau)
    await until_quiet(bureau)
    assert said > 0
    assert await known(bureau) == before
    assert not await broken(bureau)
