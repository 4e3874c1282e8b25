"""Stored traces evaluated again: how many, and each one that does not give its own digits."""

from dataclasses import dataclass, field
from typing import Final

from scoring.appraisal.domain.traces import Trace, difference

MOST_NAMED: Final = 100  # differences that are told one by one; all are counted


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A trace as it is kept in `scores` or `score_history`, with the points beside it."""

    table: str
    score: str
    version: int
    points: str | None
    trace: Trace


@dataclass(slots=True)
class Retrace:
    """What is seen so far; `named` are the first differences in words."""

    seen: dict[str, int] = field(default_factory=dict)
    wrong: int = 0
    named: list[str] = field(default_factory=list)

    def see(self, stored: Stored) -> None:
        self.seen[stored.table] = self.seen.get(stored.table, 0) + 1
        found = difference(stored.trace, stored.points)
        if found is None:
            return
        self.wrong += 1
        if len(self.named) < MOST_NAMED:
            self.named.append(f"{stored.table} {stored.score} (version {stored.version}): {found}")
