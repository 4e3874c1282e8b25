"""A process: HTTP, consumers, relay and timers as siblings; if one fails, all stop and the supervisor starts anew."""

import asyncio
import contextlib
import signal
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Final

import uvicorn
from fastapi import FastAPI

from kit.logs import logger

GRACE: Final = 5  # seconds that open requests have to end

Sibling = Callable[[], Awaitable[None]]


class _Stopped(Exception):
    pass


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to `run`: uvicorn would raise SIGTERM again after its own clean end."""
        yield


def http_server(app: FastAPI, *, host: str, port: int) -> Sibling:
    """A sibling that serves the application until it is cancelled, and then lets open requests end."""

    async def serve() -> None:
        config = uvicorn.Config(app, host=host, port=port, log_config=None, timeout_graceful_shutdown=GRACE, lifespan="on")
        server = _Server(config)
        serving = asyncio.ensure_future(server.serve())
        try:
            await asyncio.shield(serving)
        except asyncio.CancelledError:
            server.should_exit = True
            await serving
            raise

    return serve


async def run(siblings: Mapping[str, Sibling]) -> None:
    """Run them all until SIGTERM or SIGINT (then return) or until one fails or ends by itself (then raise)."""
    log = logger("kit.run")
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)

    async def until_stopped() -> None:
        await stop.wait()
        raise _Stopped

    async def guarded(name: str, sibling: Sibling) -> None:
        await sibling()
        message = f"{name} ended by itself"
        raise RuntimeError(message)

    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(until_stopped(), name="signals")
            for name, sibling in siblings.items():
                group.create_task(guarded(name, sibling), name=name)
    except* _Stopped:
        log.info("stopped")
