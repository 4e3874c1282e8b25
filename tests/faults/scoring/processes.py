"""Feed workers as processes of their own, which can be killed and stopped."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

import httpx

from kit.testing import ISSUER, eventually
from stack import ports
from tests.integration.scoring.ledger.rooms import Room


@dataclass(frozen=True, slots=True)
class Process:
    """One `python -m scoring worker`."""

    running: asyncio.subprocess.Process
    port: int

    def send(self, number: signal.Signals) -> None:
        self.running.send_signal(number)

    async def kill(self) -> None:
        """No clean end, no last word."""
        with suppress(ProcessLookupError):
            self.running.kill()
        await self.running.wait()

    async def readiness(self) -> tuple[int, dict[str, str]]:
        async with httpx.AsyncClient() as client:
            try:
                answer = await client.get(f"http://127.0.0.1:{self.port}/readyz")
            except httpx.HTTPError:
                return 0, {}
            return answer.status_code, answer.json()["checks"]

    async def until_ready(self) -> None:
        async def ready() -> bool:
            assert self.running.returncode is None, "the worker ended"
            return (await self.readiness())[0] == httpx.codes.OK

        await eventually(ready, within=90, every=0.3)


@asynccontextmanager
async def a_worker(room: Room, *, instance: str = "") -> AsyncIterator[Process]:
    port = ports.free()["worker"]
    told = {
        "SCORING_ENVIRONMENT": "local",
        "SCORING_DATABASE_URL": room.url,
        "SCORING_KAFKA_BOOTSTRAP": room.servers.kafka_bootstrap,
        "SCORING_TOPIC_PREFIX": room.prefix,
        "SCORING_HTTP_PORT": str(port),
        "SCORING_AUTH_ISSUER": ISSUER,
        "SCORING_AUTH_JWKS_URL": f"{ISSUER}/jwks.json",
        "SCORING_LOG_LEVEL": "ERROR",
    } | ({"SCORING_WORKER_INSTANCE": instance} if instance else {})
    running = await asyncio.create_subprocess_exec(sys.executable, "-m", "scoring", "worker", env=told | {"PATH": os.defpath})
    process = Process(running, port)
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            process.send(signal.SIGCONT)
        await process.kill()
