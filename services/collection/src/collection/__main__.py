"""`python -m collection [serve | migrate]`."""

import asyncio
import sys
from pathlib import Path

from collection.app import SERVICE, create
from collection.settings import Settings
from kit import migrations
from kit.logs import configure
from kit.run import run

MIGRATIONS = Path(__file__).parents[2] / "migrations"


async def serve(settings: Settings) -> None:
    service = create(settings)
    try:
        await run(service.siblings)
    finally:
        await service.database.close()


def main(command: str = "serve") -> int:
    settings = Settings()
    configure(SERVICE, settings.log_level)
    match command:
        case "migrate":
            migrations.upgrade(MIGRATIONS, settings.database_url.get_secret_value())
        case "serve":
            asyncio.run(serve(settings))
        case _:
            sys.stderr.write(f"no command {command!r}: serve, migrate (没有此命令，可用：serve、migrate)\n")
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
