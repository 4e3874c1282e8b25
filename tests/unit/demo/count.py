"""A count of the simulated year that uses nothing of the platform: messages in, ratios of every unit on every day out."""

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from demo.bureau import load_bureau, load_sources
from demo.simulator.facts import Message
from demo.simulator.year import Year

Key = tuple[str, str]


def units_by_code() -> dict[str, str]:
    return {source.code_of(unit): unit.code for unit in load_bureau().units for source in load_sources()}


UNITS = units_by_code()


def counted(kind: str, a: dict[str, Any]) -> Iterator[tuple[str, str, int]]:
    """(what, anchor date, in the numerator or not) of one record, as the page of the demonstration describes the rows."""
    settled = a.get("status") not in {None, "open"}
    match kind:
        case "case":
            if settled and "due_on" in a:
                yield "1", a["due_on"], a["status"] == "closed" and a["closed_on"] <= a["due_on"]
            if a.get("major"):
                yield "3", a["decided_on"], a.get("reviewed_on", "9") <= a["decided_on"]
        case "complaint":
            if settled and "due_on" in a:
                yield "5", a["due_on"], a["status"] == "answered" and a["answered_on"] <= a["due_on"]
            if "called_back_on" in a:
                yield "6", a["called_back_on"], a["satisfied"]
            if "received_on" in a:
                yield "7", a["received_on"], a["repeated"]
        case "task" if settled and "due_on" in a:
            yield "8", a["due_on"], a["status"] == "accepted" and a["accepted_on"] <= a["due_on"]
        case "inspection" if settled and "publish_due_on" in a:
            yield "10", a["publish_due_on"], a["status"] == "published" and a["published_on"] <= a["publish_due_on"]


@dataclass(slots=True)
class Held:
    kind: str = ""
    stamps: dict[str, tuple[datetime, str]] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)

    def merge(self, event: dict[str, Any]) -> None:
        stamp = (datetime.fromisoformat(event["time"]), event["id"])
        observed = event["type"] == "feed.record_observed.v1"
        self.kind = event["data"].get("kind", self.kind)
        new = {"withdrawn": not observed}
        if observed:
            new |= event["data"]["set"] | {"unit": event["data"]["unit"]}
        for name, value in new.items():
            if stamp >= self.stamps.get(name, stamp):
                self.stamps[name], self.values[name] = stamp, value

    def counted(self) -> list[tuple[str, str, str, int]]:
        unit = UNITS.get(self.values.get("unit", ""))
        if unit is None or self.values["withdrawn"]:
            return []
        return [(what, unit, anchor[:7], bool(met)) for what, anchor, met in counted(self.kind, self.values)]


class Count:
    """Numerators and denominators by row, unit and month, kept while messages come in."""

    def __init__(self) -> None:
        self.records: dict[Key, Held] = defaultdict(Held)
        self.met: dict[tuple[str, str, str], int] = defaultdict(int)
        self.all: dict[tuple[str, str, str], int] = defaultdict(int)

    def take(self, message: Message) -> None:
        if not message.usable or "-batch-" in message.id:
            return
        event = json.loads(message.value)
        record = self.records[message.source.slug, event["subject"]]
        self._add(record, -1)
        record.merge(event)
        self._add(record, 1)

    def _add(self, record: Held, sign: int) -> None:
        for what, unit, month, met in record.counted() if record.kind else ():
            self.all[what, unit, month] += sign
            self.met[what, unit, month] += sign * met

    def ratio(self, what: str, unit: str, through: str) -> tuple[Fraction | None, int]:
        """The share over the months through `through`, and its denominator."""
        months = [key for key in self.all if key[0] == what and key[1] == unit and key[2] <= through]
        n = sum(self.all[key] for key in months)
        return (Fraction(sum(self.met[key] for key in months), n) if n else None), n


# (row, worst allowed before yellow, before red, the least denominator, better)
LINES = (
    ("1", Fraction("0.92"), Fraction("0.85"), 10, 1),
    ("3", Fraction(1), Fraction("0.9"), 1, 1),
    ("5", Fraction("0.97"), Fraction("0.92"), 10, 1),
    ("6", Fraction("0.90"), Fraction("0.80"), 10, 1),
    ("7", Fraction("0.05"), Fraction("0.08"), 10, -1),
    ("8", Fraction("0.95"), Fraction("0.85"), 1, 1),
    ("10", Fraction("0.95"), Fraction("0.90"), 10, 1),
)


def crossings(year: Year, last: date) -> list[tuple[date, str, str, str]]:
    """(day, unit, row, light) at each evening on which a unit has fallen under a line that it kept the day before."""
    count, found = Count(), []
    lights: dict[tuple[str, str], int] = {}
    units = sorted(set(UNITS.values()))
    for day in sorted(day for day in year.messages if day <= last):
        for message in year.of(day):
            count.take(message)
        for row, yellow, red, least, better in LINES:
            for unit in units:
                ratio, n = count.ratio(row, unit, f"{day:%Y-%m}")
                if ratio is None or n < least:
                    continue
                light = 2 if better * (ratio - red) < 0 else 1 if better * (ratio - yellow) < 0 else 0
                if light > lights.get((row, unit), 0):
                    found.append((day, unit, row, ("", "yellow", "red")[light]))
                lights[row, unit] = light
    return found
