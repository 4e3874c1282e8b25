"""How soon work goes on after a death: `python -m bench.recovery [TIMES]`, on servers and processes of its own, under load.

Ends with 1 when something took longer than is promised.
"""

import asyncio
import sys
import tempfile
from pathlib import Path

from stack.folder import Folder
from tests.faults import budget
from tests.faults.processes.bureau import ROOT, a_bureau
from tests.faults.processes.load import busy
from tests.faults.processes.recovery import PROMISED, measured, table
from tests.faults.processes.registering import register


async def main(times: int, root: Path) -> int:
    figures: dict[str, list[float]] = {what: [] for what in PROMISED}
    async with a_bureau(Folder(root), ROOT / ".stack" / "jars") as bureau:
        await register(bureau)
        async with busy(bureau, budget.dice("recovery"), days=0):
            for _ in range(times):
                for what, took in (await measured(bureau)).items():
                    figures[what].append(took)
                print(*table(figures), sep="\n", flush=True)
    return int(any(max(took) > PROMISED[what] for what, took in figures.items()))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        Path(made).chmod(0o711)  # PostgreSQL may have to run as another user
        sys.exit(asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 3, Path(made))))
