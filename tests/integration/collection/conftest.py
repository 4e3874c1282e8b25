from collections.abc import AsyncIterator

import pytest

from kit.testing import Servers
from tests.integration.collection.rooms import Room, a_room, a_template


@pytest.fixture(scope="session")
async def collection_template(servers: Servers) -> AsyncIterator[str]:
    async with a_template(servers) as name:
        yield name


@pytest.fixture
async def room(servers: Servers, collection_template: str) -> AsyncIterator[Room]:
    async with a_room(servers, collection_template, "cases", "register") as made:
        yield made
