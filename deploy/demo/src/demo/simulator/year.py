"""A year of the bureau's systems: every message of every day, the same for the same seed."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain
from types import MappingProxyType

from demo.bureau import load_bureau, load_sources
from demo.simulator import accidents
from demo.simulator.cases import cases, inspections
from demo.simulator.conduct import load_conduct
from demo.simulator.facts import Fact, Message, closed_batch
from demo.simulator.hotline import calls
from demo.simulator.registers import letters, reviews, tasks
from demo.simulator.scenario import BATCH_CLOSES, Scenario
from kit.workdays import Calendar


@dataclass(frozen=True, slots=True)
class Year:
    """All facts that were said, and the messages by the day on which they are sent, in the order of sending."""

    facts: tuple[Fact, ...]
    messages: Mapping[date, tuple[Message, ...]]

    def of(self, day: date) -> tuple[Message, ...]:
        return self.messages.get(day, ())


def scenario_of(seed: int, first: date, last: date, calendar: Calendar) -> Scenario:
    """The shipped bureau in a year."""
    bureau, sources, conduct = load_bureau(), load_sources(), load_conduct()
    return Scenario(seed=seed, bureau=bureau, sources=sources, conduct=conduct, calendar=calendar, first=first, last=last)


def play(scenario: Scenario) -> Year:
    records = tuple(chain.from_iterable(tell(scenario) for tell in (cases, inspections, calls, tasks, reviews, letters)))
    odds = accidents.odds(scenario, records)
    facts: list[Fact] = []
    messages: list[Message] = []
    for record in records:
        told = accidents.told(record, odds)
        facts.extend(told)
        messages.extend(accidents.sent(scenario, told, odds, staged=record.staged))
    messages.extend(accidents.unusable(scenario, facts))
    messages.extend(_closed_batches(scenario, facts))
    return Year(facts=tuple(facts), messages=MappingProxyType(_by_day(messages, scenario.last)))


def _closed_batches(scenario: Scenario, facts: Iterable[Fact]) -> Iterator[Message]:
    """One control message for each source and day with facts: what the source itself holds, whatever is still under way."""
    ids: dict[tuple[str, date], list[str]] = defaultdict(list)
    for fact in facts:
        ids[fact.source.slug, fact.time.date()].append(fact.id)
    for (slug, day), held in ids.items():
        yield closed_batch(scenario.source(slug), day, held, datetime.combine(day, BATCH_CLOSES, scenario.bureau.zone))


def _by_day(messages: Iterable[Message], last: date) -> dict[date, tuple[Message, ...]]:
    days: dict[date, list[Message]] = defaultdict(list)
    for message in messages:
        if message.at.date() <= last:
            days[message.at.date()].append(message)
    return {day: tuple(sorted(sent, key=lambda message: (message.at, message.id))) for day, sent in sorted(days.items())}
