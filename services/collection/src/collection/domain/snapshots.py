"""What the difference of two registers states: the law that the store's comparison in SQL must agree with."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction

from collection.domain.facts import Fact, Observed, Withdrawn, snapshot_id, stamp_of
from collection.domain.formats import Value
from collection.domain.mappings import FileMapping, Line
from kit.errors import Refused


class SnapshotRefused(Refused):
    """The register cannot be taken; the text says why and what to do.

    SnapshotRefused
    ├── OlderSnapshot       its day is before the last one taken
    ├── DayUnknown          neither the request nor the file's name tells the day
    ├── EmptyRegister       no usable row: it would withdraw everything
    └── TooManyWithdrawals  more rows gone than the mapping allows at once
    """


class OlderSnapshot(SnapshotRefused):
    def __init__(self, day: date, last: date) -> None:
        super().__init__(
            f"登记日 {day} 早于已收的 {last}, 只能收更新的登记簿",
            f"the register of {day} is older than the last one taken, {last}: take newer ones only",
            field="day",
        )


class DayUnknown(SnapshotRefused):
    def __init__(self, file: str) -> None:
        super().__init__(
            f"文件名 {file} 不含登记日, 请用 day 指明", f"the file's name {file} tells no day: say day=YYYY-MM-DD", field="day"
        )


class EmptyRegister(SnapshotRefused):
    def __init__(self) -> None:
        super().__init__("登记簿没有可用的行, 请查看拒收清单和映射", "the register has no usable row: look at the rejects and the mapping")


class TooManyWithdrawals(SnapshotRefused):
    def __init__(self, gone: int, held: int, most: Fraction) -> None:
        share = f"{int(most * 100)} %"
        super().__init__(
            f"登记簿少了 {held} 行中的 {gone} 行, 超过允许的 {share}; 文件可能不完整, 确认无误后用 allow_withdrawals=true",
            f"{gone} of {held} rows are gone, more than the {share} that the mapping allows at once:"
            " is the file whole? If so, say allow_withdrawals=true",
            field="allow_withdrawals",
        )


@dataclass(frozen=True, slots=True)
class Taken:
    """The last register that was taken: its day, and which edition of that day it was."""

    day: date
    edition: int


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of a register as it is kept: what it says, and a digest of that."""

    key: str
    unit: str | None
    values: Mapping[str, Value]

    @property
    def digest(self) -> str:
        said = json.dumps([self.unit, dict(self.values)], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(said.encode()).hexdigest()


def edition_of(day: date, last: Taken | None) -> int:
    """The edition that a register of this day is; raises `OlderSnapshot`."""
    if last is None or day > last.day:
        return 1
    if day < last.day:
        raise OlderSnapshot(day, last.day)
    return last.edition + 1


def is_later(later: datetime | None, earlier: datetime | None) -> bool:
    """Of several rows with one key the greatest update time, then the last line, wins; a row without a time is the oldest."""
    if later is None or earlier is None:
        return earlier is None
    return later >= earlier


def entries(lines: Iterable[Line]) -> dict[str, Entry]:
    """The register that these rows make."""
    latest: dict[str, Line] = {}
    for line in lines:
        if line.key not in latest or is_later(line.updated, latest[line.key].updated):
            latest[line.key] = line
    return {key: Entry(key, line.unit, line.values) for key, line in latest.items()}


def check_withdrawals(*, gone: int, held: int, most: Fraction) -> None:
    """Raises `TooManyWithdrawals`."""
    if held and Fraction(gone, held) > most:
        raise TooManyWithdrawals(gone, held, most)


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """One edition of the register of one day: what it states of each record that differs from the last one."""

    mapping: FileMapping
    day: date
    edition: int

    def appeared_or_changed(self, entry: Entry) -> Observed:
        return Observed(
            id=snapshot_id(entry.key, self.day, self.edition),
            subject=entry.key,
            time=stamp_of(self.day, self.mapping.zone),
            kind=self.mapping.kind,
            unit=entry.unit,
            values=entry.values,
        )

    def disappeared(self, key: str) -> Withdrawn:
        return Withdrawn(
            id=snapshot_id(key, self.day, self.edition),
            subject=key,
            time=stamp_of(self.day, self.mapping.zone),
            reason=f"不再见于 {self.day} 的登记簿 / no longer in the register of {self.day}",
        )

    def difference(self, before: Mapping[str, Entry], after: Mapping[str, Entry]) -> list[Fact]:
        """Every fact that takes the records from `before` to `after`, by key."""
        facts: list[Fact] = []
        for key in sorted(before.keys() | after.keys()):
            entry, old = after.get(key), before.get(key)
            if entry is None:
                facts.append(self.disappeared(key))
            elif old is None or old.digest != entry.digest:
                facts.append(self.appeared_or_changed(entry))
        return facts
