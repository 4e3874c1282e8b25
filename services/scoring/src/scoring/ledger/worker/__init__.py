"""The feed worker: a process of its own, as many as there are partitions."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Final

import asyncpg
from fastapi import FastAPI

from kit.clock import Clock
from kit.db import LONGEST_TRANSACTION_MS
from kit.health import Health
from kit.http import create_app
from kit.metrics import Metrics
from kit.reader import PartitionReader
from kit.run import Sibling
from scoring.ledger.domain.contributions import WorkingDays
from scoring.ledger.store.backfilling import Backfiller
from scoring.ledger.store.sources import PgPositions
from scoring.ledger.worker.besides import backfill_for_ever, compare_for_ever, count_for_ever, refold_for_ever
from scoring.ledger.worker.feed import FeedWorker
from scoring.ledger.worker.metrics import METRICS

CONNECTIONS: Final = 7  # the batch, its reader's positions, a count, a backfill, a refold, a comparison, health


@dataclass(frozen=True, slots=True)
class Worker:
    """A worker's siblings for `kit.run`, and the application that watches it."""

    siblings: dict[str, Sibling]
    watch: FastAPI


@asynccontextmanager
async def open_worker(
    *, database_url: str, bootstrap: str, prefix: str, clock: Clock, calendar: WorkingDays, instance: str | None = None
) -> AsyncIterator[Worker]:
    """Everything the worker stands on; `instance` is the name of a static member of the consumer group."""
    async with open_pool(database_url) as pool:
        metrics = Metrics(METRICS)
        reader = PartitionReader(
            bootstrap=bootstrap,
            group=f"{prefix}scoring-worker",
            positions=PgPositions(pool),
            instance=instance,
            adopting="python -m scoring adopt",
        )
        feed = FeedWorker(pool, reader, clock=clock, calendar=calendar, metrics=metrics, prefix=prefix)
        health = Health({"database": partial(_answers, pool), "log": reader.check, "sources": feed.check})
        siblings: dict[str, Sibling] = {
            "feed": feed.run,
            "counting": partial(count_for_ever, pool, calendar),
            "backfilling": partial(backfill_for_ever, pool, Backfiller(calendar), metrics=metrics),
            "refolding": partial(refold_for_ever, pool, calendar, clock),
            "reconciling": partial(compare_for_ever, pool, reader, clock=clock, metrics=metrics),
        }
        watch = create_app(
            title="Scoring's feed worker",
            description="Health and metrics of the process that takes facts.",
            routers=(),
            problems={},
            edge=None,
            health=health,
            metrics=metrics,
        )
        yield Worker(siblings, watch)


@asynccontextmanager
async def open_pool(database_url: str) -> AsyncIterator[asyncpg.Pool]:
    """Raw asyncpg, with the limits of architecture.md §4: a worker that stops inside a transaction must not hold its locks for ever."""
    limits = {"statement_timeout": str(LONGEST_TRANSACTION_MS), "idle_in_transaction_session_timeout": str(LONGEST_TRANSACTION_MS)}
    settings = limits | {"application_name": "scoring-worker"}
    async with asyncpg.create_pool(database_url, min_size=1, max_size=CONNECTIONS, server_settings=settings) as pool:
        yield pool


async def _answers(pool: asyncpg.Pool) -> str | None:
    await pool.execute("select 1")
    return None
