"""Facts as this service states them, and ids that follow from where a fact stands, so that a second run states the same."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Final
from zoneinfo import ZoneInfo

from collection.domain.formats import Value

LINE_DIGITS: Final = 9  # ids are compared by code point, so positions are padded
CASE_DIGITS: Final = 5
EDITION_DIGITS: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """These attributes of a record have these values; `unit` is the source's own code, `None` where the row says nothing of it."""

    id: str
    subject: str
    time: datetime
    kind: str
    unit: str | None
    values: Mapping[str, Value]


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawn:
    id: str
    subject: str
    time: datetime
    reason: str


Fact = Observed | Withdrawn


def case_event_id(case: str, position: int, *, revision: int) -> str:
    """The id of an event of a log: case and padded position, so that events of one instant keep the log's order."""
    return f"{case}/{position:0{CASE_DIGITS}d}{_revised(revision)}"


def row_id(subject: str, where: str, *, revision: int) -> str:
    """The id of a row: the record and `where`, either the file and line or what the mapping calls the position."""
    return f"{subject}/{where}{_revised(revision)}"


def line_of(file: str, number: int) -> str:
    return f"{file}/{number:0{LINE_DIGITS}d}"


def snapshot_id(subject: str, day: date, edition: int) -> str:
    """One fact a record, day and edition (a corrected register of the same day is its next edition)."""
    return f"{subject}/{day.isoformat()}/{edition:0{EDITION_DIGITS}d}"


def stamp_of(day: date, zone: ZoneInfo) -> datetime:
    """The first instant of a register's day: a later one would state what nobody knew when the register was taken."""
    return datetime.combine(day, time(), zone)


def _revised(revision: int) -> str:
    """A corrected mapping states its facts anew: `~` sorts after every digit, so the corrected one of two wins."""
    return "" if revision == 1 else f"~{revision:0{EDITION_DIGITS}d}"
