"""The proof of the traces, told to a person by `python -m scoring retrace`."""

import sys
from typing import Protocol

from scoring.appraisal.domain.retraces import Retrace


class Retraces(Protocol):
    async def again(self, cycle: str | None) -> Retrace:
        """Every stored trace of a cycle, or of all, evaluated again."""


async def retrace(retraces: Retraces, cycle: str | None) -> int:
    """0 when every trace gives its own digits again, 1 when one does not."""
    done = await retraces.again(cycle)
    sys.stdout.write(told(done))
    return 1 if done.wrong else 0


def told(done: Retrace) -> str:
    size = ", ".join(f"{n} traces of {table}" for table, n in done.seen.items()) or "no traces"
    if not done.wrong:
        return f"{size} evaluated again: no difference / 计分依据重算，全部一致\n"
    return "\n".join([f"{size} evaluated again: {done.wrong} differ / 计分依据重算，存在差异", *done.named]) + "\n"
