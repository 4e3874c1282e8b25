"""The sequential specification of domain.md §7, written apart from the platform: what was said about each item, one after the other."""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

STAGES: Final = ("before_due", "due_today", "overdue_notice", "criticism", "interview")
RUNNING: Final = frozenset({"signed", "in_progress", "returned"})
MOVES: Final[Mapping[str, tuple[Collection[str], str]]] = {  # what is said: from which states, to which
    "problem_raised": ({""}, "open"),
    "notice_issued": ({"open"}, "noticed"),
    "notice_signed": ({"noticed"}, "signed"),
    "started": ({"signed", "returned"}, "in_progress"),
    "submitted": ({"in_progress"}, "submitted"),
    "returned": ({"submitted"}, "returned"),
    "verified": ({"submitted"}, "verified"),
    "closed": ({"verified"}, "closed"),
}
DEEMED_AFTER: Final = 3  # calendar days
BEFORE, CRITICISM, INTERVIEW = 3, 5, 10  # working days
Works = Callable[[date], bool]


@dataclass(frozen=True, slots=True)
class Word:
    """One event about an item: its place in the outbox, its type without owner and version, what it carries, and the day."""

    id: int
    what: str
    data: Mapping[str, str]
    on: date


@dataclass(slots=True)
class Item:
    """What the words so far come to, and what was wrong with them."""

    works: Works
    state: str = ""
    due_on: date | None = None
    sent_on: date | None = None
    is_excused: bool = False
    deductions: int = 0
    is_deducted: bool = False
    told: dict[tuple[date, str], bool] = field(default_factory=dict)  # by due date and stage: whether it was skipped
    broken: list[str] = field(default_factory=list)

    def hear(self, word: Word) -> None:
        if word.what in MOVES:
            self._move(word)
        if word.what in {"notice_signed", "returned"} or (word.what == "extension_decided" and word.data["granted"]):
            self.due_on = date.fromisoformat(word.data["due_on"])
        if word.what == "stage_reached":
            self._climb(word)
        self.is_excused |= word.what == "statement_accepted"
        self.deductions += word.what == "deduction_proposed"

    def _move(self, word: Word) -> None:
        allowed, reached = MOVES[word.what]
        if self.state not in allowed:
            self.broken.append(f"{word.what} of an item that is {self.state}")
        if word.what == "notice_issued":
            self.sent_on = word.on
        if word.data.get("deemed") and (self.sent_on is None or word.on < self.sent_on + timedelta(days=DEEMED_AFTER)):
            self.broken.append(f"deemed signed on {word.on}, sent on {self.sent_on}")
        self.state = reached

    def _climb(self, word: Word) -> None:
        stage, due_on = word.data["stage"], date.fromisoformat(word.data["due_on"])
        if self.state not in RUNNING or due_on != self.due_on:
            self.broken.append(f"{stage} for {due_on} of an item that is {self.state} and due on {self.due_on}")
        if stage != self.stage_on(word.on):
            self.broken.append(f"{stage} on {word.on}, when {self.stage_on(word.on)} holds for {due_on}")
        if (due_on, stage) in self.told:
            self.broken.append(f"{stage} for {due_on} told twice")
        last = max((STAGES.index(told) for due, told in self.told if due == due_on), default=-1)
        for missed in STAGES[last + 1 : STAGES.index(stage)]:
            self.told[due_on, missed] = True
        self.told[due_on, stage] = False
        self.is_deducted |= stage in {"criticism", "interview"} and not self.is_excused

    def stage_on(self, day: date) -> str | None:
        """The stage that holds on a day."""
        if self.due_on is None:
            return None
        if day <= self.due_on:
            left = sum(self.works(self.due_on - timedelta(days=back)) for back in range(1, (self.due_on - day).days))
            return "due_today" if day == self.due_on else "before_due" if left < BEFORE else None
        over = sum(self.works(day - timedelta(days=back)) for back in range((day - self.due_on).days))
        return "interview" if over > INTERVIEW else "criticism" if over > CRITICISM else "overdue_notice" if over else None

    def missing_on(self, day: date) -> str | None:
        """The stage that had to be told by the end of a day on which all timers' work was done."""
        stage = self.stage_on(day) if self.state in RUNNING else None
        if stage is None or self.due_on is None or (stage == "criticism" and self.is_excused):
            return None
        return None if self.told.get((self.due_on, stage)) is False else f"{stage} for {self.due_on} was not told on {day}"


def heard(words: Sequence[tuple[str, Word]], works: Works) -> dict[str, Item]:
    """By item, from words in the order of the outbox."""
    items: dict[str, Item] = defaultdict(lambda: Item(works))
    for item, word in words:
        items[item].hear(word)
    return dict(items)
