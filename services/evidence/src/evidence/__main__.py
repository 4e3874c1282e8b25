"""`python -m evidence [serve | migrate | buckets | check]`."""

import asyncio
import sys
from pathlib import Path

from contracts.topics import EVIDENCE, INTERNAL_PARTITIONS
from evidence.app import SERVICE, create, prepare_buckets
from evidence.settings import BucketSettings, EvidenceSettings
from kit import migrations
from kit.kafka import ensure_topics
from kit.logs import configure
from kit.run import run

MIGRATIONS = Path(__file__).parents[2] / "migrations"


async def serve(settings: EvidenceSettings) -> None:
    await ensure_topics(settings.kafka_bootstrap, [settings.topic_prefix + EVIDENCE], partitions=INTERNAL_PARTITIONS)
    service = create(settings)
    try:
        await run(service.siblings)
    finally:
        await service.database.close()


async def check(settings: EvidenceSettings) -> int:
    """Read every accepted file again now; how many are damaged."""
    service = create(settings.model_copy(update={"integrity_hours": 0}))
    try:
        return await service.integrity.round()
    finally:
        await service.database.close()


def main(command: str = "serve") -> int:
    if command == "buckets":
        prepare_buckets(BucketSettings())
        return 0
    settings = EvidenceSettings()
    configure(SERVICE, settings.log_level)
    match command:
        case "migrate":
            migrations.upgrade(MIGRATIONS, settings.database_url.get_secret_value())
        case "check":
            return 1 if asyncio.run(check(settings)) else 0
        case "serve":
            asyncio.run(serve(settings))
        case _:
            sys.stderr.write(f"no command {command!r}: serve, migrate, buckets, check (没有此命令，可用：serve、migrate、buckets、check)\n")
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
