"""One bureau for all tests of this folder: its servers and processes take a third of a minute to start."""

import asyncio
import logging
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest

from stack.folder import Folder, forget_abandoned
from tests.faults.processes.bureau import Bureau, a_bureau
from tests.faults.processes.readiness import Watcher
from tests.faults.processes.registering import register

logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # the harness's own clients meet every blow too, and say so at length
STACK = Path(__file__).parents[3] / ".stack"


@pytest.fixture(scope="package")
async def bureau() -> AsyncIterator[Bureau]:
    forget_abandoned(STACK, "faults-*")
    folder = Folder(STACK / f"faults-{os.getpid()}")
    try:
        with folder.owned():
            async with a_bureau(folder, STACK / "jars") as made:
                await register(made)
                yield made
    finally:
        shutil.rmtree(folder.root, ignore_errors=True)


@pytest.fixture(autouse=True)
async def readiness_is_true(bureau: Bureau) -> AsyncIterator[Watcher]:
    """Over the whole of each test: never green while nothing moves, never red while all is well."""
    watcher = Watcher(bureau)
    watching = asyncio.create_task(watcher.watch())
    yield watcher
    watching.cancel()
    with suppress(asyncio.CancelledError):
        await watching
    asked = ", ".join(f"{number} {color}" for color, number in sorted(watcher.asked.items()))
    print(f"readiness asked: {asked}; lies: {len(watcher.lies)}", *watcher.lies[:10], sep="\n")
    assert not watcher.lies
