"""How the words of a file become values of the five attribute types, exactly or not at all."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Final
from zoneinfo import ZoneInfo

INTEGER_DIGITS: Final = 18
FRACTION_DIGITS: Final = 9
LONGEST_NUMBER: Final = 64  # characters read before any arithmetic: 1e10000000 costs seconds
FIRST_ROC_YEAR: Final = 1911  # year 1 of the Minguo calendar (民國) is 1912
ISO: Final = "iso"

TOKENS: Final = {
    "YYYY": r"(?P<year>\d{4})",
    "ROC": r"(?P<roc>\d{1,3})",
    "MM": r"(?P<month>\d{2})",
    "M": r"(?P<month>\d{1,2})",
    "DD": r"(?P<day>\d{2})",
    "D": r"(?P<day>\d{1,2})",
    "hh": r"(?P<hour>\d{2})",
    "h": r"(?P<hour>\d{1,2})",
    "mm": r"(?P<minute>\d{2})",
    "ss": r"(?P<second>\d{2})",
}
TOKEN: Final = re.compile("|".join(TOKENS))


class Unreadable(ValueError):
    """A value that its format does not read; the text says what was found and what is read, in both languages."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A written date format such as `YYYY/MM/DD hh:mm` or `ROC年M月D日`."""

    text: str
    matcher: re.Pattern[str]

    @classmethod
    def of(cls, text: str) -> "Pattern":
        """Raises `ValueError` where the text names no whole date or names a part twice."""
        pieces, end = [], 0
        for token in TOKEN.finditer(text):
            pieces += [re.escape(text[end : token.start()]), TOKENS[token.group()]]
            end = token.end()
        matcher = _compiled("".join([*pieces, re.escape(text[end:])]), text)
        named = set(matcher.groupindex)
        if not {"month", "day"} <= named or not named & {"year", "roc"}:
            raise ValueError(f"{text!r} 没有写全年月日 / names no whole date: use YYYY or ROC, MM or M, DD or D")
        return cls(text, matcher)

    def read(self, value: str) -> datetime | None:
        """The naive moment, `None` where the value is not written so or is no day of the calendar."""
        return _moment(self.matcher.fullmatch(value))

    def find(self, value: str) -> datetime | None:
        """Like `read`, anywhere inside the value (a day in a file's name)."""
        return _moment(self.matcher.search(value))


def _compiled(expression: str, text: str) -> re.Pattern[str]:
    try:
        return re.compile(expression, re.ASCII)
    except re.error as error:
        raise ValueError(f"{text!r} 同一部分出现两次 / names a part twice") from error


def _moment(match: re.Match[str] | None) -> datetime | None:
    if match is None:
        return None
    parts = {name: int(digits) for name, digits in match.groupdict().items()}
    if "roc" in parts:
        parts["year"] = parts.pop("roc") + FIRST_ROC_YEAR
    try:
        return datetime(**parts)  # type: ignore[arg-type]  # noqa: DTZ001 - the zone is the reader's
    except ValueError:
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class TextFormat:
    """Text as it is, or words translated by a table; a word outside it becomes `other`, without `other` it is unreadable."""

    words: Mapping[str, str]
    other: str | None

    def read(self, value: str) -> str:
        if not self.words:
            return value
        word = self.words.get(value, self.other)
        if word is None:
            raise Unreadable(f"{value!r} 不在词表中 / is not among the words: {', '.join(self.words)}")
        return word


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberFormat:
    """Decimal numbers with separators; the result is a plain decimal text, since numbers travel as strings."""

    thousands: str
    decimal: str

    def read(self, value: str) -> str:
        plain = value.replace(self.thousands, "") if self.thousands else value
        if self.decimal != ".":
            plain = plain.replace(".", "?").replace(self.decimal, ".")
        return _plain(plain.strip(), value)


def _plain(text: str, value: str) -> str:
    try:
        number = Decimal(text) if len(text) <= LONGEST_NUMBER and "_" not in text else None
    except InvalidOperation:
        number = None
    if number is None or not number.is_finite():
        raise Unreadable(f"{value[:LONGEST_NUMBER]!r} 不是数字 / is no number")
    if number == 0:
        return "0"
    _, digits, exponent = number.as_tuple()
    if not isinstance(exponent, int) or len(digits) + exponent > INTEGER_DIGITS or -exponent > FRACTION_DIGITS:
        raise Unreadable(f"{value!r} 超过 18 位整数或 9 位小数 / has more than 18 integer or 9 fraction digits")
    return format(number, "f")


@dataclass(frozen=True, slots=True, kw_only=True)
class BooleanFormat:
    """Words for yes and words for no, and nothing between."""

    yes: frozenset[str]
    no: frozenset[str]

    def read(self, value: str) -> bool:
        if value in self.yes:
            return True
        if value in self.no:
            return False
        allowed = ", ".join([*sorted(self.yes), *sorted(self.no)])
        raise Unreadable(f"{value!r} 既不是“是”也不是“否” / is neither a yes nor a no: {allowed}")


@dataclass(frozen=True, slots=True, kw_only=True)
class DayFormat:
    """Days in any of the patterns, tried in order; ISO 8601 with a time of day is taken at its local date."""

    patterns: Sequence[Pattern | None]  # None: ISO 8601
    zone: ZoneInfo

    def read(self, value: str) -> str:
        return self.day(value).isoformat()

    def day(self, value: str) -> date:
        moment = _first(self.patterns, value)
        return moment.date() if moment.tzinfo is None else moment.astimezone(self.zone).date()


@dataclass(frozen=True, slots=True, kw_only=True)
class InstantFormat:
    """Moments in any of the patterns; one without an offset is local to the zone (of an hour that comes twice, the first)."""

    patterns: Sequence[Pattern | None]
    zone: ZoneInfo

    def read(self, value: str) -> str:
        return spelled(self.instant(value))

    def instant(self, value: str) -> datetime:
        moment = _first(self.patterns, value)
        try:
            return (moment.replace(tzinfo=self.zone) if moment.tzinfo is None else moment).astimezone(UTC)
        except OverflowError as error:
            raise Unreadable(f"{value!r} 超出年历 / is outside the calendar") from error


def _first(patterns: Sequence[Pattern | None], value: str) -> datetime:
    for pattern in patterns:
        moment = _iso(value) if pattern is None else pattern.read(value)
        if moment is not None:
            return moment
    allowed = ", ".join(ISO if pattern is None else pattern.text for pattern in patterns)
    raise Unreadable(f"{value!r} 不是下列格式的日期 / is no date of the formats: {allowed}")


def _iso(value: str) -> datetime | None:
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        return None


def spelled(instant: datetime) -> str:
    """RFC 3339 in UTC."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


ValueFormat = TextFormat | NumberFormat | BooleanFormat | DayFormat | InstantFormat
Value = str | bool | None
