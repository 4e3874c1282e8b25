"""Work goes on as soon as is promised after a death, and whoever slept through the loss of its partitions overwrites nothing."""

import pytest

from tests.faults import budget
from tests.faults.processes.bureau import Bureau
from tests.faults.processes.invariants import broken
from tests.faults.processes.load import busy
from tests.faults.processes.machine import is_overloaded
from tests.faults.processes.quiet import until_quiet
from tests.faults.processes.recovery import PROMISED, measured, table

TIMES = budget.either(short=1, long=10)


@pytest.mark.timeout(budget.either(short=600, long=3_600))
async def test_work_goes_on_as_soon_as_promised_and_a_woken_worker_overwrites_nothing(bureau: Bureau) -> None:
    figures: dict[str, list[float]] = {what: [] for what in PROMISED}
    async with busy(bureau, budget.dice("recovery"), days=0):
        for _ in range(TIMES):
            for what, took in (await measured(bureau)).items():
                figures[what].append(took)
    print(*table(figures), sep="\n")
    busy_machine = is_overloaded()
    await until_quiet(bureau)
    assert not await broken(bureau)
    late = {what: took for what, took in figures.items() if max(took) > PROMISED[what]}
    assert not late or busy_machine
