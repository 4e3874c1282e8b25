"""Histories of a few weeks around National Day: schedulers, people and the clock take turns in an order that the dice choose."""

from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import count
from random import Random
from typing import Any, Final, Protocol
from zoneinfo import ZoneInfo

from feedback import handlers
from feedback.domain.deadlines import Policy
from feedback.domain.rectification import Finding, Rectification
from feedback.domain.states import State
from feedback.domain.words import PLATFORM, CycleKey, IndicatorKey, Person, Severity, UnitCode
from feedback.handlers import Work
from feedback.timers import METRICS, Timers
from kit.clock import today
from kit.errors import Refused
from kit.metrics import Metrics
from kit.testing import FixedClock
from kit.waking import Bell
from tests.faults.time.memory import (
    KeyTakenError,
    MemoryDeductions,
    MemoryItems,
    MemoryNumbers,
    MemoryOutbox,
    MemoryProofs,
    MemoryStages,
    MemoryYears,
    Opening,
    Tables,
    Transaction,
    turn,
)
from tests.faults.time.model import Book
from tests.unit.feedback.fakes import FakeDeductions, FakeItems, FakeReading

ZONE: Final = ZoneInfo("Asia/Shanghai")
METRICS_OF_ALL: Final = Metrics(METRICS)
NOTHING_READ: Final = FakeReading(FakeItems(), FakeDeductions())
UNIT, OFFICE, ASSESSOR, LEADER = Person("unit-1"), Person("office-1"), Person("assessor-1"), Person("leader-1")
SCHEDULERS: Final = 3
ROUNDS: Final = 32
STEPS: Final = {
    "minutes": [5],
    "hours": [240, 300],
    "night": [900],
    "day": [720, 720],
    "days": [1440, 2880],
    "midnight": [2],
    "forward": [60],
    "back": [-60],
}
"""How the clock moves in a round, in minutes."""
MOST_TURNS: Final = 20_000  # of one round: beyond it they wait for each other
MOST_TICKS: Final = 50  # that find something, on one day without anybody else: beyond it the work is never done
DEATH: Final = 0.004  # the chance that a turn is somebody's last
HOLIDAY: Final = (date(2026, 10, 1), date(2026, 10, 7))
STATES: Final = {
    State.OPEN: ("issue", "ask_cancel", "cancel"),
    State.NOTICED: ("sign", "sign", "ask_cancel", "find"),
    State.SIGNED: ("start", "start", "ask", "decide", "find"),
    State.IN_PROGRESS: ("submit", "ask", "decide", "excuse", "cancel"),
    State.SUBMITTED: ("give_back", "give_back", "prove", "verify", "verify"),
    State.RETURNED: ("start", "ask", "decide"),
    State.VERIFIED: ("close", "find"),
    State.CLOSED: ("submit", "find"),
    State.CANCELLED: ("sign", "find"),
}
"""What people try in a state: mostly what may be done in it."""


class Bureau(Protocol):
    """Where people and the clock act; `did` counts what came up."""

    @property
    def dice(self) -> Random: ...

    @property
    def did(self) -> Counter[str]: ...

    @property
    def clock(self) -> FixedClock: ...

    def items(self) -> Sequence[Rectification]:
        """As they were when somebody last looked."""

    def opened(self, who: Person) -> AbstractAsyncContextManager[tuple[Work, Any]]:
        """A transaction of this person's."""


@dataclass(slots=True)
class World:
    """One history in memory."""

    dice: Random
    did: Counter[str]
    clock: FixedClock
    tables: Tables = field(default_factory=Tables)
    book: Book = field(default_factory=Book)
    taken: int = 0
    ids: Any = field(default_factory=count)

    def opened(self, who: Person = PLATFORM) -> Opening:
        tx = Transaction(self.tables)
        work = Work(
            items=MemoryItems(tx),
            numbers=MemoryNumbers(tx),
            stages=MemoryStages(tx),
            proofs=MemoryProofs(tx),
            deductions=MemoryDeductions(tx),
            years=MemoryYears(),
            reading=NOTHING_READ,
            outbox=MemoryOutbox(tx),
            clock=self.clock,
            zone=ZONE,
            policy=Policy(),
            new_id=lambda: f"id-{next(self.ids)}",
            who=who,
        )
        return Opening(work, tx)

    def items(self) -> Sequence[Rectification]:
        return [row.item for row in self.tables.rows["item"].values()]

    def check(self) -> None:
        """The model takes what was committed since the last check; the ledger holds just what was told and skipped."""
        for fact in self.tables.said[self.taken :]:
            self.book.take(fact)
            self.did[type(fact).__name__] += 1
        self.taken = len(self.tables.said)
        assert {key: row.it_was for key, row in self.tables.rows["stage"].items()} == self.book.ledger()


def play(actors: dict[str, Coroutine[Any, Any, None]], world: World) -> None:
    """Everybody's turns until all are done or dead."""
    chance, names = world.dice.random, list(actors)
    for _ in range(MOST_TURNS):
        if not names:
            return
        name = names[int(chance() * len(names))]
        if chance() < DEATH and name != "time":
            actors[name].close()
            names.remove(name)
            world.did["deaths"] += 1
            continue
        try:
            actors[name].send(None)
        except StopIteration:
            names.remove(name)
    raise AssertionError(f"these wait for each other: {sorted(names)}")


def timers_of(world: World) -> Timers:
    return Timers(world.opened, METRICS_OF_ALL, today=lambda: today(world.clock, ZONE), changed=Bell())


async def scheduler(world: World, ticks: int) -> None:
    timers = timers_of(world)
    for _ in range(ticks):
        with suppress(KeyTakenError):  # what `Timers.run` waits out
            await timers.tick()


async def person(world: Bureau) -> None:
    """One attempt at something; a refusal is an answer."""
    try:
        await _attempt(world)
    except Refused:
        world.did["refusals"] += 1


async def _attempt(world: Bureau) -> None:
    dice, items = world.dice, world.items()
    if not items or (len(items) < 4 and dice.random() < 0.25):
        async with world.opened(ASSESSOR) as (work, _):
            await handlers.raise_problem(_found(world, cause=f"cause {len(items)}"), work, held=dice.random() < 0.1)
        return
    item = dice.choice(items)
    who, act = _acts(world, item)[dice.choice(STATES[item.state])]
    async with world.opened(who) as (work, _):
        await act(work)


def _found(world: Bureau, *, cause: str) -> Finding:
    exact = today(world.clock, ZONE) + timedelta(days=world.dice.randrange(1, 25)) if world.dice.random() < 0.3 else None
    return Finding(
        cycle=CycleKey("2026"),
        unit=UnitCode("hangyan"),
        indicator=IndicatorKey("on_time"),
        indicator_name="案件按期办结率",
        cause=cause,
        text="三件案件超期",
        severity=world.dice.choice([Severity.SEVERE, Severity.SEVERE, Severity.MAJOR]),
        exact_on=exact,
    )


Act = Callable[[Work], Awaitable[object]]


def _acts(world: Bureau, item: Rectification) -> dict[str, tuple[Person, Act]]:
    dice, ident = world.dice, item.id
    until = max(item.due_on or today(world.clock, ZONE), today(world.clock, ZONE)) + timedelta(days=dice.randrange(1, 12))
    return {
        "issue": (OFFICE, lambda work: handlers.issue_notice(ident, work)),
        "sign": (UNIT, lambda work: handlers.sign(ident, work)),
        "start": (UNIT, lambda work: handlers.start(ident, work)),
        "submit": (UNIT, lambda work: handlers.submit(ident, "已整改", work)),
        "give_back": (ASSESSOR, lambda work: handlers.return_for(ident, "照片", work)),
        "prove": (PLATFORM, lambda work: work.proofs.add(ident, evidence="e", revision=1, unit=None, on=work.today())),
        "verify": (ASSESSOR, lambda work: handlers.verify(ident, work)),
        "close": (OFFICE, lambda work: handlers.close(ident, work)),
        "ask": (UNIT, lambda work: handlers.ask_for_extension(ident, until, "设备未到", work)),
        "decide": (OFFICE, lambda work: handlers.decide_extension(ident, work, granted=dice.random() < 0.8)),
        "excuse": (OFFICE, lambda work: handlers.accept_statement(ident, "台风", work)),
        "ask_cancel": (OFFICE, lambda work: handlers.ask_for_cancellation(ident, "重复", work)),
        "cancel": (LEADER, lambda work: handlers.cancel(ident, work)),
        "find": (ASSESSOR, lambda work: handlers.raise_problem(_found(world, cause=item.cause), work)),
    }


async def time_passes(world: Bureau, turn: Callable[[], Awaitable[None]]) -> None:
    """Some minutes, some days, a midnight in the middle of everything, or an hour either way; others have turns in between."""
    kind = world.dice.choice(["minutes", "hours", "night", "day", "days", "midnight", "midnight", "forward", "back"])
    now = world.clock.instant.astimezone(ZONE)
    if kind == "midnight":
        world.clock.instant = now.replace(hour=23, minute=59).astimezone(UTC)
    for minutes in STEPS[kind]:
        for _ in range(world.dice.randrange(12)):
            await turn()
        world.clock.move(minutes=minutes)
    world.did[f"the clock: {kind}"] += 1


def history(dice: Random, did: Counter[str]) -> World:
    """Plays one to its end; raises `AssertionError` where something must not be."""
    start = datetime(2026, 9, dice.randrange(10, 27), 9, tzinfo=ZONE).astimezone(UTC)
    world = World(dice, did, FixedClock(start))
    closed_for_the_holiday = dice.random() < 0.5
    for _ in range(ROUNDS):
        is_down = closed_for_the_holiday and HOLIDAY[0] <= today(world.clock, ZONE) <= HOLIDAY[1]
        play(_actors(world, schedulers=0 if is_down else SCHEDULERS), world)
        world.check()
        did["rounds of downtime"] += is_down
        if not is_down and dice.random() < 0.4:
            settle(world)
    settle(world)
    return world


def _actors(world: World, *, schedulers: int) -> dict[str, Coroutine[Any, Any, None]]:
    people = {f"person {number}": person(world) for number in range(world.dice.randrange(4))}
    timers = {f"scheduler {number}": scheduler(world, ticks=world.dice.randrange(1, 3)) for number in range(schedulers)}
    return {"time": time_passes(world, turn), **people, **timers}


def settle(world: World) -> None:
    """Nobody but one scheduler, until it finds nothing; then nothing of the day may be missing."""

    async def until_nothing() -> None:
        timers = timers_of(world)
        for _ in range(MOST_TICKS):
            if not await timers.tick():
                return
        raise AssertionError("the schedulers find the same work again and again")

    alone = until_nothing()
    with suppress(StopIteration):
        while True:
            alone.send(None)
    world.check()
    world.book.must_be_complete(today(world.clock, ZONE))
    world.did["days settled"] += 1
