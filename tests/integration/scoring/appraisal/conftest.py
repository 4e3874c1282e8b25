from collections.abc import AsyncIterator

import pytest

from kit.testing import Servers
from tests.integration.scoring.appraisal.rooms import Room, a_room, a_template


@pytest.fixture(scope="session")
async def template(servers: Servers) -> AsyncIterator[str]:
    async with a_template(servers) as made:
        yield made


@pytest.fixture
async def room(servers: Servers, template: str) -> AsyncIterator[Room]:
    async with a_room(servers, template) as made:
        yield made
