"""domain.md §3-§5 once more, one fact after the other, for the scheme of `world.py`: written apart from the platform, to be compared."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from math import ceil, floor
from typing import Any, Final

from tests.faults.processes.facts import Fact
from tests.faults.processes.world import GROUPS, UNITS

Points = Fraction | None
"""None: not applicable."""
HUNDREDTH: Final = Fraction(1, 100)


@dataclass(slots=True)
class Register:
    """One record: each attribute keeps the value with the greatest stamp."""

    kind: str = ""
    held: dict[str, tuple[tuple[datetime, str], Any]] = field(default_factory=dict)

    def take(self, fact: Fact) -> None:
        stamp = (fact.at, fact.id)
        changes: dict[str, Any] = {"\0withdrawn": fact.values is None, **(fact.values or {})}
        if fact.unit is not None:
            changes["\0unit"] = fact.unit
        self.kind = fact.kind
        for name, value in changes.items():
            if name not in self.held or self.held[name][0] < stamp:
                self.held[name] = (stamp, value)

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401 - an attribute's value
        return self.held[name][1] if name in self.held else None


@dataclass(slots=True)
class Count:
    n: int = 0
    total: Fraction = Fraction(0)


@dataclass(frozen=True, slots=True)
class Deducted:
    """What feedback confirmed: a matter counts once, in the month of its last confirmation."""

    matter: str
    unit: str
    month: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    scores: Mapping[str, Points]
    total: Fraction


def registers(facts: Iterable[Fact]) -> dict[tuple[str, str], Register]:
    found: dict[tuple[str, str], Register] = defaultdict(Register)
    for fact in facts:
        found[fact.source.uri, fact.subject].take(fact)
    return found


def counts(records: Iterable[Register], deducted: Iterable[Deducted], *, through: str) -> dict[tuple[str, str], Count]:
    """By (measure, unit), over the months of the cycle up to and including `through`."""
    found: dict[tuple[str, str], Count] = defaultdict(Count)

    def add(measure: str, unit: str, day: str, worth: Fraction = Fraction(1)) -> None:
        if "2026-01" <= day[:7] <= through:
            place = found[measure, unit]
            place.n, place.total = place.n + 1, place.total + worth

    for record in records:
        if not record["\0withdrawn"] and record["\0unit"] is not None:
            (_case if record.kind == "case" else _call)(record, add)
    for matter in {one.matter: one for one in deducted}.values():
        add("deductions", matter.unit, matter.month)
    return found


def _case(record: Register, add: Callable[..., None]) -> None:
    unit, due, closed = record["\0unit"], record["due_on"], record["closed_on"]
    is_closed = record["status"] == "closed"
    if due is not None:
        add("due", unit, due)
        if is_closed and closed is not None:
            add("closed_in_time" if closed <= due else "closed_late", unit, due)
    if is_closed and closed is not None and record["hours"] is not None:
        add("hours", unit, closed, Fraction(record["hours"]))


def _call(record: Register, add: Callable[..., None]) -> None:
    unit, due, answered = record["\0unit"], record["due_on"], record["answered_on"]
    if due is not None:
        add("calls", unit, due)
        if answered is not None and answered <= due:
            add("answered_in_time", unit, due)
    if answered is not None:
        add("answered", unit, answered)
        if record["satisfied"] is True:
            add("satisfied", unit, answered)


def standing(unit: str, counted: Mapping[tuple[str, str], Count], mark: Fraction | None) -> Standing:
    """The points of each indicator, rounded once, and the unit's total with excluded points shared inside their part."""

    def total(measure: str) -> Fraction:
        return counted[measure, unit].total if (measure, unit) in counted else Fraction(0)

    def share(a: str, b: str) -> Fraction | None:
        return total(a) / total(b) if total(b) else None

    number = counted["hours", unit].n if ("hours", unit) in counted else 0
    scores: dict[str, Points] = {
        "in_time": _ratio(share("closed_in_time", "due")),
        "late": _rounded(4 - min(Fraction(3), Fraction("0.05") * total("closed_late"))),
        "answered": _steps(share("answered_in_time", "calls")),
        "satisfied": _floored(share("satisfied", "answered")),
        "care": _tier(total("hours") / number if number else None),
        "report": None if mark is None else _rounded(mark),
        "overdue": _rounded(-Fraction("0.5") * total("deductions")),
    }
    return Standing(scores=scores, total=_total(scores))


def _ratio(share: Points) -> Points:
    return None if share is None else _rounded(10 * min(Fraction(1), share / Fraction("0.95")))


def _steps(share: Points) -> Points:
    if share is None:
        return None
    return _rounded(max(Fraction(0), 5 - Fraction("0.5") * ceil(max(Fraction(0), Fraction("0.9") - share) / Fraction("0.05"))))


def _floored(share: Points) -> Points:
    if share is None:
        return None
    full = Fraction("0.9")
    return _rounded(Fraction(0) if share < Fraction("0.3") else 4 * min(Fraction(1), share / full))


def _tier(mean: Points) -> Points:
    if mean is None:
        return None
    reached = [points for bound, points in ((4, "2"), (5, "4.5"), (6, "6")) if bound <= mean]
    return _rounded(Fraction(reached[-1] if reached else 0))


def _total(scores: Mapping[str, Points]) -> Fraction:
    """Part `duty` has one indicator, which nobody excludes: an awaited mark is 0 so far."""
    worth = {"in_time": 10, "late": 4, "answered": 5, "satisfied": 4, "care": 6}
    judged = {key: points for key in worth if (points := scores[key]) is not None}
    applicable = sum(worth[key] for key in judged)
    targets = _rounded(sum(judged.values(), Fraction(0)) * sum(worth.values()) / applicable)
    minus = max(-Fraction(3), scores["overdue"] or Fraction(0))
    return targets + (scores["report"] or Fraction(0)) + minus


def _rounded(points: Fraction) -> Fraction:
    """Half away from zero, to two decimals."""
    size = floor(abs(points) / HUNDREDTH + Fraction(1, 2)) * HUNDREDTH
    return size if points >= 0 else -size


def ranks(totals: Mapping[str, Fraction]) -> dict[str, int]:
    """Competition ranks inside each group: 1, 2, 2, 4."""
    return {unit: 1 + sum(totals[other] > totals[unit] for other in units) for units in GROUPS.values() for unit in units}


def standings(facts: Iterable[Fact], marks: Mapping[str, Fraction], deducted: Iterable[Deducted], *, through: str) -> dict[str, Standing]:
    counted = counts(registers(facts).values(), deducted, through=through)
    return {unit: standing(unit, counted, marks.get(unit)) for unit in UNITS}
