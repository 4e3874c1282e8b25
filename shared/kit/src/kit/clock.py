"""What time it is: passed in everywhere, so that deadlines, tests and the demonstration share one notion of now."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Protocol


class Clock(Protocol):
    def now(self) -> datetime:
        """The present instant, aware, in UTC."""


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)  # noqa: TID251 - the one place that asks the machine


@dataclass(frozen=True, slots=True)
class Pace:
    """Business time that was `start` at the system instant `anchor` and passes `rate` times as fast as system time."""

    anchor: datetime
    start: datetime
    rate: float

    def at(self, instant: datetime) -> datetime:
        return self.start + timedelta(seconds=(instant - self.anchor).total_seconds() * self.rate)

    def dumped(self) -> str:
        return json.dumps({"anchor": self.anchor.isoformat(), "start": self.start.isoformat(), "rate": self.rate})

    @classmethod
    def loaded(cls, text: str) -> "Pace":
        raw = json.loads(text)
        return cls(
            anchor=datetime.fromisoformat(raw["anchor"]).astimezone(UTC),
            start=datetime.fromisoformat(raw["start"]).astimezone(UTC),
            rate=float(raw["rate"]),
        )


class FileClock:
    """The business clock of the local stack: one file is the truth for all processes, read again whenever it was replaced.

    Whoever changes the pace writes the file anew and renames it into place; production settings refuse this clock.
    """

    def __init__(self, path: Path, system: Clock) -> None:
        self._path = path
        self._system = system
        self._seen = (0, 0)
        self._pace = Pace.loaded(path.read_text())

    def now(self) -> datetime:
        status = self._path.stat()
        if (status.st_mtime_ns, status.st_ino) != self._seen:
            self._pace = Pace.loaded(self._path.read_text())
            self._seen = (status.st_mtime_ns, status.st_ino)
        return self._pace.at(self._system.now())


def clock_of(path: Path | None) -> Clock:
    """The business clock that stands in a file, or else the system's."""
    system = SystemClock()
    return FileClock(path, system) if path else system


def today(clock: Clock, zone: tzinfo) -> date:
    """The date in the bureau's zone."""
    return clock.now().astimezone(zone).date()


def turning(day: Callable[[], date]) -> Callable[[], bool]:
    """Tells whether the day has become another one since this was called."""
    began = day()
    return lambda: day() != began
