"""What the bureau stands on: real servers of its own behind proxies, each of which can be killed and started again."""

import asyncio
import signal
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import psutil

from stack import ports, servers
from stack.folder import Folder
from stack.ports import LOOPBACK
from stack.processes import Crew
from stack.servers import Addresses, Wanted
from tests.faults.processes.proxy import Proxy

FAMILY_PATIENCE: Final = 30.0  # seconds that PostgreSQL's backends may need to notice that their postmaster is dead
SERVICES: Final = ("scoring", "worker", "evidence", "feedback", "notification")


@dataclass(slots=True)
class Ground:
    """`direct` are the servers as the harness itself reaches them; services come by the proxies."""

    crew: Crew
    wanted: Wanted
    direct: Addresses
    databases: dict[str, Proxy]
    kafka: Proxy
    store: Proxy
    _restarting: dict[str, asyncio.Lock] = field(default_factory=dict)

    @property
    def proxies(self) -> list[Proxy]:
        return [*self.databases.values(), self.kafka, self.store]

    def addresses(self, service: str) -> Addresses:
        """The servers as a service is told of them."""
        url = self.direct.postgres_url.replace(f":{self.wanted.ports['postgres']}/", f":{self.databases[service].port}/")
        return replace(
            self.direct,
            postgres_url=url,
            kafka_bootstrap=f"{LOOPBACK}:{self.kafka.port}",
            s3_endpoint=f"http://{LOOPBACK}:{self.store.port}",
        )

    async def restart(self, server: str, how: signal.Signals = signal.SIGKILL) -> float:
        """End a server in this way and start it on what it left; the instant at which it served again."""
        async with self._restarting.setdefault(server, asyncio.Lock()):
            child = next(child for child in self.crew.children if child.program.name == server)
            family = psutil.Process(child.process.pid).children(recursive=True)
            child.process.send_signal(how)
            await child.process.wait()
            # A new postmaster beside backends of the dead one would write the same files twice over.
            await asyncio.to_thread(psutil.wait_procs, family, FAMILY_PATIENCE)
            self.crew.children.remove(child)
            await servers.start_one(server, self.crew, self.wanted, tell=_silent)
            return time.monotonic()

    async def whole(self) -> None:
        """Until no server is being restarted."""
        for lock in list(self._restarting.values()):
            async with lock:
                pass


def _silent(_: str) -> None:
    """A restart has nothing to tell."""


@asynccontextmanager
async def a_ground(folder: Folder, cache: Path) -> AsyncIterator[Ground]:
    """The servers with their proxies for the time of the block."""
    chosen = ports.free()
    crew = Crew(folder)
    async with AsyncExitStack() as stack:
        databases = {name: await stack.enter_async_context(Proxy(chosen["postgres"])) for name in SERVICES}
        kafka, store = [await stack.enter_async_context(Proxy(chosen[name])) for name in ("kafka", "s3")]
        wanted = Wanted(ports=chosen, cache=cache, heap_mb=256, kafka_advertised=kafka.port)
        stack.push_async_callback(crew.stop)
        await servers.launch(crew, wanted, without=set(), tell=_silent)
        yield Ground(crew, wanted, servers.addresses(folder, chosen, {}), databases, kafka, store)
