import asyncio

from kit import migrations
from tests.integration.evidence.rooms import MIGRATIONS, Room


async def test_the_migrations_make_the_tables_that_the_code_knows(room: Room) -> None:
    await asyncio.to_thread(migrations.check, MIGRATIONS, room.settings.database_url.get_secret_value())
