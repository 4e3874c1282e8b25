"""An event loop whose time is the scheduler's: nothing ever waits for a clock, only for PostgreSQL."""

import asyncio
import selectors
from collections.abc import Callable
from types import ModuleType
from typing import Final, Protocol

BEGIN: Final = 1_000_000.0  # seconds of the simulated monotonic clock at the start of a process
Events = list[tuple[selectors.SelectorKey, int]]


class Real(Protocol):
    """What the loop is told when nothing in Python is left to run."""

    def patience(self) -> float | None:
        """Seconds to wait for PostgreSQL; `None` when nothing of it is under way."""

    def silent(self) -> None:
        """PostgreSQL said nothing for so long."""

    def decide(self) -> bool:
        """Let somebody go on; false when time has to pass."""


class SimulatedSelector(selectors.DefaultSelector):
    """Asked by the loop for events; it is called with no time to wait exactly while something in Python is left to run."""

    def __init__(self) -> None:
        super().__init__()
        self.real: Real | None = None
        self.advance: Callable[[float], None] = lambda _: None

    def select(self, timeout: float | None = None) -> Events:
        events = super().select(0)
        if events or timeout == 0:
            return events
        if self.real is None:
            return self._as_in_life(timeout)
        patience = self.real.patience()
        if patience is not None:
            return self._answer(patience)
        if self.real.decide():
            return []
        return self._as_in_life(None) if timeout is None else self._passed(timeout)

    def _passed(self, seconds: float) -> Events:
        self.advance(seconds)
        return []

    def _as_in_life(self, timeout: float | None) -> Events:
        """Outside of histories: databases are made, and nobody sleeps for long."""
        events = super().select(timeout)
        return events or self._passed(timeout or 0)

    def _answer(self, patience: float) -> Events:
        assert self.real is not None
        events = super().select(patience)
        if not events:
            self.real.silent()
        return events


class SimulatedLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._now = BEGIN
        self.selector = SimulatedSelector()
        self.selector.advance = self._advance
        super().__init__(self.selector)

    def time(self) -> float:
        return self._now

    def begin_anew(self) -> None:
        """Each history begins at the same instant: sums of floats would differ."""
        self._now = BEGIN

    def _advance(self, seconds: float) -> None:
        self._now += seconds


class SimulatedClock(ModuleType):
    """Stands where the code under test has the module `time`."""

    def __init__(self, loop: SimulatedLoop) -> None:
        super().__init__("time")
        self._loop = loop

    def monotonic(self) -> float:
        return self._loop.time()

    def time_ns(self) -> int:
        return int(self._loop.time() * 1e9)
