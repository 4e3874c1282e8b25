import asyncio
from collections.abc import AsyncIterator

import pytest

from kit.testing import Servers
from tests.integration.evidence.rooms import Room, Store, a_room, a_template, store_of


@pytest.fixture(scope="session")
async def store(servers: Servers) -> AsyncIterator[Store]:
    made = store_of(servers)
    await asyncio.to_thread(made.make)
    yield made
    await asyncio.to_thread(made.remove)


@pytest.fixture(scope="session")
async def template(servers: Servers) -> AsyncIterator[str]:
    async with a_template(servers) as name:
        yield name


@pytest.fixture
async def room(servers: Servers, store: Store, template: str) -> AsyncIterator[Room]:
    async with a_room(servers, store, template) as made:
        yield made
