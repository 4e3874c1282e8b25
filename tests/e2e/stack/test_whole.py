"""What a newcomer does: start it, start it twice, kill it, start it again, stop it, forget it. Without the demonstration, on free ports."""

import asyncio
import json
import os
import shutil
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import httpx
import psutil
import pytest

from kit.testing import eventually
from stack import ports
from stack.folder import Folder
from stack.services import SERVICES

ROOT = Path(__file__).parents[3] / ".stack"

pytestmark = pytest.mark.timeout(900)


@pytest.fixture
async def folder() -> AsyncIterator[Folder]:
    """A folder of its own beside the checkout's, with free ports; whatever happens, nothing runs on after the test."""
    made = Folder(ROOT / f"test-whole-{os.getpid()}")
    (made.root / "ports.json").write_text(json.dumps(ports.free()))
    with suppress(FileNotFoundError):
        shutil.copytree(ROOT / "jars", made.root / "jars")
    yield made
    await stack("stop", made)
    shutil.rmtree(made.root)


async def stack(command: str, folder: Folder, *arguments: str) -> tuple[int, str]:
    """The exit status and everything that was said."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "stack", command, "--dir", str(folder.root), *arguments),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    return process.returncode or 0, said.decode()


def addresses(folder: Folder) -> dict[str, str]:
    found: dict[str, str] = json.loads((folder.root / "addresses.json").read_text())
    return found


def listening(folder: Folder) -> list[str]:
    """The names of the ports that somebody still holds."""
    held = []
    for name, port in ports.usual(folder.root / "ports.json").items():
        try:
            socket.create_server((ports.LOOPBACK, port)).close()
        except OSError:
            held.append(name)
    return held


async def test_a_newcomers_day(folder: Folder) -> None:
    status, said = await stack("up", folder, "--no-demo")
    assert status == 0, said
    await every_service_answers(folder)

    status, said = await stack("run", folder, "--no-demo")
    assert status == 1
    assert "already runs" in said
    assert "已在运行" in said

    await a_killed_service_comes_back(folder)
    secrets = (folder.root / "secrets.json").read_text()
    os.kill(folder.owner() or 0, signal.SIGKILL)
    status, said = await stack("up", folder, "--no-demo")
    assert status == 0, said
    assert (folder.root / "secrets.json").read_text() == secrets
    await every_service_answers(folder)

    status, said = await stack("status", folder)
    assert status == 0
    assert all(service.name in said for service in SERVICES)

    status, said = await stack("stop", folder)
    assert (status, "stopped" in said) == (0, True)
    assert listening(folder) == []
    status, said = await stack("status", folder)
    assert (status, "make run" in said) == (1, True)

    assert (await stack("clean", folder))[0] == 0
    assert {path.name for path in folder.root.iterdir()} <= {"jars", "lock"}


async def every_service_answers(folder: Folder) -> None:
    known = addresses(folder)
    async with httpx.AsyncClient(trust_env=False) as http:
        for service in SERVICES:
            assert (await http.get(f"{known[f'{service.name}_url']}/livez")).status_code == 200


async def a_killed_service_comes_back(folder: Folder) -> None:
    file = folder.pids / "notification.json"
    killed = json.loads(file.read_text())["pid"]
    psutil.Process(killed).kill()
    url = f"{addresses(folder)['notification_url']}/livez"

    async def back() -> bool:
        with suppress(httpx.HTTPError, FileNotFoundError):
            async with httpx.AsyncClient(trust_env=False) as http:
                return json.loads(file.read_text())["pid"] != killed and (await http.get(url)).is_success
        return False

    await eventually(back, within=300, every=0.5)


async def test_a_taken_port_stops_the_start_with_one_sentence(folder: Folder) -> None:
    taken = ports.usual(folder.root / "ports.json")["feedback"]
    with socket.create_server((ports.LOOPBACK, taken)):
        status, said = await stack("run", folder, "--no-demo")
    assert status == 1
    assert f"Port {taken} (feedback) is taken" in said
    assert "Traceback" not in said
