"""What `python -m scoring` does with the service: `serve`, `worker`, `migrate` and the commands beside them."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Final

from contracts.feed import PLATFORM_SLUG
from contracts.topics import DEAD_LETTERS, EVIDENCE, FEED_PARTITIONS, FEED_PREFIX, FEEDBACK, INTERNAL_PARTITIONS, SCORING, feed_topic
from kit.clock import clock_of
from kit.commands import Command, command_line, ensure_internal_topics, migrate, serve_until_stopped
from kit.db import Database
from kit.kafka import ensure_topics
from kit.restoring import adopt_topic, beginnings, carried_out, restoring_commands
from kit.run import http_server, run
from kit.workdays import shipped
from scoring.appraisal.events import SERVICE
from scoring.appraisal.store.tables import PLUMBING
from scoring.ledger.handlers.registering import source_of
from scoring.ledger.recount import recount
from scoring.ledger.store.catalogue import SqlCatalogue
from scoring.ledger.store.proof import PgRecounts
from scoring.ledger.store.reading import SqlLogs
from scoring.ledger.worker import open_worker
from scoring.settings import ScoringSettings

MIGRATIONS: Final = Path(__file__).parents[2] / "migrations"
TOPICS: Final = (SCORING, FEEDBACK, EVIDENCE, DEAD_LETTERS)
HEARD: Final = (FEEDBACK, EVIDENCE)
SAID: Final = {SCORING: INTERNAL_PARTITIONS, feed_topic(PLATFORM_SLUG): FEED_PARTITIONS}


async def serve(settings: ScoringSettings) -> None:
    from scoring.app import create  # noqa: PLC0415 - the worker needs none of it, and starts again in a second less

    await ensure_internal_topics(settings, TOPICS)
    platform = settings.topic_prefix + feed_topic(PLATFORM_SLUG)
    await ensure_topics(settings.kafka_bootstrap, [platform], partitions=FEED_PARTITIONS, replicas=settings.kafka_replicas)
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
        instance=settings.instance,
    ) as worker:
        watch = http_server(worker.watch, host=settings.http_host, port=settings.http_port)
        await run({**worker.siblings, "http": watch})


async def recount_all(settings: ScoringSettings) -> int:
    return await recount(PgRecounts(settings.database_url.get_secret_value(), shipped()))


async def retrace_all(settings: ScoringSettings, cycle: str | None = None) -> int:
    from scoring.appraisal.retracing import retrace  # noqa: PLC0415 - the worker needs none of it
    from scoring.appraisal.store.retraces import PgRetraces  # noqa: PLC0415

    return await retrace(PgRetraces(settings.database_url.get_secret_value()), cycle)


async def adopt(settings: ScoringSettings, name: str) -> int:
    """A topic between services as everywhere; a source's by its topic or its slug."""
    topic = name.removeprefix(settings.topic_prefix)
    if topic in HEARD:
        return await adopt_topic(settings, topic, tables=PLUMBING)
    return await carried_out(settings, partial(adopted_feed, told=settings, slug=topic.removeprefix(FEED_PREFIX)))


async def adopted_feed(database: Database, *, told: ScoringSettings, slug: str) -> str:
    async with database.transaction() as session:
        await source_of(slug, catalogue=SqlCatalogue(session))
    begins = await beginnings(told.kafka_bootstrap, told.topic_prefix + feed_topic(slug))
    async with database.transaction() as session:
        await SqlLogs(session, told.topic_prefix).adopt(slug, begins)
    return f"{slug}: will be read from its beginning / 已认可新日志，将从头读取，已计入的不会重复"


COMMANDS: Final = {
    "serve": Command(ScoringSettings, serve),
    "worker": Command(ScoringSettings, work),
    "migrate": Command(ScoringSettings, partial(migrate, folder=MIGRATIONS)),
    "recount": Command(ScoringSettings, recount_all),
    "retrace": Command(ScoringSettings, retrace_all, may_take=("CYCLE",)),
    **restoring_commands(ScoringSettings, PLUMBING, says=SAID),
    "adopt": Command(ScoringSettings, adopt, takes=("TOPIC",)),
}


def carry_out(arguments: Sequence[str]) -> int:
    """The status for the process to end with."""
    return command_line(SERVICE, COMMANDS, arguments)
