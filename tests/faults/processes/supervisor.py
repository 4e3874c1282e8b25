"""Keeps processes alive as a production supervisor does: whatever dies is started again at once."""

import asyncio
import os
import signal
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from stack.processes import Child, Crew, Program

AGAIN_AFTER: Final = 0.5  # seconds before a process that ended by itself is started again


@dataclass(slots=True)
class Supervisor:
    """`ends` counts the processes that ended by themselves: the platform's own way out when one of its siblings fails."""

    crew: Crew
    programs: dict[str, Program] = field(default_factory=dict)
    children: dict[str, Child] = field(default_factory=dict)
    started: dict[str, float] = field(default_factory=dict)
    ends: Counter[str] = field(default_factory=Counter)
    _killed: set[str] = field(default_factory=set)
    _keeping: dict[str, asyncio.Task[None]] = field(default_factory=dict)

    async def start(self, program: Program) -> None:
        self.programs[program.name] = program
        await self._begin(program)
        self._keeping[program.name] = asyncio.create_task(self._keep(program), name=f"keep {program.name}")

    async def dismiss(self, name: str) -> None:
        """End it politely, for good."""
        await self.abandon(name)
        await self.children.pop(name).stop()

    async def abandon(self, name: str) -> None:
        """Start it no more when it dies."""
        keeping = self._keeping.pop(name, None)
        if keeping is not None:
            keeping.cancel()
            with suppress(asyncio.CancelledError):
                await keeping

    def kill(self, name: str) -> None:
        """No clean end, no last word."""
        self._killed.add(name)
        self.send(name, signal.SIGKILL)

    def send(self, name: str, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            os.kill(self.children[name].process.pid, number)

    async def stop(self) -> None:
        for name in list(self._keeping):
            await self.abandon(name)
        for name in self.children:
            self.send(name, signal.SIGCONT)
        await asyncio.gather(*(child.stop() for child in self.children.values()))

    async def _begin(self, program: Program) -> None:
        self.children[program.name] = await self.crew.start(program)
        self.started[program.name] = time.monotonic()

    async def _keep(self, program: Program) -> None:
        while True:
            child = self.children[program.name]
            await child.process.wait()
            self.crew.children.remove(child)
            if program.name in self._killed:
                self._killed.discard(program.name)
            else:
                self.ends[program.name] += 1
                await asyncio.sleep(AGAIN_AFTER)
            await self._begin(program)
