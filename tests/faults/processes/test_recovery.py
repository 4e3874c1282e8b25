"""Work goes on after a death, and whoever slept through the loss of its partitions overwrites nothing.

How soon is printed beside what is promised; `python -m bench.recovery` judges it, on a machine that has nothing else to do.
"""

import pytest

from tests.faults import budget
from tests.faults.processes.bureau import Bureau
from tests.faults.processes.invariants import broken
from tests.faults.processes.load import busy
from tests.faults.processes.quiet import until_quiet
from tests.faults.processes.recovery import PROMISED, measured, table

TIMES = budget.either(short=1, long=10)


@pytest.mark.timeout(budget.either(short=1200, long=3_600))
async def test_work_goes_on_after_each_death_and_a_woken_worker_overwrites_nothing(bureau: Bureau) -> None:
    figures: dict[str, list[float]] = {what: [] for what in PROMISED}
    async with busy(bureau, budget.dice("recovery"), days=0):
        for _ in range(TIMES):
            for what, took in (await measured(bureau)).items():
                figures[what].append(took)
    print(*table(figures), sep="\n")
    await until_quiet(bureau)
    assert not await broken(bureau)
