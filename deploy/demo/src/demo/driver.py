"""The demonstration's year: day after day, facts come in, people act, and time goes on when the platform is done with the day."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final, Protocol

from demo.acting import Item, Manners, Move, next_move
from demo.bureau import Bureau
from demo.office import Found, Given, Marked, Offices
from demo.pace import Hands
from demo.progress import Progress
from demo.simulator.facts import Message
from demo.simulator.year import Year
from kit.workdays import Calendar

DAY: Final = timedelta(days=1)
MORNING: Final = time(8, 30)
EVENING: Final = time(18, 0)
BREATHES_ON: Final = 4  # each Friday the quick passage waits until scores have caught up and everybody has heard of it
DECIDES_ON: Final = (1, 4)  # Tuesdays and Fridays the office decides on deductions
REMINDERS_FROM: Final = 3  # working days before a due date from which the ladder may speak


class Platform(Protocol):
    """The services, as far as the demonstration needs them."""

    async def items(self) -> Sequence[Item]:
        """The rectifications that are not closed."""

    async def act(self, item: Item, move: Move, today: date) -> None: ...

    async def decide_deductions(self, today: date) -> None:
        """The office confirms what was proposed some days ago."""

    async def raise_problem(self, found: Found) -> None: ...

    async def marked(self) -> tuple[Marked, ...]:
        """The indicators of the scheme that people mark."""

    async def give(self, mark: Given) -> None: ...

    async def settled(self) -> None:
        """Wait until the feed has taken all that was sent, scores have caught up, and everybody has heard what follows."""

    async def told(self) -> None:
        """Wait until the messages about what was done today have left."""

    async def timers_worked(self, day: date) -> None:
        """Wait until the reminders of a day are out."""


class Sending(Protocol):
    async def send(self, messages: Sequence[Message]) -> int: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Demonstration:
    """All that a day needs."""

    seed: int
    bureau: Bureau
    calendar: Calendar
    year: Year
    manners: Manners
    offices: Offices
    platform: Platform
    doors: Sending
    hands: Hands
    progress: Progress
    say: Callable[[str], None]

    def at(self, day: date, hour: time) -> datetime:
        return datetime.combine(day, hour, self.bureau.zone)

    async def pass_day(self, day: date) -> None:
        """A whole day at once: reminders in the morning, then people, then the day's facts."""
        self.hands.set(self.at(day, MORNING))
        if self.calendar.is_working(day):
            await self.people_act(day)
        self.hands.set(self.at(day, EVENING))
        sent = await self.doors.send(self.year.of(day))
        if day.weekday() == BREATHES_ON:
            await self.platform.settled()
        self.progress.worked(day, sent=sent)

    async def watch_day(self, day: date, rate: float) -> None:
        """A working day before one's eyes: people act in the morning, facts come when they happen."""
        self.hands.set(self.at(day, MORNING))
        await self.people_act(day)
        waiting = list(self.year.of(day))
        sent = 0
        async for now in self.hands.walk(self.at(day, EVENING), rate):
            ripe = [message for message in waiting if message.at <= now]
            waiting = waiting[len(ripe) :]
            sent += await self.doors.send(ripe) if ripe else 0
        sent += await self.doors.send(waiting)
        await self.platform.settled()
        self.progress.worked(day, sent=sent)

    async def people_act(self, day: date) -> None:
        items = await self.platform.items()
        if any(self._may_be_reminded(item, day) for item in items):
            await self.platform.timers_worked(day)
        for found in self.offices.found(day):
            await self.platform.raise_problem(found)
        for item in items:
            move = next_move(item, self.manners.of(item), today=day, calendar=self.calendar)
            if move is not None:
                await self.platform.act(item, move, day)
        if day.weekday() in DECIDES_ON:
            await self.platform.decide_deductions(day)
        await self._mark(day)
        await self.platform.told()

    async def _mark(self, day: date) -> None:
        if day in self.offices.marking.on:
            marked = await self.platform.marked()
            for mark in self.offices.marking.given(self.seed, self.bureau, marked, day):
                await self.platform.give(mark)

    def _may_be_reminded(self, item: Item, day: date) -> bool:
        return item.due_on is not None and day >= self.calendar.before(item.due_on, REMINDERS_FROM)


async def catch_up(demo: Demonstration, first: date, visit: date) -> None:
    """Quickly through all days up to the visit that were not worked yet."""
    through = demo.progress.reached.through
    day = first if through is None else through + DAY
    while day <= visit:
        if day.day == 1 or day == first:
            demo.say(f"{day:%Y-%m} ...")
        await demo.pass_day(day)
        day += DAY
    await demo.platform.settled()


async def live(demo: Demonstration, first: date, last: date, rate: float) -> None:
    """From there on: working days are watched, days off pass at once, and the year's end stops the clock."""
    through = demo.progress.reached.through
    day = first if through is None else through + DAY
    while day <= last:
        await (demo.watch_day(day, rate) if demo.calendar.is_working(day) else demo.pass_day(day))
        day += DAY
