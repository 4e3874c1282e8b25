"""What a simulated year is made of, and how a record tells its life in facts."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random

from demo.bureau import Bureau, Source, Unit
from demo.simulator.conduct import Conduct
from demo.simulator.facts import Observed, Value
from kit.workdays import Calendar

OFFICE_OPENS = time(8, 30)
OFFICE_MINUTES = 9 * 60
BATCH_CLOSES = time(17, 50)
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A seed and everything that it plays with; `first` and `last` are the year's days that the systems report on."""

    seed: int
    bureau: Bureau
    sources: tuple[Source, ...]
    conduct: Conduct
    calendar: Calendar
    first: date
    last: date

    def source(self, slug: str) -> Source:
        return next(source for source in self.sources if source.slug == slug)

    def days(self, first: date | None = None) -> Iterator[date]:
        day = first or self.first
        while day <= self.last:
            yield day
            day += DAY

    def at(self, day: date, minute: float) -> datetime:
        """An instant of a day, in minutes after the office opened."""
        opened = datetime.combine(day, OFFICE_OPENS, self.bureau.zone)
        return (opened + timedelta(minutes=minute)).replace(microsecond=0)


@dataclass(slots=True)
class Record:
    """One record while its life is written; `staged` ones belong to the story and meet no accident on their way."""

    scenario: Scenario
    source: Source
    subject: str
    kind: str
    unit: str
    rng: Random
    staged: bool = False
    facts: list[Observed] = field(default_factory=list)

    def say(self, day: date, **values: Value | date) -> None:
        """Report these values on a day, later than everything said before; a day before the year is told on its first day."""
        at = self.scenario.at(max(day, self.scenario.first), self.rng.uniform(0, OFFICE_MINUTES))
        if self.facts and at <= self.facts[-1].time:
            at = self.facts[-1].time + timedelta(minutes=1)
        content = {name: str(value) if isinstance(value, date) else value for name, value in values.items()}
        self._add(at, self.unit, content)

    def hand_over(self, day: date, unit: str) -> None:
        self.unit = unit
        self.say(day, transferred_on=day)

    def _add(self, at: datetime, unit: str, content: dict[str, Value]) -> None:
        number = len(self.facts) + 1
        if at.date() <= self.scenario.last:
            fact = Observed(
                source=self.source, id=f"{self.subject}-{number}", subject=self.subject, time=at, kind=self.kind, unit=unit, set=content
            )
            self.facts.append(fact)


def codes(scenario: Scenario, slug: str) -> Iterator[tuple[Unit, str]]:
    """Every unit with the code that a source knows it by."""
    source = scenario.source(slug)
    return ((unit, source.code_of(unit)) for unit in scenario.bureau.units)
