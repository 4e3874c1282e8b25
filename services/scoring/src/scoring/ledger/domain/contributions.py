"""What a record adds to each measure: a measure is compiled once and then asked for every record."""

import operator
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Any, Final, NamedTuple, Protocol
from zoneinfo import ZoneInfo

from kit.workdays import NotCovered
from scoring.ledger.domain.measures import (
    LISTED,
    OVER_ALL,
    UNARY,
    Aggregate,
    Condition,
    Literal,
    Measure,
    Operand,
    Operator,
    Other,
    Take,
    Which,
)
from scoring.ledger.domain.records import Record
from scoring.ledger.domain.values import SCALE, AttributeType, Typed, local_date, microseconds, read

Readings = Mapping[str, Any]  # what was read, by slot: `Typed | None`, or all values of an attribute's history
Test = Callable[[Readings], bool]
DAYS: Final = 5_000  # days whose months are remembered: the same ones come again and again
SPANS: Final = 50_000  # pairs of days that a measure remembers


class WorkingDays(Protocol):
    """Which days are worked; `kit.workdays.Calendar` is one."""

    def working_days(self, *, after: date, through: date) -> int:
        """Raises `NotCovered`."""


@dataclass(frozen=True, slots=True)
class Cycle:
    """Whole months, from the first to the last, in a zone."""

    start: str
    end: str
    zone: ZoneInfo

    def holds(self, month: str) -> bool:
        return self.start <= month <= self.end


class Place(NamedTuple):
    """Where a contribution is added up: a tuple, as it is made and hashed for every measure of every record."""

    measure: int
    unit: str
    month: str


class Amount(NamedTuple):
    """How many records and what they come to, the latter in billionths."""

    n: int
    total: int

    def __add__(self, other: "Amount") -> "Amount":  # type: ignore[override]  # amounts add up, they are not joined
        return Amount(self.n + other.n, self.total + other.total)

    def __neg__(self) -> "Amount":
        return Amount(-self.n, -self.total)

    def __bool__(self) -> bool:
        return bool(self.n or self.total)


Contributions = Mapping[Place, Amount]


class Reader:
    """Reads a record's values once for all measures of its kind."""

    def __init__(self, measures: Iterable[Measure]) -> None:
        self._types: dict[str, AttributeType] = {}
        self._asked: set[Operand] = set()
        self._histories: dict[str, AttributeType] = {}
        for measure in measures:
            self._types |= {name: measure.kind.attributes[name] for name in measure.reads}
            self._asked |= {condition.operand for condition in measure.where if condition.operator in UNARY}
            self._histories |= {name: measure.kind.attributes[name] for name in measure.histories}

    def read(self, record: Record) -> Readings:
        """A value of the wrong type reads as missing but is present."""
        readings: dict[str, Any] = {name: read(of, record.value(name)) for name, of in self._types.items()}
        for operand in self._asked:
            readings[f"{_PRESENCE}{_slot(operand)}"] = _raw(record, operand) is not None
        for name, of in self._histories.items():
            values = [read(of, value) for value in record.values(name)]
            readings[f"{_ALL}{name}"] = values
            readings[f"{_FIRST}{name}"] = values[0] if values else None
            readings[f"{_CHANGES}{name}"] = SCALE * sum(left != right for left, right in pairwise(values))
        return readings


# Slots are names that no attribute can have: text with a NUL is refused when it comes.
_PRESENCE, _ALL, _FIRST, _CHANGES = "\x00present\x00", "\x00all\x00", "\x00first\x00", "\x00changes\x00"


def _slot(operand: Operand) -> str:
    match operand.which:
        case Which.LAST:
            return operand.attribute
        case Which.FIRST:
            return f"{_FIRST}{operand.attribute}"
        case Which.CHANGES:
            return f"{_CHANGES}{operand.attribute}"


def _raw(record: Record, operand: Operand) -> object:
    return record.value(operand.attribute) if operand.which is Which.LAST else next(iter(record.values(operand.attribute)), None)


class Counted:
    """One measure of one cycle, ready to be asked. `number` names it in totals."""

    def __init__(self, number: int, measure: Measure, cycle: Cycle, calendar: WorkingDays) -> None:
        self.number = number
        self.measure = measure
        self._cycle = cycle
        self._at = _slot(measure.at)
        self._holder = _holder(measure.unit_on, cycle.zone) if measure.unit_on else None
        self._reader = Reader([measure])
        self._tests = tuple(_test(condition, cycle.zone) for condition in measure.where)
        self._taken = _taken(measure.take, cycle.zone, calendar)

    def code(self, record: Record, readings: Readings | None = None) -> str | None:
        """The source's code of the unit that the record counts for."""
        if self._holder is None:
            return record.unit_code
        return self._holder(record, self._reader.read(record) if readings is None else readings)

    def contribution(self, record: Record, unit: str, readings: Readings | None = None) -> tuple[Place, Amount] | None:
        """Where and what the record adds for the unit that its `code` stands for; `None` when nothing."""
        measure = self.measure
        if record.is_withdrawn or record.kind != measure.kind.key or (measure.source and measure.source != record.source):
            return None
        return self._counted(self._reader.read(record) if readings is None else readings, unit)

    def _counted(self, readings: Readings, unit: str) -> tuple[Place, Amount] | None:
        anchor = _day(readings[self._at], self._cycle.zone)
        if anchor is None or not self._cycle.holds(month := _month(anchor)):
            return None
        if not all(test(readings) for test in self._tests):
            return None
        total = self._taken(readings)
        return None if total is None else (Place(self.number, unit, month), Amount(1, total))


class Catalogue:
    """All measures that count now, and the units behind each source's codes."""

    def __init__(self, counted: Iterable[Counted], aliases: Mapping[tuple[str, str], str]) -> None:
        self._by_kind: dict[str, list[Counted]] = {}
        for each in counted:
            self._by_kind.setdefault(each.measure.kind.key, []).append(each)
        self._readers = {kind: Reader(each.measure for each in some) for kind, some in self._by_kind.items()}
        self._aliases = aliases

    @property
    def kinds(self) -> Collection[str]:
        """Records of other kinds add nothing."""
        return self._by_kind.keys()

    def counted(self, kind: str) -> Sequence[Counted]:
        return self._by_kind.get(kind, ())

    def unit_of(self, record: Record) -> str | None:
        code = record.unit_code
        return None if code is None else self._aliases.get((record.source, code))

    def contributions(self, record: Record) -> Contributions:
        unit = self.unit_of(record)
        if record.kind not in self._by_kind or record.is_withdrawn or (unit is None and not record.units):
            return {}
        readings = self._readers[record.kind].read(record)
        found = (self._contribution(each, record, unit, readings) for each in self._by_kind[record.kind])
        return dict(pair for pair in found if pair)

    def _contribution(self, each: Counted, record: Record, unit: str | None, readings: Readings) -> tuple[Place, Amount] | None:
        if each.measure.unit_on is not None:
            unit = self._aliases.get((record.source, each.code(record, readings) or ""))
        return None if unit is None else each.contribution(record, unit, readings)


def deltas(before: Contributions, after: Contributions) -> dict[Place, Amount]:
    """What has to be added to the totals when a record's contributions change; only what is not nothing."""
    changes: dict[Place, Amount] = {place: -amount for place, amount in before.items()}
    for place, amount in after.items():
        changes[place] = changes.get(place, Amount(0, 0)) + amount
    return {place: amount for place, amount in changes.items() if amount}


def add_up(sums: dict[Place, Amount], changes: Contributions) -> None:
    """Add to the sums, in place."""
    for place, amount in changes.items():
        sums[place] = sums.get(place, Amount(0, 0)) + amount


def _test(condition: Condition, zone: ZoneInfo) -> Test:
    against = condition.against
    if condition.operator in UNARY:
        slot, wanted = f"{_PRESENCE}{_slot(condition.operand)}", condition.operator is Operator.PRESENT
        return lambda readings: readings[slot] is wanted
    if isinstance(against, Other):
        return _beside(condition, against, zone)
    if condition.operator in LISTED:
        return _within(condition, against, zone)
    if condition.operator in OVER_ALL:
        return _over_all(condition, against[0], zone)
    return _compared(condition, against[0], zone)


def _compared(condition: Condition, literal: Literal, zone: ZoneInfo) -> Test:
    slot, compare = _slot(condition.operand), _COMPARE[condition.operator]

    def test(readings: Readings) -> bool:
        left = readings[slot]
        return left is not None and _holds(compare, left, literal.value, zone)

    return test


def _within(condition: Condition, literals: tuple[Literal, ...], zone: ZoneInfo) -> Test:
    slot, wanted = _slot(condition.operand), condition.operator is Operator.IN

    def test(readings: Readings) -> bool:
        left = readings[slot]
        return left is not None and any(_holds(operator.eq, left, each.value, zone) for each in literals) is wanted

    return test


def _over_all(condition: Condition, literal: Literal, zone: ZoneInfo) -> Test:
    """`never` is no negation: an attribute that never had a value makes it false too."""
    slot, wanted = f"{_ALL}{condition.operand.attribute}", condition.operator is Operator.EVER

    def test(readings: Readings) -> bool:
        values = [value for value in readings[slot] if value is not None]
        return bool(values) and any(_holds(operator.eq, value, literal.value, zone) for value in values) is wanted

    return test


def _beside(condition: Condition, other: Other, zone: ZoneInfo) -> Test:
    slot, beside, compare = _slot(condition.operand), _slot(other.operand), _COMPARE[condition.operator]

    def test(readings: Readings) -> bool:
        left, right = readings[slot], _plus(readings[beside], other.plus_days, zone)
        return left is not None and right is not None and _holds(compare, left, right, zone)

    return test


def _holds(compare: Callable[[Any, Any], bool], left: Typed, right: Typed, zone: ZoneInfo) -> bool:
    """An instant beside a date is taken at its local date."""
    if isinstance(left, date) and isinstance(right, date) and isinstance(left, datetime) != isinstance(right, datetime):
        left_day, right_day = _day(left, zone), _day(right, zone)
        return left_day is not None and right_day is not None and compare(left_day, right_day)
    return compare(left, right)


def _day(moment: Typed | None, zone: ZoneInfo) -> date | None:
    match moment:
        case datetime():
            return local_date(moment, zone)
        case date():
            return moment
        case _:
            return None


@lru_cache(DAYS)
def _month(day: date) -> str:
    return f"{day.year:04}-{day.month:02}"


def _plus(value: Typed | None, days: int, zone: ZoneInfo) -> Typed | None:
    """Calendar days later, at the same time of day in the cycle's zone."""
    if days == 0 or not isinstance(value, date):
        return value
    try:
        if isinstance(value, datetime):
            return (value.astimezone(zone) + timedelta(days=days)).astimezone(UTC)
        return value + timedelta(days=days)
    except OverflowError:
        return None


def _taken(take: Take, zone: ZoneInfo, calendar: WorkingDays) -> Callable[[Readings], int | None]:
    match take.aggregate:
        case Aggregate.COUNT:
            return lambda _: SCALE
        case Aggregate.SUM:
            slot = _slot(take.operands[0])
            return lambda readings: _whole(readings[slot])
        case Aggregate.DAYS:
            return _span(take, zone, lambda first, second: (second - first).days)
        case Aggregate.WORKING_DAYS:
            return _worked_days(take, zone, calendar)


def _whole(value: Typed | None) -> int | None:
    return value if isinstance(value, int) else None


def _span(take: Take, zone: ZoneInfo, count: Callable[[date, date], int | None]) -> Callable[[Readings], int | None]:
    begin, end = map(_slot, take.operands)

    def taken(readings: Readings) -> int | None:
        first, second = _day(readings[begin], zone), _day(readings[end], zone)
        days = None if first is None or second is None else count(first, second)
        return None if days is None else days * SCALE

    return taken


def _worked_days(take: Take, zone: ZoneInfo, calendar: WorkingDays) -> Callable[[Readings], int | None]:
    """A calendar counts day by day, and the same pairs of days come again and again."""

    @lru_cache(SPANS)
    def count(first: date, second: date) -> int | None:
        return _worked(calendar, first, second)

    return _span(take, zone, count)


def _holder(unit_on: Operand, zone: ZoneInfo) -> Callable[[Record, Readings], str | None]:
    """Who held the record when a day ended; nobody, where the day is missing."""
    slot = _slot(unit_on)

    @lru_cache(SPANS)
    def end(day: date) -> int:
        return end_of(day, zone)

    def holder(record: Record, readings: Readings) -> str | None:
        day = _day(readings[slot], zone)
        return None if day is None else record.code_before(end(day))

    return holder


def end_of(day: date, zone: ZoneInfo) -> int:
    """The first instant after the day, in microseconds; nothing is after the last day of the calendar."""
    if day == date.max:
        return microseconds(datetime.max.replace(tzinfo=UTC)) + 1
    return microseconds(datetime.combine(day + timedelta(days=1), time.min, zone))


def _worked(calendar: WorkingDays, first: date, second: date) -> int | None:
    """`None` in a year that the calendar lacks: such a record is left out rather than guessed at."""
    try:
        return calendar.working_days(after=first, through=second) if second > first else 0
    except NotCovered:
        return None


_COMPARE: Final[Mapping[Operator, Callable[[Any, Any], bool]]] = {
    Operator.EQUAL: operator.eq,
    Operator.UNEQUAL: operator.ne,
    Operator.LESS: operator.lt,
    Operator.AT_MOST: operator.le,
    Operator.MORE: operator.gt,
    Operator.AT_LEAST: operator.ge,
}
