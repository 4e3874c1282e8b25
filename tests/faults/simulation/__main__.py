"""Play histories in a process of their own: `python -m tests.faults.simulation KIND --postgres URL --first SEED --histories N`.

The process is part of what makes a history repeatable: it has a fixed hash seed, a loop of its own, and, for the mutants, the code
under test with one text changed while it is loaded.
"""

import argparse
import asyncio
import json
import logging
import sys
import time
from dataclasses import asdict
from itertools import count

import structlog

from tests.faults.simulation.mutants import MUTANTS, mutate


def main() -> int:
    """Prints one JSON line: how many histories were played, and the last one: all of them, or the first that broke a promise."""
    parser = argparse.ArgumentParser()
    parser.add_argument("kind")
    parser.add_argument("--postgres", required=True)
    parser.add_argument("--template")
    parser.add_argument("--first", type=int, required=True)
    parser.add_argument("--histories", type=int, required=True)
    parser.add_argument("--mutant")
    parser.add_argument("--tell", action="store_true", help="print every step")
    asked = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    logging.disable()
    if asked.mutant:
        mutate(next(mutant for mutant in MUTANTS if mutant.name == asked.mutant))
    print(json.dumps(_played(asked)))
    return 0


def _played(asked: argparse.Namespace) -> dict[str, object]:
    from tests.faults.simulation.histories import HISTORIES  # noqa: PLC0415 - after the code was mutated
    from tests.faults.simulation.stage import Outcome, a_stage, play, simulate_time  # noqa: PLC0415
    from tests.faults.simulation.virtual_time import SimulatedLoop  # noqa: PLC0415

    loop = SimulatedLoop()
    simulate_time(loop)
    history = HISTORIES[asked.kind]()
    began = time.monotonic()

    async def run() -> tuple[int, Outcome]:
        async with a_stage(asked.postgres, asked.template, loop, history) as stage:
            for played in count(1):
                found = await play(asked.first + played - 1, history, stage)
                if asked.tell:
                    print(*found.told, sep="\n", file=sys.stderr)
                if found.broken or played == asked.histories:
                    return played, found
        raise AssertionError

    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        played, last = runner.run(run())
    return {"played": played, "seconds": round(time.monotonic() - began, 2), **asdict(last)}


if __name__ == "__main__":
    sys.exit(main())
