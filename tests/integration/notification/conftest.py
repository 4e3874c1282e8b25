import asyncio
from collections.abc import AsyncIterator
from io import StringIO

import pytest

from kit import logs as kit_logs
from kit import migrations
from kit.testing import Servers, fresh_database
from tests.integration.notification.rooms import MIGRATIONS, Room, a_room


@pytest.fixture(scope="session")
async def template(servers: Servers) -> AsyncIterator[str]:
    """A migrated database; the rooms are copies of it, which is quicker than migrating each."""
    async with fresh_database(servers.postgres_url) as url:
        await asyncio.to_thread(migrations.upgrade, MIGRATIONS, url)
        yield url.rpartition("/")[2]


@pytest.fixture
def logs() -> StringIO:
    """All that is logged; ask for it before the room, whose parts take their loggers when they are made."""
    stream = StringIO()
    kit_logs.configure("notification", stream=stream)
    return stream


@pytest.fixture
async def room(servers: Servers, template: str) -> AsyncIterator[Room]:
    async with a_room(servers, template) as made:
        yield made
