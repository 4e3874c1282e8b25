"""`python -m scoring [serve | worker | migrate | recount | adopt SOURCE]`."""

import sys
from functools import partial
from pathlib import Path
from typing import Final

from contracts.feed import PLATFORM_SLUG
from contracts.topics import DEAD_LETTERS, FEED_PARTITIONS, FEEDBACK, SCORING, feed_topic
from kit.clock import clock_of
from kit.commands import Command, command_line, ensure_internal_topics, migrate, serve_until_stopped
from kit.kafka import ensure_topics
from kit.run import http_server, run
from kit.workdays import shipped
from scoring.app import create
from scoring.appraisal.events import SERVICE
from scoring.ledger.recount import recount
from scoring.ledger.store.proof import PgRecounts
from scoring.ledger.store.reading import SqlLogs
from scoring.ledger.worker import open_worker
from scoring.settings import ScoringSettings

MIGRATIONS: Final = Path(__file__).parents[2] / "migrations"
TOPICS: Final = (SCORING, FEEDBACK, DEAD_LETTERS)


async def serve(settings: ScoringSettings) -> None:
    await ensure_internal_topics(settings, TOPICS)
    platform = settings.topic_prefix + feed_topic(PLATFORM_SLUG)
    await ensure_topics(settings.kafka_bootstrap, [platform], partitions=FEED_PARTITIONS)
    service = create(settings)
    await service.prepare()
    await serve_until_stopped(service)


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


async def recount_all(settings: ScoringSettings) -> int:
    return await recount(PgRecounts(settings.database_url.get_secret_value(), shipped()))


async def adopt(settings: ScoringSettings, slug: str) -> None:
    """Take the log of a source that is there now for the known one: only after it was made anew on purpose."""
    service = create(settings)
    feed = service.workshop.feed
    try:
        async with feed.connected(), service.database.transaction() as session:
            await SqlLogs(session, settings.topic_prefix).adopt(slug, await feed.begins(slug))
    finally:
        await service.database.close()


COMMANDS: Final = {
    "serve": Command(ScoringSettings, serve),
    "worker": Command(ScoringSettings, work),
    "migrate": Command(ScoringSettings, partial(migrate, folder=MIGRATIONS)),
    "recount": Command(ScoringSettings, recount_all),
    "adopt": Command(ScoringSettings, adopt, takes=("SOURCE",)),
}

if __name__ == "__main__":
    sys.exit(command_line(SERVICE, COMMANDS, sys.argv[1:]))
