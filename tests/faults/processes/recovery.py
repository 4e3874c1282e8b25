"""How soon work goes on after a death, measured under load: what issue and README promise, in seconds."""

import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Final

from tests.faults.processes.bureau import GUEST, WORKERS, Bureau
from tests.faults.processes.progress import every_partition_moves, some_partition_moves

PATIENCE: Final = 120.0  # seconds after which a machine, however busy, has to have gone on
FIRST, SECOND = WORKERS

# At most so many seconds.
PROMISED: Final[Mapping[str, float]] = {
    "a killed worker that is started again: its first commit": 5,
    "a worker that is gone: another one works in its place": 15,
    "PostgreSQL serves again: the first commit": 10,
    "Kafka serves again: the first commit": 15,
}


async def measured(bureau: Bureau) -> dict[str, float]:
    """Each once; the load has to run. Afterwards the usual workers are there and ready."""
    ways: tuple[Callable[[Bureau], Awaitable[float]], ...] = (_restarted, _taken_over, _database, _broker)
    figures: dict[str, float] = {}
    for what, way in zip(PROMISED, ways, strict=True):
        figures[what] = await way(bureau)
        print(f"{what}: {figures[what]:.1f} s (promised: {PROMISED[what]:g} s)", flush=True)
    return figures


async def _restarted(bureau: Bureau) -> float:
    """The only worker dies, so that no other one's commit is taken for its first."""
    async with _alone(bureau):
        bureau.strike()
        bureau.processes.kill(FIRST)
        return await some_partition_moves(bureau, within=PATIENCE)


async def _taken_over(bureau: Bureau) -> float:
    """A worker is stopped as if its machine hung, and woken when its partitions have moved: it must not take itself for their owner."""
    bureau.strike()
    bureau.processes.send(FIRST, signal.SIGSTOP)
    took = await every_partition_moves(bureau, within=PATIENCE)
    bureau.processes.send(FIRST, signal.SIGCONT)
    bureau.strike()
    await _settled(bureau)
    return took


async def _database(bureau: Bureau) -> float:
    return await _server(bureau, "postgres")


async def _broker(bureau: Bureau) -> float:
    return await _server(bureau, "kafka")


async def _server(bureau: Bureau, server: str) -> float:
    bureau.strike()
    await bureau.ground.restart(server)
    bureau.strike()
    took = await some_partition_moves(bureau, within=PATIENCE)
    await _settled(bureau)
    return took


@asynccontextmanager
async def _alone(bureau: Bureau) -> AsyncIterator[None]:
    """The first worker alone, with all partitions."""
    for name in (SECOND, GUEST):
        if name in bureau.processes.children:
            await bureau.processes.dismiss(name)
    bureau.strike()
    try:
        await every_partition_moves(bureau, within=PATIENCE)
        yield
    finally:
        await bureau.start(SECOND)
    await _settled(bureau)


async def _settled(bureau: Bureau) -> None:
    """All are ready and each partition is worked on."""
    await bureau.until_ready()
    await every_partition_moves(bureau, within=PATIENCE)
    bureau.strike()


def table(figures: Mapping[str, list[float]]) -> list[str]:
    """Each promise beside the longest of what was measured."""
    head = f"{'recovery (seconds)':<62}{'promised':>9}{'longest':>9}{'measured':>10}"
    return [head, *(f"{what:<62}{PROMISED[what]:>9.0f}{max(took):>9.1f}{len(took):>9}x" for what, took in figures.items())]
