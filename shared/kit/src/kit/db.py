"""PostgreSQL by SQLAlchemy: an engine with limits, and transactions that end at the edge."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

LONGEST_TRANSACTION_MS: Final = 5_000  # architecture.md §4: a longer one holds locks that others wait for; backfills work in chunks


AFTER_COMMIT: Final = "after_commit"  # where a session keeps what to call


def async_url(url: str) -> str:
    """The asyncpg dialect's spelling of a `postgresql://` address."""
    return url.replace("postgresql://", "postgresql+asyncpg://", 1)


def heed_cancellation() -> None:
    """Raise a cancellation that was swallowed on the way.

    Seen with SQLAlchemy 2.1: while it closes a connection that the server has cut, a cancellation is lost, or hidden by the error
    of the rollback; the loop around it would go on, and SIGTERM would not end the process.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


def after_commit(session: AsyncSession, call: Callable[[], None]) -> None:
    """Call this once when the session's transaction has committed, however often it is asked for; never when it rolls back."""
    session.info.setdefault(AFTER_COMMIT, {})[call] = None


class Database:
    """One service's database; `transaction` is the only way to a session, and whoever opens it commits it."""

    def __init__(self, url: str, *, application: str, pool: int = 10) -> None:
        limits = {"statement_timeout": str(LONGEST_TRANSACTION_MS), "idle_in_transaction_session_timeout": str(LONGEST_TRANSACTION_MS)}
        self.engine = create_async_engine(
            async_url(url),
            pool_size=pool,
            max_overflow=0,
            pool_pre_ping=True,
            hide_parameters=True,  # what a statement carries (addresses, texts, marks) must reach no log by way of an error
            connect_args={"server_settings": limits | {"application_name": application}},
        )
        self._sessions = async_sessionmaker(self.engine, expire_on_commit=False)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """A session whose transaction commits at the end of the block, or rolls back on any error."""
        try:
            async with self._sessions.begin() as session:
                yield session
            for call in session.info.get(AFTER_COMMIT, ()):
                call()
        finally:
            heed_cancellation()

    async def check(self) -> str | None:
        """For readiness: silent when the database answers."""
        async with self.engine.connect() as connection:
            await connection.execute(text("select 1"))
        return None

    async def close(self) -> None:
        await self.engine.dispose()
