"""Attribute values: what each declared type admits, and how a value is read for counting."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal
from enum import StrEnum
from itertools import islice
from types import MappingProxyType
from typing import Final

from scoring.ledger.domain.reasons import Reason, Refused

Typed = str | int | bool | date | datetime

INTEGER_DIGITS: Final = 18
FRACTION_DIGITS: Final = 9
SCALE: Final = 10**FRACTION_DIGITS  # numbers are held as whole billionths: exact, and as fast as int
MOST_DEPTH: Final = 32
MOST_EXPONENT: Final = 1_000  # PostgreSQL's numeric ends at 16,383 places, also for a zero

_PLAIN_NUMBER: Final = re.compile(r"(-?)([0-9]+)(?:\.([0-9]+))?", re.ASCII)
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_INSTANT: Final = re.compile(
    r"(\d{4}-\d{2}-\d{2})[Tt](\d{2}:\d{2}:\d{2})(?:\.(\d+))?([Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)",
    re.ASCII,
)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_MOST_MICROSECOND_DIGITS: Final = 6


class AttributeType(StrEnum):
    TEXT = "text"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    INSTANT = "instant"


Schema = Mapping[str, AttributeType]
Declared = str | Mapping[str, object]  # `date`, or `{type: date, history: true}`


@dataclass(frozen=True, slots=True)
class Kind:
    """What records of a kind declare about themselves; of the attributes in `history`, and then of the unit too, they keep every value."""

    key: str
    attributes: Schema
    history: frozenset[str] = frozenset()

    @classmethod
    def of(cls, key: str, attributes: Mapping[str, Declared]) -> "Kind":
        """Raises `ValueError` for a type that does not exist, or a declaration that says more than its type and history."""
        declared = {name: _declared(one) for name, one in attributes.items()}
        types = MappingProxyType({name: of for name, (of, _) in declared.items()})
        return cls(key, types, frozenset(name for name, (_, history) in declared.items() if history))

    @property
    def declared(self) -> dict[str, Declared]:
        """The attributes as they are written; a release that knows nothing of histories stops at one, rather than lose it."""
        return {name: {"type": of.value, "history": True} if name in self.history else of.value for name, of in self.attributes.items()}


def _declared(found: Declared) -> tuple[AttributeType, bool]:
    if isinstance(found, str):
        return AttributeType(found), False
    of, history = found.get("type"), found.get("history", False)
    if found.keys() - {"type", "history"} or not isinstance(of, str) or not isinstance(history, bool):
        raise ValueError(f"{dict(found)!r} declares no attribute")
    return AttributeType(of), history


def instant(text: str) -> datetime:
    """An RFC 3339 instant in UTC; raises `Refused` (BAD_TIME, TIME_TOO_FINE)."""
    found = _INSTANT.fullmatch(text)
    if found is None:
        raise Refused(Reason.BAD_TIME, text[:60])
    day, time, fraction, offset = found.groups()
    fraction = (fraction or "").rstrip("0")
    if len(fraction) > _MOST_MICROSECOND_DIGITS:
        raise Refused(Reason.TIME_TOO_FINE, text[:60])
    try:
        local = datetime.fromisoformat(f"{day}T{time}.{fraction:0<6}{offset.upper().replace('Z', '+00:00')}")
        return local.astimezone(UTC)
    except (ValueError, OverflowError):
        raise Refused(Reason.BAD_TIME, text[:60]) from None


def microseconds(at: datetime) -> int:
    """Since 1970, exactly: never through a float."""
    return (at - _EPOCH) // _MICROSECOND


def local_date(moment: datetime, zone: tzinfo) -> date | None:
    """The date in a zone; `None` at the two ends of time, where it would lie outside the calendar."""
    try:
        return moment.astimezone(zone).date()
    except OverflowError:
        return None


def scaled(value: object) -> int | None:
    """A JSON number or plain decimal text in billionths; `None` when it is no number or has too many digits."""
    match value:
        case bool():
            return None
        case int():
            return value * SCALE if abs(value) < 10**INTEGER_DIGITS else None
        case Decimal():
            return _scaled_decimal(value)
        case str():
            return _scaled_text(value)
        case _:
            return None


def read(of: AttributeType, value: object) -> Typed | None:
    """The value for comparing and counting; `None` when it is missing or not of its type."""
    match of:
        case AttributeType.TEXT:
            return value if isinstance(value, str) else None
        case AttributeType.NUMBER:
            return scaled(value)
        case AttributeType.BOOLEAN:
            return value if isinstance(value, bool) else None
        case AttributeType.DATE:
            return _read_date(value)
        case AttributeType.INSTANT:
            return _read_instant(value)


def check_value(name: str, of: AttributeType, value: object) -> None:
    """Raises `Refused` when a declared attribute's value is not of its type; `null` is of every type."""
    if value is None or read(of, value) is not None:
        return
    if of is AttributeType.INSTANT and isinstance(value, str):
        _explain_instant(name, value)
    if of is AttributeType.NUMBER and isinstance(value, str) and _PLAIN_NUMBER.fullmatch(value):
        raise Refused(Reason.TOO_MANY_DIGITS, f"{name} = {value[:60]}")
    raise Refused(Reason.WRONG_TYPE, f"{name} = {str(value)[:60]!r}: {of}")


def check_limits(value: object) -> None:
    """Raises `Refused` for what may be JSON but is kept out before any arithmetic or storage."""
    for depth, leaf in _walk(value):
        if depth > MOST_DEPTH:
            raise Refused(Reason.TOO_DEEP)
        match leaf:
            case str():
                check_text(leaf)
            case bool():
                pass
            case int() | Decimal() if scaled(leaf) is None:
                raise Refused(Reason.TOO_MANY_DIGITS)
            case _:
                pass


def has_more_values(value: object, *, than: int) -> bool:
    """Counting names, values and the objects and arrays around them."""
    return next(islice(_walk(value), than, None), None) is not None


def check_text(text: str) -> None:
    if "\x00" in text:
        raise Refused(Reason.FORBIDDEN_CHARACTER, text[:60].replace("\x00", "␀"))
    try:
        text.encode()
    except UnicodeEncodeError:
        raise Refused(Reason.LONE_SURROGATE) from None


def _walk(value: object) -> Iterator[tuple[int, object]]:
    """Every value with its depth, without recursion: depth is what a sender chooses."""
    waiting = [(0, value)]
    while waiting:
        depth, found = waiting.pop()
        yield depth, found
        if depth > MOST_DEPTH:
            return
        if isinstance(found, dict):
            waiting.extend((depth + 1, part) for pair in found.items() for part in pair)
        elif isinstance(found, list):
            waiting.extend((depth + 1, part) for part in found)


def _scaled_decimal(value: Decimal) -> int | None:
    sign, digits, exponent = value.as_tuple()
    if not isinstance(exponent, int) or abs(exponent) > MOST_EXPONENT:
        return None
    written = "".join(map(str, digits)).lstrip("0")
    shift = exponent + len(written) - len(written.rstrip("0"))
    return _in_billionths(negative=bool(sign), written=written.rstrip("0"), exponent=shift)


def _scaled_text(text: str) -> int | None:
    found = _PLAIN_NUMBER.fullmatch(text)
    if found is None:
        return None
    sign, whole, fraction = found.group(1), found.group(2).lstrip("0"), (found.group(3) or "").rstrip("0")
    if len(whole) > INTEGER_DIGITS or len(fraction) > FRACTION_DIGITS:
        return None
    size = int(f"{whole}{fraction:0<{FRACTION_DIGITS}}")
    return -size if sign else size


def _in_billionths(*, negative: bool, written: str, exponent: int) -> int | None:
    """`written` has no zeros at its ends, so the digits that count are all there is to count."""
    if not written:
        return 0
    if exponent < -FRACTION_DIGITS or len(written) + exponent > INTEGER_DIGITS:
        return None
    size = int(written + "0" * (exponent + FRACTION_DIGITS))
    return -size if negative else size


def _read_date(value: object) -> date | None:
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def _read_instant(value: object) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        return instant(value)
    except Refused:
        return None


def _explain_instant(name: str, value: str) -> None:
    try:
        instant(value)
    except Refused as refused:
        if refused.reason is Reason.TIME_TOO_FINE:
            raise Refused(Reason.TIME_TOO_FINE, f"{name} = {refused.detail}") from None
