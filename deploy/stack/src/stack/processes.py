"""Child processes that never outlive their parent, and proof of which left-over process is our own."""

import asyncio
import ctypes
import json
import os
import signal
import sys
import time
from asyncio.subprocess import Process
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
POLL: Final = 0.05
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


async def start(program: Program, folder: Folder) -> Child:
    """Start it in a process group of its own, its output appended to its log, its pid written down with proof of identity.

    Must be called from the main thread: Linux ends the child when the thread that started it ends.
    """
    log = folder.log(program.name)
    with log.open("ab") as output:
        process = await asyncio.create_subprocess_exec(
            *program.command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env={**os.environ, **program.environment},  # noqa: TID251 - a child inherits what the user's shell says (PATH, LANG, proxies)
            cwd="/",
            process_group=0,
            preexec_fn=_die_with_parent(program.ends_on),
            user=None if program.account is None else program.account.uid,
            group=None if program.account is None else program.account.gid,
            extra_groups=None if program.account is None else [],
        )
    pid_file = folder.pids / f"{program.name}.json"
    with suppress(psutil.NoSuchProcess):
        pid_file.write_text(json.dumps({"pid": process.pid, "started": psutil.Process(process.pid).create_time()}))
    return Child(program, process, log, pid_file)


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
    for process in ours.values():
        with suppress(psutil.NoSuchProcess):
            process.terminate()
    _, alive = psutil.wait_procs(list(ours.values()), timeout=10)
    for process in alive:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(alive, timeout=10)
    for path in folder.pids.glob("*.json"):
        path.unlink(missing_ok=True)
    return sorted(path.stem for path in ours)


def _proven(path: Path) -> psutil.Process | None:
    try:
        written = json.loads(path.read_text())
        process = psutil.Process(written["pid"])
        return process if abs(process.create_time() - written["started"]) < SAME_START else None
    except (psutil.Error, ValueError, KeyError, OSError):
        return None
