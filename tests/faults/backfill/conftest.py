from collections.abc import AsyncIterator

import pytest

from kit.testing import Servers
from tests.integration.scoring.ledger.rooms import Room, a_room


@pytest.fixture
async def room(servers: Servers) -> AsyncIterator[Room]:
    async with a_room(servers) as made:
        yield made
