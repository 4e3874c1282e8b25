"""A platform of one screen: items that move when they are told to, and a list of everything that was asked of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from demo.acting import Item, Move, load_manners
from demo.bureau import load_bureau
from demo.driver import Demonstration
from demo.office import Found, Given, Marked, load_offices
from demo.pace import Hands
from demo.progress import Progress
from demo.simulator.facts import Message
from kit.clock import SystemClock
from kit.workdays import shipped
from tests.unit.demo.played import SEED, year

AFTER = {Move.SIGN: "signed", Move.START: "in_progress", Move.SUBMIT: "submitted", Move.VERIFY: "verified", Move.CLOSE: "closed"}


@dataclass(slots=True)
class FakePlatform:
    known: dict[str, Item] = field(default_factory=dict)
    asked: list[tuple[str, object]] = field(default_factory=list)

    async def items(self) -> Sequence[Item]:
        return [item for item in self.known.values() if item.state != "closed"]

    async def act(self, item: Item, move: Move, today: date) -> None:
        self.asked.append((move, today))
        dates = {Move.SIGN: "signed_on", Move.SUBMIT: "submitted_on", Move.VERIFY: "verified_on"}
        changed = {dates[move]: today} if move in dates else {}
        self.known[item.id] = replace(item, state=AFTER[move], **changed)  # type: ignore[arg-type]

    async def decide_deductions(self, today: date) -> None:
        self.asked.append(("deductions", today))

    async def raise_problem(self, found: Found) -> None:
        self.asked.append(("problem", found.unit))

    async def marked(self) -> tuple[Marked, ...]:
        return (Marked(key="file_quality", points=8, department="法制科"),)

    async def give(self, mark: Given) -> None:
        self.asked.append(("mark", mark))

    async def told(self) -> None:
        self.asked.append(("told", None))

    async def settled(self) -> None:
        self.asked.append(("settled", None))

    async def timers_worked(self, day: date) -> None:
        self.asked.append(("timers", day))

    def all(self, what: str) -> list[object]:
        return [detail for asked, detail in self.asked if asked == what]


@dataclass(slots=True)
class FakeDoors:
    hands: Hands
    sent: list[tuple[str, Message]] = field(default_factory=list)

    async def send(self, messages: Sequence[Message]) -> int:
        now = self.hands.now().isoformat()
        self.sent += [(now, message) for message in messages]
        return len(messages)


def demonstration(folder: Path, platform: FakePlatform) -> tuple[Demonstration, FakeDoors]:
    hands = Hands(folder / "clock.json", SystemClock())
    doors = FakeDoors(hands)
    made = Demonstration(
        seed=SEED,
        bureau=load_bureau(),
        calendar=shipped(),
        year=year(),
        manners=load_manners(),
        offices=load_offices(),
        platform=platform,
        doors=doors,
        hands=hands,
        progress=Progress.kept_in(folder / "demo.json"),
        say=lambda _: None,
    )
    return made, doors
