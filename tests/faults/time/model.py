"""What domain.md §7 says of deadlines and the ladder, written a second time and apart from the service: what a history's facts must be."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

from feedback.domain import facts

DAY: Final = timedelta(days=1)
LADDER: Final = ("before_due", "due_today", "overdue_notice", "criticism", "interview")
GIVEN: Final = {"minor": 30, "major": 15, "severe": 5}  # working days by severity
RUNS: Final = frozenset({"signed", "in_progress", "returned"})
DEEMED_AFTER: Final = 3
LEFT_AFTER_RETURN: Final = 5

Works = Callable[[date], bool]


def autumn_of_2026(day: date) -> bool:
    """Whether a day is worked, from the announcement for 2026: 25-27 September and 1-7 October off, 20 September and 10 October worked."""
    if day in {date(2026, 9, 20), date(2026, 10, 10)}:
        return True
    off = date(2026, 9, 25) <= day <= date(2026, 9, 27) or date(2026, 10, 1) <= day <= date(2026, 10, 7)
    return day.isoweekday() < 6 and not off


def days(after: date, through: date) -> Iterator[date]:
    while after < through:
        after += DAY
        yield after


def nth_after(day: date, n: int, works: Works) -> date:
    while n:
        day += DAY
        n -= works(day)
    return day


def holds(due: date, today: date, works: Works) -> str | None:
    """The stage of the ladder that holds on a day."""
    if today == due:
        return "due_today"
    if today < due:
        between = sum(map(works, days(today, due - DAY)))
        return "before_due" if between < 3 else None
    over = sum(map(works, days(due, today)))
    return "interview" if over > 10 else "criticism" if over > 5 else "overdue_notice" if over else None


@dataclass(slots=True)
class Kept:
    """What the model knows of one item."""

    severity: str
    exact: date | None
    state: str = "open"
    sent: date | None = None
    due: date | None = None
    excused: bool = False
    told: dict[date, dict[str, bool]] = field(default_factory=dict)  # by due date: stage, whether it was skipped
    deductions: int = 0

    def last_told(self) -> int:
        """The place of the last stage that was told or skipped for the present due date, before the first: -1."""
        return max((LADDER.index(stage) for stage in self.told.get(self.due or date.min, ())), default=-1)


@dataclass(slots=True)
class Book:
    """Takes facts in the order of their commits and fails at the first that must not be."""

    works: Works = autumn_of_2026
    items: dict[str, Kept] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def take(self, fact: facts.Fact) -> None:
        match fact:
            case facts.DeductionProposed():
                self._proposed(self.items[fact.deduction.item])
            case facts.ProblemRaised():
                assert fact.item.id not in self.items
                self.items[fact.item.id] = Kept(fact.item.severity, fact.item.exact_on)
            case facts.NoticeIssued():
                self._noticed(self.items[fact.item.id], fact)
            case facts.NoticeSigned():
                self._signed(self.items[fact.item.id], fact)
            case facts.Returned():
                self._returned(self.items[fact.item.id], fact)
            case facts.ExtensionDecided():
                self._decided(self.items[fact.item.id], fact)
            case facts.StageReached():
                self._told(self.items[fact.item.id], fact)
            case facts.DeductionConfirmed() | facts.DeductionRefused():
                raise AssertionError("no history decides deductions")
            case _:
                self._moved(self.items[fact.item.id], fact)

    def _noticed(self, kept: Kept, fact: facts.NoticeIssued) -> None:
        self.numbers[fact.item.cycle] += 1
        assert (kept.state, fact.item.number) == ("open", self.numbers[fact.item.cycle])
        kept.state, kept.sent = "noticed", fact.on

    def _signed(self, kept: Kept, fact: facts.NoticeSigned) -> None:
        assert kept.state == "noticed", "signed, or deemed signed, once"
        assert kept.sent is not None
        signed = min(fact.on, kept.sent + DEEMED_AFTER * DAY)
        kept.state, kept.due = "signed", kept.exact or nth_after(signed, GIVEN[kept.severity], self.works)
        assert (fact.item.signed_on, fact.item.due_on) == (signed, kept.due)

    def _returned(self, kept: Kept, fact: facts.Returned) -> None:
        assert kept.state == "submitted"
        assert kept.due is not None
        if sum(map(self.works, days(fact.on, kept.due))) < LEFT_AFTER_RETURN:
            kept.due = nth_after(fact.on, LEFT_AFTER_RETURN, self.works)
        assert fact.item.due_on == kept.due
        kept.state = "returned"

    def _decided(self, kept: Kept, fact: facts.ExtensionDecided) -> None:
        if fact.granted:
            assert kept.state in RUNS
            assert kept.due is not None
            assert fact.until > max(kept.due, fact.on), "an extension gives time"
            kept.due = fact.until
        assert fact.item.due_on == kept.due

    def _told(self, kept: Kept, fact: facts.StageReached) -> None:
        assert kept.state in RUNS, f"nothing is told of an item that is {kept.state}"
        assert kept.due is not None
        assert fact.due_on == kept.due, "nothing is told for a due date that was superseded"
        assert fact.stage == holds(kept.due, fact.on, self.works)
        assert not (kept.excused and fact.stage == "criticism")
        place, last = LADDER.index(fact.stage), kept.last_told()
        assert place > last, "told before"
        missed = LADDER[last + 1 : place]
        assert fact.skipped == missed, "what was missed is recorded as skipped"
        kept.told.setdefault(kept.due, {}).update({**dict.fromkeys(missed, True), str(fact.stage): False})

    def _proposed(self, kept: Kept) -> None:
        kept.deductions += 1
        assert kept.deductions == 1, "one matter is deducted once"
        assert not kept.excused
        assert kept.last_told() >= LADDER.index("criticism")

    def _moved(self, kept: Kept, fact: facts.ItemFact) -> None:
        kept.excused = kept.excused or isinstance(fact, facts.StatementAccepted)
        kept.severity = fact.item.severity
        kept.state = MOVED.get(type(fact).__name__, kept.state)

    def must_be_complete(self, today: date) -> None:
        """Once the schedulers have nothing left to do: no stage and no deemed signing of this day is missing."""
        for name, kept in self.items.items():
            if kept.state == "noticed" and kept.sent is not None:
                assert kept.sent + DEEMED_AFTER * DAY > today, f"{name} is not deemed signed on {today}"
            stage = holds(kept.due, today, self.works) if kept.state in RUNS and kept.due else None
            if stage and not (kept.excused and stage == "criticism"):
                assert kept.last_told() >= LADDER.index(stage), f"{name} is not told {stage} on {today}"

    def ledger(self) -> Mapping[tuple[str, date, str], bool]:
        """What the table of stages must hold: whether each was skipped, by item, due date and stage."""
        found = ((name, due, told) for name, kept in self.items.items() for due, told in kept.told.items())
        return {(name, due, stage): skipped for name, due, told in found for stage, skipped in told.items()}


MOVED: Final = {
    "Started": "in_progress",
    "Submitted": "submitted",
    "Verified": "verified",
    "Closed": "closed",
    "Cancelled": "cancelled",
}
