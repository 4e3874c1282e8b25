"""Children: ended with their parent, started again when they fail, told apart from strangers."""

import asyncio
import json
import os
import signal
import sys
from pathlib import Path

import psutil
import pytest

from kit.testing import eventually
from stack.folder import Folder
from stack.problems import DidNotStart
from stack.processes import Crew, Program, end_left_over, until

SLEEPS = (sys.executable, "-c", "import time; print('up', flush=True); [time.sleep(0.1) for _ in range(600)]")
DEAF = (
    sys.executable,
    "-c",
    "import signal, time; signal.signal(15, lambda *_: 0); print('up', flush=True); [time.sleep(0.1) for _ in range(600)]",
)
PARENT = """
import asyncio, pathlib, sys
from stack.folder import Folder
from stack.processes import Crew, Program

async def main():
    crew = Crew(Folder(pathlib.Path(sys.argv[1])))
    await crew.start(Program(name="child", command=(sys.executable, "-c", "import time; time.sleep(60)")))
    await asyncio.Event().wait()

asyncio.run(main())
"""


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "stack")


def pid_of(folder: Folder, name: str) -> int:
    return int(json.loads((folder.pids / f"{name}.json").read_text())["pid"])


async def says_up(folder: Folder, name: str) -> bool:
    return "up" in folder.log(name).read_text()


async def test_a_stopped_child_leaves_neither_process_nor_pid_file(folder: Folder) -> None:
    crew = Crew(folder)
    child = await crew.start(Program(name="a", command=SLEEPS))
    await crew.stop()
    assert child.ended == -signal.SIGTERM
    assert not list(folder.pids.iterdir())


async def test_a_child_that_ignores_the_polite_signal_is_killed_after_its_patience(folder: Folder) -> None:
    crew = Crew(folder)
    child = await crew.start(Program(name="deaf", command=DEAF, patience=0.3))
    await until(lambda: says_up(folder, "deaf"), child, within=30)
    await crew.stop()
    assert child.ended == -signal.SIGKILL


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends children with their parent; elsewhere the next start does")
async def test_a_parent_that_is_killed_takes_its_children_along(folder: Folder) -> None:
    parent = await asyncio.create_subprocess_exec(sys.executable, "-c", PARENT, str(folder.root))
    written = folder.pids / "child.json"

    async def started() -> bool:
        return written.exists() and bool(written.read_text())

    await eventually(started, within=60)
    child = psutil.Process(pid_of(folder, "child"))
    parent.kill()
    await parent.wait()

    async def gone() -> bool:
        return not child.is_running() or child.status() == psutil.STATUS_ZOMBIE

    await eventually(gone)


async def test_what_an_earlier_run_left_over_is_ended(folder: Folder) -> None:
    child = await Crew(folder).start(Program(name="left", command=SLEEPS))
    await until(lambda: says_up(folder, "left"), child, within=30)
    ending = asyncio.to_thread(end_left_over, folder)
    assert await ending == ["left"]
    assert await child.process.wait() != 0


async def test_a_stranger_with_the_same_pid_is_left_alone(folder: Folder) -> None:
    (folder.pids / "old.json").write_text(json.dumps({"pid": os.getpid(), "started": psutil.Process().create_time() - 100, "ends_on": 9}))
    assert end_left_over(folder) == []
    assert not list(folder.pids.iterdir())


async def test_a_child_that_ends_by_itself_is_started_again(folder: Folder) -> None:
    crew, told = Crew(folder), list[str]()
    child = await crew.start(Program(name="frail", command=SLEEPS))
    crew.keep_alive(child, told.append)
    first = child.process.pid
    os.kill(first, signal.SIGKILL)

    async def another() -> bool:
        return (folder.pids / "frail.json").exists() and pid_of(folder, "frail") != first

    await eventually(another)
    await crew.stop()
    assert "frail" in told[0]
    assert not psutil.pid_exists(pid_of(folder, "frail")) if list(folder.pids.iterdir()) else True


async def test_a_program_that_fails_shows_its_last_words(folder: Folder) -> None:
    crew = Crew(folder)
    with pytest.raises(DidNotStart, match="no such table"):
        await crew.run(Program(name="m", command=(sys.executable, "-c", "raise SystemExit('no such table')")))
    assert not crew.children


async def test_waiting_for_a_program_that_ends_says_so_at_once(folder: Folder) -> None:
    child = await Crew(folder).start(Program(name="e", command=(sys.executable, "-c", "raise SystemExit(3)")))
    with pytest.raises(DidNotStart, match="exit status 3"):
        await until(lambda: asyncio.sleep(0, False), child, within=60)


async def test_waiting_for_a_silent_program_ends_after_a_while(folder: Folder) -> None:
    crew = Crew(folder)
    child = await crew.start(Program(name="s", command=SLEEPS))
    with pytest.raises(DidNotStart, match="no answer within"):
        await until(lambda: asyncio.sleep(0, False), child, within=0.2)
    await crew.stop()
