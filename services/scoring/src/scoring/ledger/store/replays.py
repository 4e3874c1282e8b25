"""What was asked to be replayed, for the one process that sends it."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Final

from sqlalchemy import select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from kit.db import Database
from scoring.ledger.handlers.work import Outgoing
from scoring.ledger.store.tables import ASKED, REPLAYED, quarantine

LOCK: Final = {"space": 0x6B616F71, "one": 0}


class SqlReplays:
    """On a connection where each statement commits by itself: nothing is held while Kafka answers."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def asked(self, *, most: int) -> Sequence[int]:
        chosen = select(quarantine.c.id).where(quarantine.c.state == ASKED).order_by(quarantine.c.id).limit(most)
        return (await self._connection.execute(chosen)).scalars().all()

    async def message(self, asked: int) -> Outgoing | None:
        chosen = select(quarantine).where(quarantine.c.id == asked, quarantine.c.state == ASKED)
        row = (await self._connection.execute(chosen)).one_or_none()
        if row is None:
            return None
        headers = [(name, bytes.fromhex(content)) for name, content in row.headers]
        return Outgoing(slug=row.source, key=row.key, value=row.value, headers=headers)

    async def sent(self, asked: int) -> None:
        """The worker may have applied it, or set it aside again, before this: its word stands."""
        here = update(quarantine).where(quarantine.c.id == asked, quarantine.c.state == ASKED)
        await self._connection.execute(here.values(state=REPLAYED))


@asynccontextmanager
async def replays(database: Database) -> AsyncIterator[SqlReplays | None]:
    """For one holder at a time, by an advisory lock that ends with its connection; nothing while another holds it."""
    async with database.engine.connect() as pooled:
        connection = await pooled.execution_options(isolation_level="AUTOCOMMIT")
        try:
            is_mine = (await connection.execute(text("select pg_try_advisory_lock(:space, :one)"), LOCK)).scalar_one()
            yield SqlReplays(connection) if is_mine else None
        except BaseException:
            await pooled.invalidate()  # back in the pool it could keep the lock
            raise
        if is_mine:
            await connection.execute(text("select pg_advisory_unlock(:space, :one)"), LOCK)
