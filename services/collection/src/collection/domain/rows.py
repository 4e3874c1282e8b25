"""What a reader hands on: rows with their place in the file, and places that could not be read."""

from collections.abc import Mapping
from dataclasses import dataclass

from kit.errors import Refused


@dataclass(frozen=True, slots=True)
class Place:
    """Where a row stands: a line of a file, or the position of an event in its case (XES)."""

    number: int  # the line, or the position in the case; both begin at 1
    case: str | None = None

    def __str__(self) -> str:
        if self.case is None:
            return f"第 {self.number} 行 / line {self.number}"
        return f"案件 {self.case} 第 {self.number} 个事件 / case {self.case}, event {self.number}"


@dataclass(frozen=True, slots=True)
class Row:
    """Fields as text, spaces at the ends removed; what is empty or null is the empty text. XES: a case's attributes begin with `case:`."""

    place: Place
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Reject:
    """A row that cannot be used, and why, in both languages; `key` is the record's key where it could be read."""

    place: Place
    reason: str
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Skipped:
    """A row that the mapping's conditions leave out on purpose."""

    place: Place


class UnreadableFile(Refused):
    """The file as a whole is not what the mapping says (not XML, not gzip, a header without the fields); the text says why."""
