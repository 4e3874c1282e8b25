"""A version's processes on the servers: started as a supervisor would, asked over HTTP, ended by SIGTERM."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from kit.auth import Role
from kit.clock import Pace
from kit.testing import ISSUER, Servers, TestIssuer, eventually
from stack import ports
from tests.faults.upgrade.sources import Source

PATIENCE = 60


@dataclass(frozen=True, slots=True)
class Ground:
    """What both versions stand on: servers, one database, topics of their own, one business clock, one issuer of tokens."""

    servers: Servers
    database_url: str
    prefix: str
    clock: Path
    issuer: TestIssuer
    keys_url: str

    def day(self, morning: datetime) -> None:
        """The business clock stands still at this instant, for all processes from now on."""
        pace = Pace(anchor=datetime(2026, 1, 1, tzinfo=UTC), start=morning, rate=0)
        written = self.clock.with_suffix(".new")
        written.write_text(pace.dumped())
        written.replace(self.clock)

    def environment(self, service: str, source: Source, port: int, more: Mapping[str, str]) -> dict[str, str]:
        told = {
            "environment": "local",
            "database_url": self.database_url,
            "kafka_bootstrap": self.servers.kafka_bootstrap,
            "topic_prefix": self.prefix,
            "clock_file": str(self.clock),
            "http_port": str(port),
            "auth_issuer": ISSUER,
            "auth_jwks_url": self.keys_url,
            "log_level": "ERROR",
        }
        return {f"{service}_{name}".upper(): value for name, value in {**told, **more}.items()} | {
            "PATH": os.defpath,
            "PYTHONPATH": source.path,
        }


@dataclass(frozen=True, slots=True)
class Side:
    """The running processes of one version; `client` asks the one that serves."""

    issuer: TestIssuer
    client: httpx.AsyncClient

    async def ask(self, method: str, path: str, role: Role, units: Sequence[str] = (), **sent: Any) -> Any:  # noqa: ANN401 - what httpx takes and JSON holds
        headers = self.issuer.headers(role, subject=f"{role}-1", units=units) | dict(sent.pop("headers", {}))
        answer = await self.client.request(method, f"/v1{path}", headers=headers, **sent)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None


async def command(ground: Ground, source: Source, service: str, word: str, more: Mapping[str, str]) -> None:
    """`python -m SERVICE WORD` of this version; it has to end well."""
    environment = ground.environment(service, source, 0, more)
    ran = await asyncio.create_subprocess_exec(sys.executable, "-m", service, word, env=environment, stderr=asyncio.subprocess.PIPE)
    _, complaint = await ran.communicate()
    assert ran.returncode == 0, f"{service} {word}: {complaint.decode()[-2000:]}"


@dataclass(slots=True)
class Part:
    """One process, watched by its readiness."""

    running: asyncio.subprocess.Process
    url: str

    async def until_ready(self) -> None:
        async with httpx.AsyncClient(base_url=self.url) as client:

            async def ready() -> bool:
                assert self.running.returncode is None, "it ended while it started"
                try:
                    return (await client.get("/readyz")).is_success
                except httpx.HTTPError:
                    return False

            await eventually(ready, within=PATIENCE, every=0.2)

    async def stop(self) -> None:
        self.running.terminate()
        async with asyncio.timeout(PATIENCE):
            assert await self.running.wait() == 0, "SIGTERM ends a process cleanly"


@asynccontextmanager
async def a_part(environment: Mapping[str, str], service: str, word: str, port: int) -> AsyncIterator[Part]:
    running = await asyncio.create_subprocess_exec(sys.executable, "-m", service, word, env=environment)
    try:
        yield Part(running, f"http://127.0.0.1:{port}")
    finally:
        if running.returncode is None:
            running.kill()
            await running.wait()


@asynccontextmanager
async def a_side(ground: Ground, source: Source, service: str, words: Sequence[str], more: Mapping[str, str]) -> AsyncIterator[Side]:
    """All processes of a version, ready; the first word's is asked. At the end of the block they end by SIGTERM."""
    taken = iter(ports.free().values())
    async with AsyncExitStack() as stack:
        parts: list[Part] = []
        for word in words:
            port = next(taken)
            parts.append(await stack.enter_async_context(a_part(ground.environment(service, source, port, more), service, word, port)))
        await asyncio.gather(*(part.until_ready() for part in parts))
        client = await stack.enter_async_context(httpx.AsyncClient(base_url=parts[0].url, timeout=30))
        yield Side(ground.issuer, client)
        await asyncio.gather(*(part.stop() for part in parts))


@asynccontextmanager
async def keys_served(issuer: TestIssuer) -> AsyncIterator[str]:
    """The address of the issuer's public key, for processes of their own."""
    body = json.dumps(await issuer.keys()).encode()
    head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n".encode()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(head + body)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/jwks.json"
