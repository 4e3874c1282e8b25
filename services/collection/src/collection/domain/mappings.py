"""A mapping that is ready to read rows: what a row says of which record, or why it cannot be used."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import Literal
from zoneinfo import ZoneInfo

from collection.domain.facts import Observed, case_event_id, line_of, row_id
from collection.domain.formats import InstantFormat, Pattern, Unreadable, Value, ValueFormat
from collection.domain.rows import Place, Reject, Row, Skipped

SEPARATOR = "/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    """One attribute: the field or the constant it is read from, its format, and what an empty field means."""

    name: str
    field: str | None
    constant: str | None
    format: ValueFormat
    required: bool
    empty_is_null: bool
    default: str | None


@dataclass(frozen=True, slots=True)
class UnitRule:
    field: str | None
    constant: str | None

    def read(self, row: Row) -> str | None:
        return self.constant if self.field is None else row.fields.get(self.field) or None


@dataclass(frozen=True, slots=True)
class EventType:
    unit: UnitRule | None
    attributes: Sequence[Attribute]


@dataclass(frozen=True, slots=True)
class EventTypes:
    field: str
    skip_others: bool
    types: Mapping[str, EventType]


@dataclass(frozen=True, slots=True)
class Condition:
    field: str
    holds: Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Moment:
    field: str
    format: InstantFormat


@dataclass(frozen=True, slots=True)
class SnapshotRule:
    updated: Moment | None
    day_in_name: Pattern | None
    most_withdrawn: Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A row of a register: the record, what is said of it, and when the source touched the row last."""

    place: Place
    key: str
    unit: str | None
    values: Mapping[str, Value]
    updated: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FileMapping:
    """`observed` reads the rows of an events mapping, `line` those of a snapshots mapping."""

    name: str
    title: str
    mode: Literal["events", "snapshots"]
    revision: int
    source: str
    slug: str
    zone: ZoneInfo
    format: Literal["csv", "jsonl", "xes"]
    encoding: str
    delimiter: str
    kind: str
    key: Sequence[str]
    unit: UnitRule | None
    time: Moment | None
    position: Sequence[str]
    attributes: Sequence[Attribute]
    events: EventTypes | None
    snapshot: SnapshotRule
    where: Sequence[Condition]

    def observed(self, row: Row, *, file: str) -> Observed | Reject | Skipped:
        """The fact that a row of an events mapping states; `file` is the file's name without what compression adds."""
        if not self._wanted(row):
            return Skipped(row.place)
        try:
            return self._observed(row, file)
        except Unreadable as error:
            return Reject(row.place, str(error))

    def line(self, row: Row) -> Line | Reject | Skipped:
        """What a row of a register says; a reject carries the key where it could be read, so that no unusable row withdraws its record."""
        if not self._wanted(row):
            return Skipped(row.place)
        key = None
        try:
            key = self._key(row)
            unit = self.unit.read(row) if self.unit else None
            updated = self._updated(row)
            return Line(place=row.place, key=key, unit=unit, values=_values(self.attributes, row), updated=updated)
        except Unreadable as error:
            return Reject(row.place, str(error), key)

    def day_of(self, file: str) -> date | None:
        """The register's day as the file's name tells it."""
        found = self.snapshot.day_in_name.find(file) if self.snapshot.day_in_name else None
        return found.date() if found else None

    def fields(self) -> frozenset[str]:
        """Every field that the mapping names."""
        attributes = [*self.attributes, *(one for event in self._types() for one in event.attributes)]
        units = [self.unit, *(event.unit for event in self._types())]
        moments = [self.time, self.snapshot.updated]
        named = [
            *self.key,
            *self.position,
            *(one.field for one in self.where),
            *(one.field for one in [*attributes, *units, *moments] if one),
        ]
        return frozenset(field for field in [*named, self.events.field if self.events else None] if field)

    def _types(self) -> Sequence[EventType]:
        return list(self.events.types.values()) if self.events else []

    def _wanted(self, row: Row) -> bool:
        return all(condition.holds(row.fields.get(condition.field, "")) for condition in self.where)

    def _observed(self, row: Row, file: str) -> Observed | Skipped:
        event = self._event(row)
        if event is None:
            return Skipped(row.place)
        subject = self._key(row)
        if self.time is None:
            raise Unreadable("映射没有时间 / the mapping has no time")
        unit = event.unit or self.unit
        return Observed(
            id=self._id(row, subject, file),
            subject=subject,
            time=_moment(self.time, row),
            kind=self.kind,
            unit=unit.read(row) if unit else None,
            values=_values(self.attributes, row) | _values(event.attributes, row),
        )

    def _updated(self, row: Row) -> datetime | None:
        rule = self.snapshot.updated
        return _moment(rule, row) if rule and row.fields.get(rule.field) else None

    def _event(self, row: Row) -> EventType | None:
        if self.events is None:
            return EventType(None, ())
        name = row.fields.get(self.events.field, "")
        event = self.events.types.get(name)
        if event is None and not self.events.skip_others:
            raise Unreadable(f"{self.events.field}: 未列出的事件类型 / event type not listed: {name!r}")
        return event

    def _key(self, row: Row) -> str:
        return SEPARATOR.join(_escaped(_needed(row, field)) for field in self.key)

    def _id(self, row: Row, subject: str, file: str) -> str:
        if self.position:
            where = SEPARATOR.join(_escaped(_needed(row, field)) for field in self.position)
            return row_id(subject, where, revision=self.revision)
        if row.place.case is not None:
            return case_event_id(_escaped(row.place.case), row.place.number, revision=self.revision)
        return row_id(subject, line_of(file, row.place.number), revision=self.revision)


def _values(attributes: Sequence[Attribute], row: Row) -> dict[str, Value]:
    values: dict[str, Value] = {}
    for attribute in attributes:
        text = attribute.constant if attribute.field is None else row.fields.get(attribute.field) or attribute.default
        if text:
            values[attribute.name] = _read(attribute, text)
        elif attribute.required:
            raise Unreadable(f"{attribute.field}: 不能为空 / must not be empty")
        elif attribute.empty_is_null:
            values[attribute.name] = None
    return values


def _read(attribute: Attribute, text: str) -> Value:
    try:
        return attribute.format.read(text)
    except Unreadable as error:
        raise Unreadable(f"{attribute.field or attribute.name}: {error}") from error


def _moment(moment: Moment, row: Row) -> datetime:
    text = _needed(row, moment.field)
    try:
        return moment.format.instant(text)
    except Unreadable as error:
        raise Unreadable(f"{moment.field}: {error}") from error


def _needed(row: Row, field: str) -> str:
    value = row.fields.get(field)
    if not value:
        raise Unreadable(f"{field}: 不能为空 / must not be empty")
    return value


def _escaped(part: str) -> str:
    """A separator inside a part is written `%2F`, so that two keys never meet in one text."""
    return part.replace("%", "%25").replace(SEPARATOR, "%2F") if SEPARATOR in part or "%" in part else part
