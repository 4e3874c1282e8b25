"""`python -m feedback [serve | migrate]`."""

import asyncio
import sys
from pathlib import Path

from contracts.topics import DEAD_LETTERS, EVIDENCE, FEEDBACK, INTERNAL_PARTITIONS, SCORING
from feedback.app import SERVICE, create
from feedback.settings import FeedbackSettings
from kit import migrations
from kit.kafka import ensure_topics
from kit.logs import configure
from kit.run import run

MIGRATIONS = Path(__file__).parents[2] / "migrations"


async def serve(settings: FeedbackSettings) -> None:
    topics = [settings.topic_prefix + topic for topic in (SCORING, EVIDENCE, FEEDBACK, DEAD_LETTERS)]
    await ensure_topics(settings.kafka_bootstrap, topics, partitions=INTERNAL_PARTITIONS)
    service = create(settings)
    try:
        await run(service.siblings())
    finally:
        await service.database.close()


def main(command: str = "serve") -> int:
    settings = FeedbackSettings()
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
