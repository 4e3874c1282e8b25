"""Real servers for the tests that need them: the environment's, or own ones on free ports, once a run."""

import os
import shutil
from collections.abc import AsyncIterator
from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import settings

from kit.testing import Servers, servers_from_environment
from stack import ports
from stack import servers as stack_servers
from stack.folder import Folder, forget_abandoned

settings.register_profile("kaohe", deadline=None)  # how long an example takes says nothing on a machine that is busy
settings.load_profile("kaohe")

pytest_plugins = ["tests.levels"]

STACK = Path(__file__).parents[1] / ".stack"


@pytest.fixture(scope="session")
async def servers() -> AsyncIterator[Servers]:
    """PostgreSQL, Kafka, S3 and a mail catcher; every test takes a database and a topic prefix of its own."""
    named = servers_from_environment()
    if named is not None:
        yield named
        return
    forget_abandoned(STACK, "test-*")
    folder = Folder(STACK / f"test-{os.getpid()}")
    wanted = stack_servers.Wanted(ports=ports.free(), cache=STACK / "jars", durable=False, heap_mb=384)
    try:
        with folder.owned():
            async with stack_servers.running(folder, wanted, given={}, tell=lambda _: None) as found:
                yield Servers(**{field.name: getattr(found, field.name) for field in fields(Servers)})
    finally:
        shutil.rmtree(folder.root, ignore_errors=True)
