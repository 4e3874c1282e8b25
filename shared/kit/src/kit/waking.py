"""Resting until there is work: at once when this process made it, after a while when another one did."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Final

GLANCE: Final = 0.05  # seconds between glances at what no ring tells of: the business clock


class Bell:
    """Rung when work was committed. Whoever takes the next ring before looking for work, and rests on it after, misses none."""

    def __init__(self) -> None:
        self._next = asyncio.Event()

    def ring(self) -> None:
        rung, self._next = self._next, asyncio.Event()
        rung.set()

    def next_ring(self) -> asyncio.Event:
        return self._next


async def rest(ring: asyncio.Event, *, at_most: float, unless: Callable[[], bool] | None = None) -> None:
    """Until the ring, until `unless` (which is asked often and must be cheap) becomes true, or for `at_most` seconds."""
    now = asyncio.get_running_loop().time
    until = now() + at_most
    while not ring.is_set() and (left := until - now()) > 0 and not (unless and unless()):
        with suppress(TimeoutError):
            async with asyncio.timeout(min(left, GLANCE) if unless else left):
                await ring.wait()
