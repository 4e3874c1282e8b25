from collections.abc import AsyncIterator

import pytest

from kit.testing import Servers
from tests.integration.scoring.ledger.edges import Callers, an_edge
from tests.integration.scoring.ledger.rooms import Room, a_room


@pytest.fixture
async def room(servers: Servers) -> AsyncIterator[Room]:
    async with a_room(servers) as made:
        yield made


@pytest.fixture
async def callers(room: Room) -> AsyncIterator[Callers]:
    async with an_edge(room) as made:
        yield made
