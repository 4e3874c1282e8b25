"""The feed worker as a process, with what it logs, how much memory it takes, and what it tells about itself."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil

from kit.testing import ISSUER, eventually
from stack import ports
from tests.integration.scoring.ledger.rooms import Room


@dataclass(slots=True)
class Process:
    """One `python -m scoring worker`; `most_memory` is the largest that was seen, in bytes."""

    running: asyncio.subprocess.Process
    port: int
    log: Path
    most_memory: int = 0

    async def get(self, path: str) -> httpx.Response | None:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{self.port}") as client:
            with suppress(httpx.HTTPError):
                return await client.get(path)
        return None

    async def checks(self) -> dict[str, str]:
        answer = await self.get("/readyz")
        found: dict[str, str] = answer.json()["checks"] if answer else {}
        return found

    async def until_ready(self) -> None:
        async def ready() -> bool:
            assert self.running.returncode is None, self.log.read_text()
            found = await self.checks()
            return bool(found) and set(found.values()) == {"ok"}

        await eventually(ready, within=60, every=0.2)

    async def metric(self, line: str) -> str | None:
        """The value behind a name with its labels."""
        answer = await self.get("/metrics")
        found = (one.removeprefix(f"{line} ") for one in (answer.text if answer else "").splitlines() if one.startswith(f"{line} "))
        return next(found, None)

    def errors(self) -> list[dict[str, Any]]:
        lines = (json.loads(line) for line in self.log.read_text().splitlines() if line.startswith("{"))
        return [line for line in lines if line["level"] == "error"]

    async def watch_memory(self) -> None:
        with suppress(psutil.NoSuchProcess):
            process = psutil.Process(self.running.pid)
            while True:
                self.most_memory = max(self.most_memory, process.memory_info().rss)
                await asyncio.sleep(0.1)


def settings_of(room: Room, *, port: int = 0) -> dict[str, str]:
    """What a process of scoring is told."""
    return {
        "SCORING_ENVIRONMENT": "local",
        "SCORING_DATABASE_URL": room.url,
        "SCORING_KAFKA_BOOTSTRAP": room.servers.kafka_bootstrap,
        "SCORING_TOPIC_PREFIX": room.prefix,
        "SCORING_HTTP_PORT": str(port),
        "SCORING_AUTH_ISSUER": ISSUER,
        "SCORING_AUTH_JWKS_URL": f"{ISSUER}/jwks.json",
        "SCORING_LOG_LEVEL": "INFO",
        "PATH": os.defpath,
    }


@asynccontextmanager
async def a_worker(room: Room, folder: Path) -> AsyncIterator[Process]:
    """Killed at the end, without a last word."""
    port = ports.free()["worker"]
    log = folder / f"worker-{port}.log"
    with log.open("w") as out:
        running = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "scoring", "worker", env=settings_of(room, port=port), stdout=out, stderr=out
        )
    process = Process(running, port, log)
    watching = asyncio.create_task(process.watch_memory())
    try:
        yield process
    finally:
        watching.cancel()
        with suppress(ProcessLookupError):
            running.kill()
        await running.wait()
