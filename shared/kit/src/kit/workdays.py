"""The Chinese calendar of working days, with its moved workdays (调休): data by year, never a guess about a year that it lacks."""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from kit.errors import Refused

SATURDAY = 5
DAY = timedelta(days=1)


class NotCovered(Refused):
    """A day that has to be counted lies in a year that nobody has entered yet."""

    def __init__(self, year: int) -> None:
        super().__init__(f"工作日历缺少{year}年，请先维护该年节假日", f"the calendar does not cover {year}: enter its holidays first")
        self.year = year


class WrongYear(Refused):
    """A day that was given for a year lies in another one, or is both off and worked."""


@dataclass(frozen=True, slots=True)
class Year:
    """One year's exceptions to Monday to Friday."""

    holidays: frozenset[date]
    workdays: frozenset[date]

    def is_working(self, day: date) -> bool:
        if day in self.workdays:
            return True
        return day.weekday() < SATURDAY and day not in self.holidays


@dataclass(frozen=True, slots=True)
class Calendar:
    """Which days are worked. A calendar never changes: `with_year` gives another one."""

    years: Mapping[int, Year]

    def is_working(self, day: date) -> bool:
        """Whether `day` is worked; raises `NotCovered` when its year is not known."""
        year = self.years.get(day.year)
        if year is None:
            raise NotCovered(day.year)
        return year.is_working(day)

    def after(self, day: date, n: int) -> date:
        """The n-th working day after `day`, which is not counted and may be in a year that is not covered; n = 0 is `day` itself."""
        return self._walk(day, n, DAY)

    def before(self, day: date, n: int) -> date:
        """The n-th working day before `day`, counted in the same way."""
        return self._walk(day, n, -DAY)

    def working_days(self, *, after: date, through: date) -> int:
        """How many working days lie after the first date up to and including the second; 0 when it is not later."""
        return sum(self.is_working(day) for day in _days(after, through))

    def with_year(self, year: int, holidays: Iterable[date], workdays: Iterable[date]) -> "Calendar":
        """The calendar with one year replaced whole; raises `WrongYear`."""
        entered = Year(frozenset(holidays), frozenset(workdays))
        for day in sorted(entered.holidays | entered.workdays):
            if day.year != year:
                raise WrongYear(f"{day}不在{year}年内，请更正", f"{day} is not in {year}: correct it", field="holidays")
        for day in sorted(entered.holidays & entered.workdays):
            raise WrongYear(
                f"{day}既列为放假又列为上班，请删去其一", f"{day} is entered as a day off and as a working day: keep one", field="workdays"
            )
        return Calendar(MappingProxyType({**self.years, year: entered}))

    def _walk(self, day: date, n: int, step: timedelta) -> date:
        if n < 0:
            raise ValueError(f"working days are counted from 0, not {n} / 工作日数不能为负")
        left = n
        while left:
            day += step
            left -= self.is_working(day)
        return day


@cache
def shipped() -> Calendar:
    """The years that came with this version, as the State Council announced them."""
    entered = tomllib.loads(files("kit").joinpath("workdays.toml").read_text(encoding="utf-8"))
    calendar = Calendar(MappingProxyType({}))
    for year, days in entered.items():
        off = (day for first, last in days["off"] for day in _days(first - DAY, last))
        calendar = calendar.with_year(int(year), off, days["worked"])
    return calendar


def _days(after: date, through: date) -> Iterator[date]:
    day = after + DAY
    while day <= through:
        yield day
        day += DAY
