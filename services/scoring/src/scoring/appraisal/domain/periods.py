"""Months, quarters and the year of a cycle, and what a unit's totals are inside one."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NewType

from scoring.appraisal.domain.faults import NotFound
from scoring.appraisal.domain.inputs import Month, Totals
from scoring.appraisal.domain.schemes import Cycle
from scoring.appraisal.domain.words import Text

PeriodKey = NewType("PeriodKey", str)
"""`2026-03`, `2026-Q1` or `2026`."""

PERIOD: Final = r"^[0-9]{4}(-(0[1-9]|1[0-2]|Q[1-8]))?$"
_QUARTER: Final = 3  # months
_YEAR: Final = 12  # months


class Span(StrEnum):
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """Months of a cycle, in their order."""

    key: PeriodKey
    span: Span
    months: tuple[Month, ...]

    @property
    def last(self) -> Month:
        return self.months[-1]


def periods_of(cycle: Cycle) -> tuple[Period, ...]:
    """Its months, its quarters and the whole; quarters are counted from its first month and named for the year in which it ends."""
    months, year = months_of(cycle), cycle.end[:4]
    quarters = [months[begin : begin + _QUARTER] for begin in range(0, len(months), _QUARTER)]
    return (
        *(Period(key=PeriodKey(month), span=Span.MONTH, months=(month,)) for month in months),
        *(Period(key=PeriodKey(f"{year}-Q{n}"), span=Span.QUARTER, months=some) for n, some in enumerate(quarters, start=1)),
        Period(key=PeriodKey(year), span=Span.YEAR, months=months),
    )


def period_of(cycle: Cycle, key: PeriodKey) -> Period:
    """Raises `NotFound` for one that the cycle does not have."""
    for period in periods_of(cycle):
        if period.key == key:
            return period
    span = f"{cycle.start} - {cycle.end}, {cycle.end[:4]}-Q1, {cycle.end[:4]}"
    raise NotFound(Text(f"周期 {cycle.key} 的期间 {key}（可用：{span}）", f"period {key} of the cycle {cycle.key} (there are: {span})"))


def months_of(cycle: Cycle) -> tuple[Month, ...]:
    first, last = _number(cycle.start), _number(cycle.end)
    return tuple(Month(f"{number // _YEAR:04}-{number % _YEAR + 1:02}") for number in range(first, last + 1))


def within(totals: Totals, months: Collection[Month]) -> Totals:
    """The totals of these months alone."""
    return {measure: {month: total for month, total in held.items() if month in months} for measure, held in totals.items()}


def _number(month: Month) -> int:
    year, number = month.split("-")
    return int(year) * _YEAR + int(number) - 1
