"""The ledger's `Work` on one session."""

from sqlalchemy.ext.asyncio import AsyncSession

from kit.auth import Principal
from kit.clock import Clock
from scoring.ledger.handlers.work import Feed, Recounts, Work
from scoring.ledger.store.catalogue import SqlCatalogue
from scoring.ledger.store.reading import SqlLogs, SqlQuarantine, SqlReadings


def open_work(session: AsyncSession, caller: Principal, *, feed: Feed, recounts: Recounts, clock: Clock, prefix: str) -> Work:
    return Work(
        catalogue=SqlCatalogue(session),
        readings=SqlReadings(session),
        quarantine=SqlQuarantine(session),
        logs=SqlLogs(session, prefix),
        feed=feed,
        recounts=recounts,
        clock=clock,
        caller=caller,
    )
