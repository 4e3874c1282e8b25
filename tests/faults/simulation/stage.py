"""Where histories are played: one database a kind of history, desks that are kept, and a judge who waits until all is quiet."""

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from random import Random
from typing import Final, Protocol

import asyncpg

from kit.testing import fresh_database
from tests.faults.simulation.database import Desk, PgReferee
from tests.faults.simulation.scheduler import Process, Scheduler
from tests.faults.simulation.virtual_time import SimulatedClock, SimulatedLoop

LOOK_EVERY: Final = 0.5  # simulated seconds between the judge's looks
LONGEST: Final = 200.0  # simulated seconds after which a history should have come to rest
OURS: Final = ("kit.", "scoring.", "feedback.")


@dataclass(slots=True)
class Stage:
    """Where all histories of one kind are played."""

    url: str
    referee: PgReferee
    loop: SimulatedLoop
    desks: dict[str, Desk] = field(default_factory=dict)

    def desk(self, name: str) -> Desk:
        if name not in self.desks:
            self.desks[name] = Desk(self.url, name)
        return self.desks[name]


class History(Protocol):
    """One kind of histories."""

    @property
    def names(self) -> Sequence[str]:
        """Of all actors that may appear."""

    async def begin(self, stage: Stage) -> None:
        """Make the database ready, once."""

    async def clean(self, stage: Stage) -> None:
        """Forget the last history."""

    def cast(self, play: "Play") -> None:
        """Draw the actors and what they are going to do, and start them."""

    async def is_quiet(self, play: "Play") -> bool:
        """Whether nothing is left to do."""

    async def verdict(self, play: "Play") -> list[str]:
        """The promises that were broken, in words."""


@dataclass(slots=True)
class Play:
    """One history while it is played."""

    stage: Stage
    scheduler: Scheduler
    dice: Random
    errands: list[asyncio.Task[None]] = field(default_factory=list)

    def process(self, name: str, process: Callable[[Desk], Awaitable[None]]) -> None:
        """One that runs for ever."""
        desk = self.stage.desk(name)
        self.scheduler.run(name, _on(desk, process), desk)

    def errand(self, name: str, process: Callable[[Desk], Awaitable[None]]) -> None:
        """One that ends when its work is done; the history is not quiet before."""
        desk = self.stage.desk(name)
        self.errands.append(self.scheduler.run(name, _on(desk, process), desk, for_ever=False))


def _on(desk: Desk, process: Callable[[Desk], Awaitable[None]]) -> Process:
    async def run() -> None:
        await process(desk)

    return run


@dataclass(frozen=True, slots=True)
class Outcome:
    seed: int
    broken: list[str]
    told: list[str]


async def play(seed: int, history: History, stage: Stage) -> Outcome:
    """One history from its seed."""
    await history.clean(stage)
    scheduler = Scheduler(seed, stage.referee)
    made = Play(stage, scheduler, scheduler.dice)
    stage.loop.begin_anew()
    stage.loop.selector.real = scheduler
    try:
        history.cast(made)
        await _until_quiet(history, made)
    finally:
        await scheduler.end()
        stage.loop.selector.real = None
        for desk in stage.desks.values():
            desk.tidy()
    broken = scheduler.broken or await history.verdict(made)
    return Outcome(seed, broken, scheduler.told)


async def _until_quiet(history: History, made: Play) -> None:
    scheduler, loop = made.scheduler, made.stage.loop
    latest = loop.time() + LONGEST
    while not scheduler.is_over:
        await asyncio.sleep(LOOK_EVERY)
        if not all(task.done() for task in made.errands):
            pass
        elif await _asked(history, made):
            return
        if loop.time() > latest:
            scheduler.broken.append(f"not quiet after {LONGEST:.0f} s")
            return


async def _asked(history: History, made: Play) -> bool:
    with made.scheduler.outside():
        return await history.is_quiet(made)


@asynccontextmanager
async def a_stage(postgres_url: str, template: str | None, loop: SimulatedLoop, history: History) -> AsyncIterator[Stage]:
    """A database of its own, from a template that has the tables."""
    async with fresh_database(postgres_url, template=template) as url:
        connection = await asyncpg.connect(url)
        stage = Stage(url, PgReferee(connection), loop)
        try:
            await history.begin(stage)
            for name in history.names:
                await stage.desk(name).warm()
            yield stage
        finally:
            for desk in stage.desks.values():
                await desk.close()
            await connection.close()


def simulate_time(loop: SimulatedLoop) -> None:
    """Give every module of ours that asks the machine for the time the simulated one instead."""
    import time  # noqa: PLC0415 - the very module that is replaced in others

    clock = SimulatedClock(loop)
    for name, module in list(sys.modules.items()):
        if name.startswith(OURS) and getattr(module, "time", None) is time:
            module.time = clock  # type: ignore[attr-defined]


def same(what: str, held: object, wanted: object) -> list[str]:
    """A broken promise in words, if it is one."""
    return [] if held == wanted else [f"{what}: held {held}, should be {wanted}"]
