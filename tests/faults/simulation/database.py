"""PostgreSQL as the actors see it: real, but each statement waits for its turn, and connections break when the dice say so."""

import asyncio
from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any, Final, Protocol

import asyncpg
from sqlalchemy import event

from kit.db import Database
from tests.faults.simulation.scheduler import Fault, Referee, Scheduler, acting

QUICK: Final = {"deadlock_timeout": "20ms"}  # a deadlock's victim is found at once
AT_A_STATEMENT: Final = (Fault.CRASH, Fault.CUT)
AT_A_COMMIT: Final = (Fault.CRASH, Fault.LOST, Fault.LOST, Fault.CUT)
SILENT: Final = ("BEGIN", ";", "ROLLBACK")  # they touch nothing that another could see


class PreparedStatement(Protocol):
    """What SQLAlchemy asks of asyncpg's."""

    def get_attributes(self) -> object: ...

    def get_statusmsg(self) -> str: ...

    def get_query(self) -> str: ...

    async def fetch(self, *args: object) -> list[Any]: ...


class GatedStatement:
    """A prepared statement as SQLAlchemy uses it."""

    def __init__(self, connection: "GatedConnection", statement: "PreparedStatement") -> None:
        self._connection = connection
        self._statement = statement

    def get_attributes(self) -> object:
        return self._statement.get_attributes()

    def get_statusmsg(self) -> str:
        return self._statement.get_statusmsg()

    async def fetch(self, *args: object) -> list[Any]:
        found: list[Any] = await self._connection.gated(self._statement.get_query(), self._statement.fetch, *args)
        return found


class GatedConnection(asyncpg.Connection):
    """A connection whose every statement passes the gate of whoever speaks."""

    was_cut = False

    def get_reset_query(self) -> str:
        return ""  # nobody leaves anything behind in a session but the relay, which ends it

    async def gated(self, query: str, call: Any, *args: Any, **named: Any) -> Any:  # noqa: ANN401 - whatever asyncpg's method takes and gives
        actor = acting.get()
        if actor is None:
            return await call(*args, **named)
        verb = query.lstrip()[:9].upper()
        ends = verb.startswith("COMMIT")
        if verb.startswith(SILENT):
            fault = None
            if actor.has_crashed:
                await actor.scheduler.turn(actor, verb, ())
        else:
            fault = await actor.scheduler.turn(actor, _shown(query), AT_A_COMMIT if ends else AT_A_STATEMENT)
        if fault is Fault.CUT:
            await self._cut(actor.scheduler)
        found = await self._done(actor.scheduler, ends or verb.startswith("ROLLBACK"), call, *args, **named)
        if ends and actor.says is not None:
            actor.scheduler.commits.append(actor.says)
        if fault is Fault.LOST:
            await self._cut(actor.scheduler)
            raise asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation")
        return found

    async def _done(self, scheduler: Scheduler, lets_go: bool, call: Any, *args: Any, **named: Any) -> Any:  # noqa: ANN401 - as above
        with scheduler.statement(self.get_server_pid(), lets_go=lets_go):
            return await call(*args, **named)

    async def _cut(self, scheduler: Scheduler) -> None:
        self.was_cut = True
        with scheduler.outside():
            await scheduler.referee.terminate([self.get_server_pid()])

    async def execute(self, query: str, *args: object, timeout: float | None = None) -> str:  # noqa: ASYNC109 - asyncpg's parameter
        if args:
            return await super().execute(query, *args, timeout=timeout)
        found: str = await self.gated(query, super().execute, query, timeout=timeout)
        return found

    async def _execute(self, query: Any, *args: Any, **named: Any) -> Any:  # noqa: ANN401 - as asyncpg
        self._watched(query, args[0])
        return await self.gated(query, super()._execute, query, *args, **named)  # type: ignore[misc]  # its types show what is public

    async def _executemany(self, query: str, *args: Any, **named: Any) -> Any:  # noqa: ANN401 - as asyncpg
        return await self.gated(query, super()._executemany, query, *args, **named)  # type: ignore[misc]  # as above

    def _watched(self, query: str, values: Sequence[Any]) -> None:
        actor = acting.get()
        if actor is not None and (found := actor.scheduler.watch(query, values)):
            actor.scheduler.broken.append(found)

    async def prepare(self, query: str, **named: Any) -> Any:  # noqa: ANN401 - as asyncpg
        actor = acting.get()
        if actor is None:
            return GatedStatement(self, await super().prepare(query, **named))
        with actor.scheduler.statement(self.get_server_pid(), lets_go=False):
            return GatedStatement(self, await super().prepare(query, **named))


def _shown(query: str) -> str:
    return " ".join(query.split())[:60]


class Desk:
    """The connections of one actor: kept over histories, as making them costs more than a history, and lost with a crash."""

    def __init__(self, url: str, name: str) -> None:
        self._url = url
        self._open: list[GatedConnection] = []
        self._pool: asyncpg.Pool | None = None
        self.database = Database(url, application=name, pool=4)
        self.database.engine.sync_engine.pool._pre_ping = False  # a dead connection shall be found by the work itself
        event.listen(self.database.engine.sync_engine, "do_connect", self._gate)

    async def pool(self) -> asyncpg.Pool:
        """Raw asyncpg."""
        if self._pool is None:
            self._pool = await asyncpg.create_pool(
                self._url,
                min_size=0,
                max_size=5,
                max_inactive_connection_lifetime=0,
                connect=self._connect,
                connection_class=GatedConnection,
            )
        return self._pool

    async def warm(self) -> None:
        """What SQLAlchemy asks once at an engine's first connection shall be no part of a history."""
        await self.database.check()
        await (await self.pool()).execute("select 1")

    def tidy(self) -> None:
        """Leave no dead connection to the next history: each begins as if it were the first."""
        if any(one.was_cut for one in self._open):
            self.forget()

    def pids(self) -> list[int]:
        return [one.get_server_pid() for one in self._open if not one.is_closed()]

    def forget(self) -> None:
        self.database.engine.sync_engine.dispose(close=False)
        for one in self._open:
            one.terminate()
        self._open.clear()
        if self._pool is not None:
            self._pool.terminate()
            self._pool = None

    async def close(self) -> None:
        self.forget()
        await self.database.close()

    def _gate(self, _dialect: object, _record: object, _args: object, named: dict[str, Any]) -> None:
        named["async_creator_fn"] = self._connect

    async def _connect(self, *args: Any, **named: Any) -> GatedConnection:  # noqa: ANN401 - as asyncpg
        """Making a connection is nobody's step."""
        named["server_settings"] = QUICK | dict(named.get("server_settings", {}))
        named["connection_class"] = GatedConnection
        actor = acting.get()
        with actor.scheduler.outside() if actor is not None else nullcontext():
            made: GatedConnection = await asyncpg.connect(*args, **named)
        self._open.append(made)
        return made


class PgReferee(Referee):
    """Looks at PostgreSQL from outside of the history."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self._connection = connection
        self._one = asyncio.Lock()

    async def blockers(self, pids: Sequence[int]) -> dict[int, list[int]]:
        async with self._one:
            rows = await self._connection.fetch("select pid, pg_blocking_pids(pid) as by from unnest($1::int[]) pid", list(pids))
        return {row["pid"]: row["by"] for row in rows}

    async def terminate(self, pids: Sequence[int]) -> None:
        async with self._one:
            await self._connection.execute("select pg_terminate_backend(pid, 2000) from unnest($1::int[]) pid", list(pids))

    async def fetch(self, query: str, *args: object) -> list[Any]:
        async with self._one:
            return await self._connection.fetch(query, *args)

    async def execute(self, query: str, *args: object) -> None:
        async with self._one:
            await self._connection.execute(query, *args)
