"""The sequential specification (domain.md §3-4), written apart from the platform: a fold of what was sent, one fact after the other."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

Event = Mapping[str, object]
Place = tuple[str, str, str]  # measure, unit, month
FIRST, LAST = "2026-01", "2026-12"


@dataclass(slots=True)
class Case:
    """What the facts of one record come to: for each attribute the value with the greatest (time, id)."""

    values: dict[str, object] = field(default_factory=dict)
    stamps: dict[str, tuple[str, str]] = field(default_factory=dict)

    def take(self, name: str, value: object, stamp: tuple[str, str]) -> None:
        if stamp > self.stamps.get(name, ("", "")):
            self.values[name], self.stamps[name] = value, stamp


def cases(events: Iterable[Event]) -> dict[str, Case]:
    """By subject; unit and withdrawal are attributes like any other."""
    found: dict[str, Case] = defaultdict(Case)
    for event in events:
        case, stamp = found[str(event["subject"])], (str(event["time"]), str(event["id"]))
        data = event["data"]
        assert isinstance(data, dict)
        case.take("withdrawn", event["type"] == "feed.record_withdrawn.v1", stamp)
        if "unit" in data:
            case.take("unit", data["unit"], stamp)
        for name, value in data.get("set", {}).items():
            case.take(f"set {name}", value, stamp)
    return dict(found)


def totals(found: Iterable[Case], units: Mapping[str, str]) -> dict[Place, tuple[int, Fraction]]:
    """The two measures of `histories.feed`: closed cases, and what the closed ones amount to."""
    sums: dict[Place, tuple[int, Fraction]] = {}
    for case in found:
        unit, month = units.get(str(case.values.get("unit"))), str(case.values.get("set closed_on"))[:7]
        if case.values["withdrawn"] or unit is None or not FIRST <= month <= LAST:
            continue
        _add(sums, ("closed", unit, month), Fraction(1))
        amount = case.values.get("set amount")
        if case.values.get("set status") == "closed" and amount is not None:
            _add(sums, ("amount", unit, month), Fraction(str(amount)))
    return sums


def _add(sums: dict[Place, tuple[int, Fraction]], place: Place, amount: Fraction) -> None:
    n, total = sums.get(place, (0, Fraction(0)))
    sums[place] = (n + 1, total + amount)
