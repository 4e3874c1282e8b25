"""`python -m scoring [serve | worker | migrate | recount | adopt SOURCE]`."""

import asyncio
import sys
from pathlib import Path
from typing import Final

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
from scoring.ledger.recount import recount
from scoring.ledger.store.proof import PgRecounts
from scoring.ledger.store.reading import SqlLogs
from scoring.ledger.worker import open_worker
from scoring.settings import ScoringSettings

COMMANDS: Final = "serve, worker, migrate, recount, adopt SOURCE"
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


async def adopt(settings: ScoringSettings, slug: str) -> None:
    """Take the log of a source that is there now for the known one: only after it was made anew on purpose."""
    service = create(settings)
    feed = service.workshop.feed
    try:
        async with feed.connected(), service.workshop.database.transaction() as session:
            await SqlLogs(session, settings.topic_prefix).adopt(slug, await feed.begins(slug))
    finally:
        await service.close()


def main(command: str = "serve", *arguments: str) -> int:
    settings = ScoringSettings()
    configure(SERVICE, settings.log_level)
    match command:
        case "migrate":
            migrations.upgrade(MIGRATIONS, settings.database_url.get_secret_value())
        case "serve":
            asyncio.run(serve(settings))
        case "worker":
            asyncio.run(work(settings))
        case "recount":
            return asyncio.run(recount(PgRecounts(settings.database_url.get_secret_value(), shipped())))
        case "adopt" if arguments:
            asyncio.run(adopt(settings, arguments[0]))
        case _:
            sys.stderr.write(f"no command {command!r}: {COMMANDS} (没有此命令，可用：{COMMANDS})\n")
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
