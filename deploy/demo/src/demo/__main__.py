"""`python -m demo`: the demonstration bureau, until its year is over or somebody stops it."""

import asyncio
import signal
import sys
from contextlib import suppress

from demo.app import demonstrate
from demo.settings import DemoSettings


async def until_stopped(settings: DemoSettings) -> None:
    """SIGTERM and Ctrl-C end the day where it is: it is worked again at the next start."""
    loop, running = asyncio.get_running_loop(), asyncio.current_task()
    assert running is not None  # noqa: S101 - a coroutine of asyncio.run
    for stop in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(stop, running.cancel)
    with suppress(asyncio.CancelledError):
        await demonstrate(settings)


def main() -> None:
    settings = DemoSettings()
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]  # a real stream has it
    asyncio.run(until_stopped(settings))


if __name__ == "__main__":
    main()
