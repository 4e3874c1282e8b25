"""A TCP proxy that misbehaves on request: cuts, delays, half-closes, and swallows the answer of a COMMIT."""

import asyncio
import random
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Final, Self

from stack.ports import LOOPBACK

CHUNK: Final = 1 << 16
# PostgreSQL's CommandComplete: the letter C, a length of four bytes, the command's tag.
WROTE: Final = re.compile(rb"C\x00\x00\x00.(?:INSERT 0|UPDATE|DELETE|COPY) [1-9]", re.DOTALL)
COMMITTED: Final = b"C\x00\x00\x00\x0bCOMMIT\x00"

Watch = Callable[[bytes], bool]
"""Whether the connection has to be cut before these bytes go on."""


@dataclass(slots=True, eq=False)
class Way:
    """One direction of a connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    is_ended: bool = False

    def end(self) -> None:
        """Say that no more bytes will come this way; the other way stays open."""
        if not self.is_ended and not self.writer.is_closing():
            self.is_ended = True
            self.writer.write_eof()


@dataclass(slots=True, eq=False)
class Connection:
    """A client and a server; `wrote` says that a transaction that is open here has changed something."""

    up: Way
    down: Way
    wrote: bool = False

    def cut(self) -> None:
        for way in (self.up, self.down):
            way.writer.transport.abort()

    async def closed(self) -> None:
        for way in (self.up, self.down):
            with suppress(OSError):
                await way.writer.wait_closed()


@dataclass(slots=True)
class Proxy:
    """Listens on a port of its own in front of a server's port, which may be dead for a while."""

    upstream: int
    delay: float = 0
    to_swallow: int = 0
    swallowed: int = 0
    connections: set[Connection] = field(default_factory=set)
    _server: asyncio.Server | None = None
    _serving: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def port(self) -> int:
        assert self._server is not None
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, LOOPBACK, 0)
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        assert self._server is not None
        self._server.close()
        for connection in self.connections:
            connection.cut()
        await asyncio.gather(*self._serving, return_exceptions=True)

    def cut(self, dice: random.Random, *, share: float) -> int:
        """Close that share of the connections at once, both ways; how many they were."""
        chosen = self._some(dice, share)
        for connection in chosen:
            connection.cut()
        return len(chosen)

    def half_close(self, dice: random.Random, *, share: float) -> int:
        """End one of the two ways of that share of the connections, and leave the other open; how many they were."""
        chosen = self._some(dice, share)
        for connection in chosen:
            dice.choice((connection.up, connection.down)).end()
        return len(chosen)

    def _some(self, dice: random.Random, share: float) -> list[Connection]:
        return [connection for connection in self.connections if dice.random() < share]

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)
        try:
            server_reader, server_writer = await asyncio.open_connection(LOOPBACK, self.upstream)
        except OSError:
            writer.transport.abort()
            return
        await self._serve(Connection(up=Way(reader, server_writer), down=Way(server_reader, writer)))

    async def _serve(self, connection: Connection) -> None:
        self.connections.add(connection)
        try:
            await asyncio.gather(
                self._copy(connection.up, lambda _: False), self._copy(connection.down, lambda said: self._swallows(connection, said))
            )
        except OSError:
            connection.cut()
        finally:
            self.connections.discard(connection)
            for way in (connection.up, connection.down):
                way.writer.close()
            await connection.closed()

    async def _copy(self, way: Way, watch: Watch) -> None:
        while chunk := await way.reader.read(CHUNK):
            if self.delay:
                await asyncio.sleep(self.delay)
            if watch(chunk):
                raise ConnectionResetError
            if way.is_ended:
                continue  # nobody listens here any more: what is still said goes nowhere
            way.writer.write(chunk)
            await way.writer.drain()
        way.end()

    def _swallows(self, connection: Connection, said: bytes) -> bool:
        """The server says that a transaction that changed something is committed: its client must never hear of it."""
        connection.wrote = connection.wrote or WROTE.search(said) is not None
        if COMMITTED not in said:
            return False
        wrote, connection.wrote = connection.wrote, False
        if not (wrote and self.to_swallow):
            return False
        self.to_swallow -= 1
        self.swallowed += 1
        return True
