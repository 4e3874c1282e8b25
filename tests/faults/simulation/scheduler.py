"""Who goes next, and what happens to him: one dice decides the whole history.

Every actor is a process as `kit.run` would start it, in a task of this loop. Whatever it does outside of itself (a statement, a
fetch, a send) first waits at a gate for its turn. Only when everybody stands at a gate, sleeps, or waits for a lock that another
one holds, the dice choose whom to let go, and whether his step is his last (crash), fails (the connection is cut before it) or
succeeds without his learning it (the answer is lost). A statement counts as waiting for a lock when PostgreSQL says so
(`pg_blocking_pids`). One integer gives the same history again, with these limits: several statements that wait for one lock go on
in the order of PostgreSQL's queue; a deadlock's victim is PostgreSQL's choice; and a plan that changes with the statistics may
touch rows in another order. None of them is decided by chance in the code under test.

A deadlock breaks no promise by itself: sorted rows make them rare, and the worker takes its batch again. One way is left: a batch
that met no record to lock, writes its fact ids, and then finds that the record was made and is locked by another batch, which in
turn waits for the same fact id.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from enum import StrEnum
from random import Random
from typing import Any, Final, Protocol
from zlib import crc32

import asyncpg
from aiokafka.errors import KafkaError
from sqlalchemy.exc import DBAPIError

PATIENCE: Final = 0.002  # real seconds of silence after which PostgreSQL is asked who waits for whom
LONG_PATIENCE: Final = 5.0  # real seconds for what is not an actor's statement: connections, questions of the judge
MOST_STEPS: Final = 6_000  # of a history: one that takes more does not come to rest
CLASSES: Final = 8
HUNTED: Final = 0.25  # how likely a step of the prey goes wrong
SELDOM: Final = 0.002  # how likely another one does
OVERTAKEN: Final = 0.9  # how likely a slow step waits for the others
LINGERING: Final = 0.3  # how likely time passes while only slow steps are left
MOST_LIVES: Final = 12  # of an actor: a process that ends again and again does not recover
OUTSIDE: Final = (OSError, TimeoutError, KafkaError, DBAPIError, asyncpg.PostgresError, asyncpg.InterfaceError)  # what may end a process


class Fault(StrEnum):
    CRASH = "crash"  # the process ends before the step
    CUT = "cut"  # the connection ends before the step
    LOST = "lost"  # the step is done, its answer lost with the connection


class Crashed(BaseException):
    """The process has ended: nothing more of it runs."""


class Referee(Protocol):
    """A connection of its own to PostgreSQL."""

    async def blockers(self, pids: Sequence[int]) -> dict[int, list[int]]:
        """For each backend the ones that it waits for; none when it works."""

    async def terminate(self, pids: Sequence[int]) -> None:
        """End these backends, and wait until they have let go of everything."""


class Belongings(Protocol):
    """The connections of a process."""

    def pids(self) -> list[int]: ...

    def forget(self) -> None:
        """They are closed already; the next life makes new ones."""


@dataclass(eq=False, slots=True)
class Actor:
    """One life of a process; `says` is what a history wants to remember at its next commit, `dice` are its own."""

    name: str
    scheduler: "Scheduler"
    belongings: Belongings
    has_crashed: bool = False
    says: object = None
    dice: Random = field(default_factory=Random)
    tasks: list[asyncio.Task[Any]] = field(default_factory=list)

    def spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """A task of the process beside its main one; to be called from inside the process."""
        task = asyncio.ensure_future(work)
        self.tasks.append(task)
        return task


Process = Callable[[], Coroutine[Any, Any, None]]
acting: ContextVar[Actor | None] = ContextVar("acting", default=None)


def myself() -> Actor:
    """Who acts, inside of a process."""
    actor = acting.get()
    assert actor is not None
    return actor


@dataclass(eq=False, slots=True)
class Gate:
    actor: Actor
    what: str
    faults: Sequence[Fault]
    open: asyncio.Future[Fault | None]


@dataclass(eq=False, slots=True)
class Statement:
    """Under way in PostgreSQL."""

    pid: int
    is_blocked: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """How rough a history is; drawn from its seed.

    Steps fall in classes by what they do. Those of one class, the prey, often go wrong in this history; those of another one are
    slow, so that others overtake them: this way rare steps have their turn to be the ones that matter.
    """

    faults: int
    prey: int
    slow: int
    stubborn: float  # how likely the same actor goes on
    idling: float  # how likely time passes although somebody could go on
    mischief: float

    @classmethod
    def drawn(cls, dice: Random) -> "Plan":
        return cls(
            faults=dice.choice([0, 1, 1, 2, 3]),
            prey=dice.randrange(CLASSES),
            slow=dice.randrange(CLASSES),
            stubborn=dice.choice([0, 0, 0.5, 0.8]),
            idling=dice.choice([0, 0.02]),
            mischief=dice.choice([0.01, 0.03]),
        )

    def likelihood(self, step: str) -> float:
        return HUNTED if _class(step) == self.prey else SELDOM

    def is_slow(self, step: str) -> bool:
        return _class(step) == self.slow


def _class(step: str) -> int:
    return crc32(step.encode()) % CLASSES


class Scheduler:
    """One history's; see the module."""

    def __init__(self, seed: int, referee: Referee) -> None:
        self.seed = seed
        self.dice = Random(seed)
        self.plan = Plan.drawn(self.dice)
        self.referee = referee
        self.faults: Counter[Fault] = Counter()
        self.broken: list[str] = []
        self.mischief: list[Callable[[], None]] = []
        self.told: list[str] = []
        self.watch: Callable[[str, Sequence[Any]], str | None] = lambda _query, _values: None
        self.commits: list[Any] = []
        self.steps = 0
        self._gates: list[Gate] = []
        self._statements: list[Statement] = []
        self._outside = 0
        self._asking: asyncio.Task[None] | None = None
        self._last: Actor | None = None
        self._over = False
        self._lives: list[asyncio.Task[None]] = []

    # What the loop asks.

    def patience(self) -> float | None:
        if self._outside:
            return LONG_PATIENCE
        return PATIENCE if any(not statement.is_blocked for statement in self._statements) else None

    def silent(self) -> None:
        if self._outside:
            self.broken.append(f"PostgreSQL said nothing for {LONG_PATIENCE} s")
            self._over = True
        elif self._asking is None:
            self._asking = asyncio.ensure_future(self._ask())

    def decide(self) -> bool:
        if self._over or not self._gates or self.dice.random() < self._idling():
            return False
        self.steps += 1
        if self.steps > MOST_STEPS:
            self.broken.append(f"no rest after {self.steps} steps")
            self._over = True
            self._open_all()
            return True
        if self.mischief and self.dice.random() < self.plan.mischief:
            self.dice.choice(self.mischief)()
        self._let_go(self._chosen())
        return True

    def _idling(self) -> float:
        return LINGERING if all(self.plan.is_slow(gate.what) for gate in self._gates) else self.plan.idling

    def _chosen(self) -> Gate:
        """Any actor is as likely as any other, however many gates it stands at, but for the slow steps."""
        waiting = sorted(self._gates, key=lambda gate: (gate.actor.name, gate.what))  # who came first may be PostgreSQL's chance
        quick = [gate for gate in waiting if not self.plan.is_slow(gate.what)]
        gates = quick if quick and self.dice.random() < OVERTAKEN else waiting
        actors = list(dict.fromkeys(gate.actor for gate in gates))
        stays = self._last in actors and self.dice.random() < self.plan.stubborn
        self._last = self._last if stays else self.dice.choice(actors)
        return self.dice.choice([gate for gate in gates if gate.actor is self._last])

    def _let_go(self, gate: Gate) -> None:
        fault = self._fault(gate)
        self.told.append(f"{gate.actor.name}: {gate.what}{f' ({fault})' if fault else ''}")
        if fault is Fault.CRASH:
            self.crash(gate.actor)
            return
        self._gates.remove(gate)
        gate.open.set_result(fault)

    def _fault(self, gate: Gate) -> Fault | None:
        if not gate.faults or self.faults.total() >= self.plan.faults:
            return None
        if self.dice.random() >= self.plan.likelihood(gate.what):
            return None
        fault = self.dice.choice(gate.faults)
        self.faults[fault] += 1
        return fault

    # What actors do.

    async def turn(self, actor: Actor, what: str, faults: Sequence[Fault]) -> Fault | None:
        if actor.has_crashed:
            raise Crashed
        if self._over:
            return None
        gate = Gate(actor, what, faults, asyncio.get_running_loop().create_future())
        self._gates.append(gate)
        try:
            return await gate.open
        finally:
            if gate in self._gates:
                self._gates.remove(gate)

    @contextmanager
    def statement(self, pid: int, *, lets_go: bool) -> Iterator[None]:
        """While PostgreSQL works on it; `lets_go`: others may get their locks at its end."""
        under_way = Statement(pid)
        self._statements.append(under_way)
        try:
            yield
        except BaseException:
            lets_go = True
            raise
        finally:
            self._statements.remove(under_way)
            if lets_go:
                self._look_again()

    @contextmanager
    def outside(self) -> Iterator[None]:
        """Real work that is nobody's step: it is waited for before anything else happens."""
        self._outside += 1
        try:
            yield
        finally:
            self._outside -= 1

    def _look_again(self) -> None:
        for statement in self._statements:
            statement.is_blocked = False

    async def _ask(self) -> None:
        with self.outside():
            statements = list(self._statements)
            blockers = await self.referee.blockers([statement.pid for statement in statements])
            for statement in statements:
                statement.is_blocked = bool(blockers[statement.pid]) and not _in_a_circle(statement.pid, blockers)
        self._asking = None

    # Lives and deaths.

    def run(self, name: str, process: Process, belongings: Belongings, *, for_ever: bool = True) -> asyncio.Task[None]:
        """Start a process; one that ends is started anew, as a supervisor would, unless it is not `for_ever` and its work is done."""
        task = asyncio.ensure_future(self._live(name, process, belongings, for_ever=for_ever))
        self._lives.append(task)
        return task

    async def _live(self, name: str, process: Process, belongings: Belongings, *, for_ever: bool) -> None:
        for life in range(MOST_LIVES):
            actor = Actor(name, self, belongings, dice=Random(f"{self.seed}/{name}/{life}"))
            acting.set(actor)
            main = asyncio.ensure_future(process())
            acting.set(None)
            actor.tasks.append(main)
            try:
                await asyncio.wait([main])
            finally:
                ended_well = await self._bury(actor, main)
            if ended_well and not for_ever:
                return
        self.broken.append(f"{name} ended {MOST_LIVES} times")
        self._over = True

    async def _bury(self, actor: Actor, main: asyncio.Task[None]) -> bool:
        """Whether it ended by itself and well."""
        for task in actor.tasks:
            task.cancel()
        found = (await asyncio.gather(*actor.tasks, return_exceptions=True))[actor.tasks.index(main)]
        if actor.has_crashed:
            actor.belongings.forget()
        if isinstance(found, Exception) and not self._over:
            self.told.append(f"{actor.name} ended: {type(found).__name__}: {found}")
            if not isinstance(found, OUTSIDE):
                self.broken.append(f"{actor.name} ended with {type(found).__name__}: {found}")
        return found is None and not actor.has_crashed

    def crash(self, actor: Actor) -> None:
        """End a process now: its connections, then all that waits in it."""
        actor.has_crashed = True
        asyncio.ensure_future(self._crash(actor))  # noqa: RUF006 - counted as outside work until it is done

    async def _crash(self, actor: Actor) -> None:
        with self.outside():
            await self.referee.terminate(actor.belongings.pids())
        self._look_again()
        for gate in [gate for gate in self._gates if gate.actor is actor]:
            self._gates.remove(gate)
            gate.open.set_exception(Crashed())
        for task in actor.tasks:
            task.cancel()

    # The end.

    async def end(self) -> None:
        """Stop everybody without harm."""
        self._over = True
        self._open_all()
        for task in self._lives:
            task.cancel()
        await asyncio.gather(*self._lives, return_exceptions=True)

    @property
    def is_over(self) -> bool:
        return self._over

    def _open_all(self) -> None:
        for gate in self._gates:
            if not gate.open.done():
                gate.open.set_result(None)
        self._gates.clear()


def _in_a_circle(pid: int, blockers: dict[int, list[int]]) -> bool:
    """Whether a backend waits for itself in the end: PostgreSQL will break that up by itself."""
    seen: set[int] = set()
    waiting = list(blockers.get(pid, []))
    while waiting:
        one = waiting.pop()
        if one == pid:
            return True
        if one not in seen:
            seen.add(one)
            waiting += blockers.get(one, [])
    return False
