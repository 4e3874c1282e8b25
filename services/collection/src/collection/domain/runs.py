"""A run: one file taken by one mapping, what came of its rows, and how it ended."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Final, NewType
from uuid import UUID

from kit.errors import Refused

RunId = NewType("RunId", UUID)
MOST_UNIT_CODES: Final = 5_000  # remembered of one run, so that a wrong mapping (a unit code a row) does not fill the memory


class RunState(StrEnum):
    RUNNING = "running"
    DONE = "done"
    REFUSED = "refused"  # by a rule or because the file cannot be read; the reason says what to do
    INTERRUPTED = "interrupted"  # the upload broke off or the service stopped; the same file again completes it


class Move(StrEnum):
    FINISH = "finish"
    REFUSE = "refuse"
    INTERRUPT = "interrupt"


MOVES: Final = {
    (RunState.RUNNING, Move.FINISH): RunState.DONE,
    (RunState.RUNNING, Move.REFUSE): RunState.REFUSED,
    (RunState.RUNNING, Move.INTERRUPT): RunState.INTERRUPTED,
    (RunState.INTERRUPTED, Move.FINISH): RunState.DONE,  # a register that was read whole is finished by the next run
}


class RunEnded(Refused):
    """The run is over for this process: another one took its place after it was not seen for too long."""

    def __init__(self) -> None:
        super().__init__("该次采集已被另一次接替, 请重新执行", "this run was taken over by another one: run it again")


class RunUnderWay(Refused):
    """One run a source at a time."""

    def __init__(self, slug: str) -> None:
        super().__init__(
            f"来源 {slug} 正在采集, 请等待其结束 (中断的一分钟后自动失效)",
            f"a run of source {slug} is under way: wait for its end (a broken one gives way after a minute)",
        )


class NoSuchRun(Refused):
    def __init__(self, run: RunId) -> None:
        super().__init__(f"没有采集记录 {run}", f"there is no run {run}: see GET /v1/collections")


class NoSuchMapping(Refused):
    def __init__(self, name: str) -> None:
        super().__init__(
            f"没有映射 {name}, 请先上传", f"there is no mapping {name}: see GET /v1/mappings, or PUT it first", field="mapping"
        )


class SourceNotRegistered(Refused):
    """The source has no topic: registering a source with scoring makes it."""

    def __init__(self, slug: str) -> None:
        super().__init__(
            f"来源 {slug} 尚未登记, 请先登记 (kaohe source)", f"source {slug} is not registered: register it first (kaohe source)"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What came of the rows; `observed` and `withdrawn` are facts that Kafka acknowledged."""

    rows: int = 0
    observed: int = 0
    withdrawn: int = 0
    skipped: int = 0
    rejected: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(
            rows=self.rows + other.rows,
            observed=self.observed + other.observed,
            withdrawn=self.withdrawn + other.withdrawn,
            skipped=self.skipped + other.skipped,
            rejected=self.rejected + other.rejected,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    id: RunId
    mapping: str
    version: int
    slug: str
    file: str
    day: date | None
    started_by: str
    started_at: datetime
    state: RunState = RunState.RUNNING
    reason: str | None = None
    counts: Counts = field(default_factory=Counts)
    units: Mapping[str, int] = field(default_factory=dict)
    ended_at: datetime | None = None

    def moved(self, move: Move, *, now: datetime, reason: str | None = None) -> "Run":
        """Raises `RunEnded` where the run's state has no such move."""
        state = MOVES.get((self.state, move))
        if state is None:
            raise RunEnded
        return replace(self, state=state, ended_at=now, reason=reason)


class UnitCodes:
    """How many rows named which unit code of the source: what an alias table has to know."""

    def __init__(self) -> None:
        self._seen: Counter[str] = Counter()

    def add(self, unit: str | None) -> None:
        if unit is not None and (unit in self._seen or len(self._seen) < MOST_UNIT_CODES):
            self._seen[unit] += 1

    def counted(self) -> dict[str, int]:
        return dict(sorted(self._seen.items()))
