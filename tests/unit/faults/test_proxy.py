"""The proxy of the fault tests, against a server that answers every line with what the test wrote down for it."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from stack.ports import LOOPBACK
from tests.faults.processes.proxy import Proxy

INSERTED = b"C\x00\x00\x00\x0fINSERT 0 1\x00"
COMMITTED = b"C\x00\x00\x00\x0bCOMMIT\x00"
ANSWERS = {b"insert\n": INSERTED, b"commit\n": COMMITTED, b"select\n": b"D"}

Line = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@asynccontextmanager
async def a_proxy(heard: list[bytes]) -> AsyncIterator[Proxy]:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            heard.append(line)
            writer.write(ANSWERS[line])
        writer.close()

    server = await asyncio.start_server(answer, LOOPBACK, 0)
    async with server, Proxy(server.sockets[0].getsockname()[1]) as proxy:
        yield proxy


@asynccontextmanager
async def a_client(proxy: Proxy) -> AsyncIterator[Line]:
    reader, writer = await asyncio.open_connection(LOOPBACK, proxy.port)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()


async def said(line: Line, words: bytes) -> bytes:
    line[1].write(words)
    return await line[0].read(100)


async def test_the_answer_of_a_commit_that_changed_something_is_swallowed_after_the_server_gave_it() -> None:
    heard: list[bytes] = []
    async with a_proxy(heard) as proxy, a_client(proxy) as line:
        proxy.to_swallow = 1
        assert await said(line, b"insert\n") == INSERTED
        assert await said(line, b"commit\n") == b""
    assert heard == [b"insert\n", b"commit\n"]
    assert (proxy.swallowed, proxy.to_swallow) == (1, 0)


async def test_the_answer_of_a_commit_that_changed_nothing_goes_through() -> None:
    async with a_proxy([]) as proxy, a_client(proxy) as line:
        proxy.to_swallow = 1
        assert await said(line, b"select\n") == b"D"
        assert await said(line, b"commit\n") == COMMITTED
    assert proxy.swallowed == 0


async def test_a_cut_connection_is_gone_and_the_next_one_works() -> None:
    async with a_proxy([]) as proxy:
        async with a_client(proxy) as line:
            await said(line, b"select\n")
            assert proxy.cut(random.Random(1), share=1) == 1
            assert await line[0].read() == b""
        async with a_client(proxy) as line:
            assert await said(line, b"select\n") == b"D"


async def test_a_half_closed_connection_ends_one_way_only() -> None:
    heard: list[bytes] = []
    async with a_proxy(heard) as proxy, a_client(proxy) as (reader, writer):
        assert await said((reader, writer), b"select\n") == b"D"
        (connection,) = proxy.connections
        connection.down.end()
        assert await reader.read() == b""
        writer.write(b"insert\n")
        writer.write_eof()
        while proxy.connections:  # noqa: ASYNC110 - until the server has read to the end
            await asyncio.sleep(0.01)
    assert heard == [b"select\n", b"insert\n"]
