"""`python -m scoring [serve | worker | migrate]`."""

import asyncio
import sys
from pathlib import Path

from contracts.feed import PLATFORM_SLUG
from contracts.topics import DEAD_LETTERS, FEED_PARTITIONS, FEEDBACK, INTERNAL_PARTITIONS, SCORING, feed_topic
from kit import migrations
from kit.clock import clock_of
from kit.kafka import ensure_topics
from kit.logs import configure
from kit.run import http_server, run
from kit.workdays import shipped
from scoring.app import create
from scoring.appraisal.events import SERVICE
from scoring.ledger.worker import open_worker
from scoring.settings import ScoringSettings

MIGRATIONS = Path(__file__).parents[2] / "migrations"


async def serve(settings: ScoringSettings) -> None:
    prefix = settings.topic_prefix
    await ensure_topics(
        settings.kafka_bootstrap, [prefix + topic for topic in (SCORING, FEEDBACK, DEAD_LETTERS)], partitions=INTERNAL_PARTITIONS
    )
    await ensure_topics(settings.kafka_bootstrap, [prefix + feed_topic(PLATFORM_SLUG)], partitions=FEED_PARTITIONS)
    service = create(settings)
    try:
        await service.prepare()
        await run(service.siblings())
    finally:
        await service.close()


async def work(settings: ScoringSettings) -> None:
    async with open_worker(
        database_url=settings.database_url.get_secret_value(),
        bootstrap=settings.kafka_bootstrap,
        prefix=settings.topic_prefix,
        clock=clock_of(settings.clock_file),
        calendar=shipped(),
        instance=settings.worker_instance,
    ) as worker:
        watch = http_server(worker.watch, host=settings.http_host, port=settings.http_port)
        await run({**worker.siblings, "http": watch})


def main(command: str = "serve") -> int:
    settings = ScoringSettings()
    configure(SERVICE, settings.log_level)
    match command:
        case "migrate":
            migrations.upgrade(MIGRATIONS, settings.database_url.get_secret_value())
        case "serve":
            asyncio.run(serve(settings))
        case "worker":
            asyncio.run(work(settings))
        case _:
            sys.stderr.write(f"no command {command!r}: serve, worker, migrate (没有此命令，可用：serve、worker、migrate)\n")
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
