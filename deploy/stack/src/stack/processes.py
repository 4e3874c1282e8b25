"""Child processes that never outlive their parent, and proof of which left-over process is our own."""

import asyncio
import ctypes
import itertools
import json
import os
import signal
import sys
import time
from asyncio.subprocess import Process
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import psutil

from stack.folder import Folder
from stack.problems import DidNotStart

PR_SET_PDEATHSIG: Final = 1
SAME_START: Final = 2.0  # seconds: clock adjustments move what the system reports as a process's start
POLL: Final = 0.1
BACK_OFF: Final = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0)  # seconds before a program that ended is started again
LEFT_OVER_PATIENCE: Final = 5.0
STEADY: Final = 60.0  # seconds after which a program counts as healthy, and its next end as the first
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


@dataclass(frozen=True, slots=True)
class Account:
    """Another user to run a program as."""

    name: str
    uid: int
    gid: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """What to start. `ends_on` is the signal on which it ends cleanly and soon."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    account: Account | None = None
    ends_on: signal.Signals = signal.SIGTERM
    patience: float = 20.0


@dataclass(slots=True)
class Child:
    """A started program."""

    program: Program
    process: Process
    log: Path
    pid_file: Path

    @property
    def ended(self) -> int | None:
        return self.process.returncode

    async def stop(self) -> None:
        """End it: politely, after its patience the hard way."""
        if self.ended is None:
            with suppress(ProcessLookupError):
                self.process.send_signal(self.program.ends_on)
            try:
                await asyncio.wait_for(self.process.wait(), self.program.patience)
            except TimeoutError:
                with suppress(ProcessLookupError):
                    os.killpg(self.process.pid, signal.SIGKILL)
                await self.process.wait()
        self.pid_file.unlink(missing_ok=True)


@dataclass(slots=True)
class Crew:
    """Everything that was started in one folder, so that nothing is forgotten when it ends, however early."""

    folder: Folder
    children: list[Child] = field(default_factory=list)
    watches: list[asyncio.Task[None]] = field(default_factory=list)
    ends: Counter[str] = field(default_factory=Counter)  # how often a program that is kept alive ended by itself

    async def start(self, program: Program) -> Child:
        """Start it in a process group of its own, its output appended to its log, its pid written down with proof of identity.

        Must be called from the main thread: Linux ends the child when the thread that started it ends.
        """
        log = self.folder.log(program.name)
        with log.open("ab") as output:
            process = await asyncio.create_subprocess_exec(
                *program.command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env={**os.environ, **program.environment},  # noqa: TID251 - a child inherits the user's PATH, LANG, proxies
                cwd="/",
                process_group=0,
                preexec_fn=_die_with_parent(program.ends_on),
                user=None if program.account is None else program.account.uid,
                group=None if program.account is None else program.account.gid,
                extra_groups=None if program.account is None else [],
            )
        child = Child(program, process, log, self.folder.pids / f"{program.name}.json")
        self.children.append(child)
        with suppress(psutil.NoSuchProcess):
            started = psutil.Process(process.pid).create_time()
            child.pid_file.write_text(json.dumps({"pid": process.pid, "started": started, "ends_on": int(program.ends_on)}))
        return child

    async def run(self, program: Program) -> None:
        """Run it to its end. Raises `DidNotStart` with its last words when that is not a good one."""
        child = await self.start(program)
        status = await child.process.wait()
        self._forget(child)
        if status != 0:
            raise DidNotStart(program.name, f"exit status {status}", child.log)

    def keep_alive(self, child: Child, tell: Callable[[str], None]) -> None:
        """From now on start its program again whenever it ends by itself, as a production supervisor would."""
        self.watches.append(asyncio.create_task(self._watch(child, tell), name=f"watch {child.program.name}"))

    async def stop(self, *names: str) -> None:
        """End those named, or all; those that are left are no longer kept alive."""
        for watch in self.watches:
            watch.cancel()
        await asyncio.gather(*self.watches, return_exceptions=True)
        self.watches.clear()
        chosen = [child for child in self.children if not names or child.program.name in names]
        await asyncio.gather(*(child.stop() for child in chosen))
        self.children = [child for child in self.children if child not in chosen]

    async def _watch(self, child: Child, tell: Callable[[str], None]) -> None:
        pauses = itertools.chain(BACK_OFF, itertools.repeat(BACK_OFF[-1]))
        while True:
            began = time.monotonic()
            status = await child.process.wait()
            self._forget(child)
            self.ends[child.program.name] += 1
            if time.monotonic() - began > STEADY:
                pauses = itertools.chain(BACK_OFF, itertools.repeat(BACK_OFF[-1]))
            pause = next(pauses)
            tell(f"{child.program.name} 异常退出，{pause:g} 秒后重启 ended with status {status}, starts again in {pause:g} s: {child.log}")
            await asyncio.sleep(pause)
            child = await self.start(child.program)

    def _forget(self, child: Child) -> None:
        self.children.remove(child)
        child.pid_file.unlink(missing_ok=True)


def _die_with_parent(ends_on: signal.Signals) -> Callable[[], None] | None:
    """Ask Linux to end the child when the parent dies, also by kill -9; elsewhere the next start ends left-over processes."""
    if _LIBC is None:
        return None
    libc, parent = _LIBC, os.getpid()

    def before_exec() -> None:
        libc.prctl(PR_SET_PDEATHSIG, int(ends_on), 0, 0, 0)
        if os.getppid() != parent:  # the parent died before the request stood
            os._exit(1)

    return before_exec


async def until(ready: Callable[[], Awaitable[bool]], child: Child, *, within: float) -> None:
    """Wait until it answers. Raises `DidNotStart` when it ends before, or stays silent."""
    deadline = time.monotonic() + within
    while not await ready():
        if child.ended is not None:
            raise DidNotStart(child.program.name, f"exit status {child.ended}", child.log)
        if time.monotonic() > deadline:
            raise DidNotStart(child.program.name, f"no answer within {within:.0f} s", child.log)
        await asyncio.sleep(POLL)


def end_left_over(folder: Folder) -> list[str]:
    """End what an earlier stack of this folder left running; a process is ours only if pid and start time both agree.

    Returns the names of what was ended.
    """
    ours = {path: found for path in folder.pids.glob("*.json") if (found := _proven(path)) is not None}
    for process, ends_on in ours.values():
        with suppress(psutil.NoSuchProcess):
            process.send_signal(ends_on)
    _, alive = psutil.wait_procs([process for process, _ in ours.values()], timeout=LEFT_OVER_PATIENCE)
    for process in alive:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(alive, timeout=LEFT_OVER_PATIENCE)
    for path in folder.pids.glob("*.json"):
        path.unlink(missing_ok=True)
    return sorted(path.stem for path in ours)


def _proven(path: Path) -> tuple[psutil.Process, int] | None:
    """The process and the signal on which it ends, if it is the very one that was written down."""
    try:
        written = json.loads(path.read_text())
        process = psutil.Process(written["pid"])
        return (process, written["ends_on"]) if abs(process.create_time() - written["started"]) < SAME_START else None
    except (psutil.Error, ValueError, KeyError, OSError):
        return None
