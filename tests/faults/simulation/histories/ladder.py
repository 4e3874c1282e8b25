"""Deadlines and the ladder: any number of schedulers, days passing, and people who do something at the same moment."""

import asyncio
import json
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any, Final

from feedback import handlers
from feedback.app import Workshop
from feedback.domain.rectification import Finding
from feedback.domain.words import CycleKey, IndicatorKey, ItemId, Person, Severity, UnitCode
from feedback.events import Tongue
from feedback.handlers import Work
from feedback.settings import FeedbackSettings
from feedback.store.tables import PLUMBING
from feedback.timers import METRICS, Timers
from kit.clock import Clock
from kit.errors import Refused
from kit.metrics import Metrics
from kit.outbox import Cause
from kit.service import Messaging
from kit.testing import FixedClock
from kit.workdays import shipped
from tests.faults.simulation.database import Desk
from tests.faults.simulation.models_of_deadlines import Word, heard
from tests.faults.simulation.scheduler import myself
from tests.faults.simulation.stage import Play, Stage, same

BEGIN: Final = datetime(2026, 9, 14, 4, tzinfo=UTC)  # the holidays of October lie ahead
DAYS: Final = 7  # on which something may happen; some are jumped over
CLEAN: Final = """
delete from rectification; delete from finding; delete from history; delete from stage; delete from proof; delete from deduction;
delete from notice_number; delete from outbox
"""
# One snapshot: what was said, and how many items wait for the timers' look on a day.
LOOK: Final = """
select coalesce(array_agg(id), '{}') as said, (select count(*) from rectification
  where state in ('noticed', 'signed', 'in_progress', 'returned') and (looked_on is null or looked_on < $1)) as waiting from outbox
"""
SETTINGS: Final = {
    "database_url": "",
    "kafka_bootstrap": "",
    "auth_issuer": "http://issuer.test",
    "auth_jwks_url": "http://issuer.test/jwks",
}
UNIT, OFFICE = Person("unit-1"), Person("office-1")
Move = Callable[[ItemId, Work, FixedClock], Awaitable[object]]


async def _ask_and_grant(item: ItemId, work: Work, _: FixedClock) -> object:
    now = (await work.items.locked(item)).due_on
    await handlers.ask_for_extension(item, (now or work.today()) + timedelta(days=9), "理由", work)
    return await handlers.decide_extension(item, work, granted=True)


async def _prove_and_verify(item: ItemId, work: Work, _: FixedClock) -> object:
    await work.proofs.add(item, evidence="e", revision=1, unit=None, on=work.today())
    return await handlers.verify(item, replace(work, who=OFFICE))


MOVES: Final[tuple[Move, ...]] = (
    lambda item, work, _: handlers.sign(item, work),
    lambda item, work, _: handlers.sign(item, work),
    lambda item, work, _: handlers.start(item, work),
    lambda item, work, _: handlers.submit(item, "", work),
    lambda item, work, _: handlers.return_for(item, "缺", replace(work, who=OFFICE)),
    lambda item, work, _: handlers.close(item, replace(work, who=OFFICE)),
    lambda item, work, _: handlers.accept_statement(item, "台风", replace(work, who=OFFICE)),
    _ask_and_grant,
    _ask_and_grant,
    _prove_and_verify,
)


@dataclass(slots=True)
class LadderHistory:
    names: tuple[str, ...] = ("timers-0", "timers-1", "timers-2", "people-0", "people-1", "sun")
    clock: FixedClock = field(default_factory=lambda: FixedClock(BEGIN))
    worked: list[tuple[date, frozenset[int]]] = field(default_factory=list)
    is_dark: bool = False

    async def begin(self, stage: Stage) -> None:
        """The migrations have made all that is needed."""

    async def clean(self, stage: Stage) -> None:
        await stage.referee.execute(CLEAN)

    def cast(self, play: Play) -> None:
        self.clock, self.worked, self.is_dark = FixedClock(BEGIN), [], False
        for number in range(play.dice.choice([1, 2, 3])):
            play.process(f"timers-{number}", self._time)
        for number in range(play.dice.choice([1, 2])):
            play.errand(f"people-{number}", partial(self._act, play, f"item-{number}"))
        play.errand("sun", partial(self._pass, play))

    async def is_quiet(self, play: Play) -> bool:
        return await self._is_worked(play)

    async def verdict(self, play: Play) -> list[str]:
        words = _words(
            await play.stage.referee.fetch("select id, value from outbox order by id"),
            await play.stage.referee.fetch('select item, "on" from history order by id'),
        )
        items = heard(words, shipped().is_working)
        stages = await play.stage.referee.fetch("select item, due_on, stage, skipped from stage")
        ledger = {(row["item"], row["due_on"], row["stage"]): row["skipped"] for row in stages}
        numbers = sorted(int(word.data["number"]) for _, word in words if word.what == "notice_issued")
        return [
            *(f"{name}: {sentence}" for name, item in sorted(items.items()) for sentence in item.broken),
            *same("stages", ledger, {(name, *told): skipped for name, item in items.items() for told, skipped in item.told.items()}),
            *same("deducted", {name: item.deductions for name, item in items.items()}, {n: int(i.is_deducted) for n, i in items.items()}),
            *same("numbers", numbers, list(range(1, len(numbers) + 1))),
            *self._missing(words),
        ]

    def _missing(self, words: list[tuple[str, Word]]) -> list[str]:
        broken = []
        for day, said in self.worked:
            items = heard([(name, word) for name, word in words if word.id in said], shipped().is_working)
            broken += [f"{name}: {sentence}" for name, item in items.items() if (sentence := item.missing_on(day))]
        return broken

    async def _time(self, desk: Desk) -> None:
        shop = _shop(desk, self.clock)
        await Timers(shop.transactions, Metrics(METRICS), today=shop.today, changed=shop.changed).run()

    async def _act(self, play: Play, name: str, desk: Desk) -> None:
        """A problem, and then whatever comes to somebody's mind; what is refused is refused."""
        actor, shop = myself(), _shop(desk, self.clock)
        await self._done(shop, lambda work: handlers.raise_problem(_finding(name), replace(work, who=OFFICE, new_id=lambda: name)))
        while not self.is_dark:
            await play.scheduler.turn(actor, "think", ())
            move = actor.dice.choice(MOVES)
            await self._done(shop, lambda work, move=move: move(ItemId(name), work, self.clock))  # type: ignore[misc]  # a lambda has no types
            await asyncio.sleep(actor.dice.choice([0, 0.1, 0.5, 1]))

    async def _done(self, shop: Workshop, act: Callable[[Work], Awaitable[object]]) -> None:
        try:
            async with shop.messaging.database.transaction() as session:
                await act(shop.open_work(session, Cause("c"), who=UNIT))
        except Refused:
            return

    async def _pass(self, play: Play, _desk: Desk) -> None:
        """Some days end when their work is done, others do not wait for it."""
        actor = myself()
        for _ in range(DAYS):
            await play.scheduler.turn(actor, "midnight", ())
            self.clock.move(days=actor.dice.choice([1, 1, 2, 3, 5, 8]))
            for _ in range(actor.dice.choice([0, 3, 20])):
                await asyncio.sleep(0.3)
                if await self._is_worked(play):
                    break
        self.is_dark = True

    async def _is_worked(self, play: Play) -> bool:
        day = (self.clock.now() + timedelta(hours=8)).date()
        with play.scheduler.outside():
            (row,) = await play.stage.referee.fetch(LOOK, day)
        if not row["waiting"]:
            self.worked.append((day, frozenset(row["said"])))
        return not row["waiting"]


def _shop(desk: Desk, clock: Clock) -> Workshop:
    settings = FeedbackSettings.model_validate(SETTINGS)
    messaging = Messaging(
        service="feedback",
        bootstrap="",
        prefix="",
        database=desk.database,
        tables=PLUMBING,
        clock=clock,
        metrics=Metrics(METRICS),
        contract_of=Tongue(settings.policy).contract_of,
    )
    return Workshop(settings, clock, messaging)


def _finding(name: str) -> Finding:
    return Finding(
        cycle=CycleKey("2026"),
        unit=UnitCode("wanglan"),
        indicator=IndicatorKey("on_time"),
        indicator_name="按期办结率",
        cause=name,
        text="三件案件超期",
        severity=Severity.SEVERE,
    )


def _words(said: Sequence[Any], remembered: Sequence[Any]) -> list[tuple[str, Word]]:
    """Both in the order of ids. The day of a move stands in the item's history alone; a deduction has no line there."""
    days: dict[str, deque[date]] = defaultdict(deque)
    for row in remembered:
        days[row["item"]].append(row["on"])
    words = []
    for row in said:
        envelope = json.loads(row["value"])
        item, what = envelope["data"]["item"], envelope["type"].split(".")[1]
        on = BEGIN.date() if what.startswith("deduction") else days[item].popleft()
        words.append((item, Word(row["id"], what, envelope["data"], on)))
    return words
