"""From bytes to facts: CloudEvents in structured or binary mode, with every limit checked before anything is computed."""

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

import msgspec

from scoring.ledger.domain.reasons import Reason, Refused
from scoring.ledger.domain.values import (
    MOST_DEPTH,
    AttributeType,
    Kind,
    check_limits,
    check_text,
    check_value,
    has_more_values,
    instant,
    microseconds,
    read,
    scaled,
)

OBSERVED: Final = "feed.record_observed.v1"
WITHDRAWN: Final = "feed.record_withdrawn.v1"
BATCH_CLOSED: Final = "feed.batch_closed.v1"

MOST_BYTES: Final = 1_000_000
MOST_VALUES: Final = 10_000  # of a message: a million bytes of short numbers would take four seconds
MOST_CHARACTERS: Final = 500  # of an identifier: an index row of PostgreSQL holds 2,700 bytes
DIGEST_LENGTH: Final = 64
STRUCTURED: Final = b"application/cloudevents+json"
PREFIX: Final = "ce_"
STAND_IN: Final = "kaohe-unreadable"  # a header of what stands for a message that Kafka's client could not read

_HALF_A_PAIR: Final = re.compile(rb"\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])")  # msgspec says "truncated"
_LONG_DIGITS: Final = re.compile(rb"[0-9]{19}")


def _exact(text: str) -> Decimal:
    """A number with a fraction or an exponent, refused at once when it has too many digits."""
    number = Decimal(text)
    if scaled(number) is None:
        raise Refused(Reason.TOO_MANY_DIGITS, text[:60])
    return number


_decoder: Final = msgspec.json.Decoder(float_hook=_exact)
_encoder: Final = msgspec.json.Encoder(decimal_format="number", order="deterministic")


class _Claim(msgspec.Struct):
    """All else is skipped unread, however large or wrong it is."""

    id: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """What lay on the log, untouched."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...] = ()

    def fingerprint(self) -> bytes:
        """The same for every copy of the message, wherever it lies."""
        digest = hashlib.sha256()
        for part in (self.key, self.value, *(piece for name, content in self.headers for piece in (name.encode(), content))):
            digest.update(b"-" if part is None else b"%d:" % len(part) + part)
        return digest.digest()


class Unset:
    """No word about the unit, which is not the same as a unit of `null`."""


UNSET: Final = Unset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One event about one record. `digest` is the same for the same content."""

    source: str
    id: str
    subject: str
    time: datetime
    digest: bytes
    data: Mapping[str, object]

    @property
    def stamp(self) -> tuple[int, str]:
        return microseconds(self.time), self.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed(Fact):
    kind: str
    unit: str | Unset | None
    values: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawn(Fact):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchClosed(Fact):
    """A source's own count of a day, for reconciliation; it changes no record."""

    day: date
    count: int
    ids_digest: str


Event = Observed | Withdrawn | BatchClosed
Fields = Mapping[str, Any]  # JSON objects and constructor arguments: checked one by one below


def type_of(event: Event) -> str:
    match event:
        case Observed():
            return OBSERVED
        case Withdrawn():
            return WITHDRAWN
        case BatchClosed():
            return BATCH_CLOSED


@dataclass(frozen=True, slots=True)
class Feed:
    """A registered source: `slug` names its topic, `uri` stands in its events."""

    slug: str
    uri: str


def decode(message: Message) -> Event:
    """The event in a message of either mode; raises `Refused`."""
    headers = dict(message.headers)
    if not message.value:
        raise Refused(Reason.NOT_UTF8, "a header's name") if STAND_IN in headers else Refused(Reason.EMPTY)
    structured = headers.get("content-type", b"").startswith(STRUCTURED)
    if not structured and f"{PREFIX}specversion" in headers:
        return event_of(_binary(headers, message.value))
    return event_of(parse(message.value))


def parse(body: bytes) -> object:
    """JSON with exact numbers and within all limits; raises `Refused`."""
    document = _parsed(body)
    if not _plain(body):
        check_limits(document)
    return document


def _plain(body: bytes) -> bool:
    """Whether the bytes alone show that no limit can be touched: looking at every value costs as much as all the rest."""
    return body.count(b"{") + body.count(b"[") <= MOST_DEPTH and b"\\u0000" not in body and not _LONG_DIGITS.search(body)


def _parsed(body: bytes) -> object:
    if len(body) > MOST_BYTES:
        raise Refused(Reason.TOO_LARGE, f"{len(body)} bytes")
    try:
        _check_number_of_values(body)
        return _decoder.decode(body)
    except UnicodeDecodeError:
        raise Refused(Reason.NOT_UTF8) from None
    except RecursionError:
        raise Refused(Reason.TOO_DEEP) from None
    except (msgspec.ValidationError, InvalidOperation):
        raise Refused(Reason.TOO_MANY_DIGITS) from None
    except msgspec.DecodeError as error:
        raise Refused(_why_no_json(body, str(error)), str(error)) from None


def _check_number_of_values(body: bytes) -> None:
    """Commas are nearly always as many as values; where they are too many, count exactly, without making numbers exact."""
    if body.count(b",") < MOST_VALUES // 2:
        return
    if has_more_values(msgspec.json.decode(body), than=MOST_VALUES):
        raise Refused(Reason.TOO_MANY_VALUES, f"over {MOST_VALUES}")


def _why_no_json(body: bytes, error: str) -> Reason:
    try:
        body.decode()
    except UnicodeDecodeError:
        return Reason.NOT_UTF8
    return Reason.LONE_SURROGATE if "surrogate" in error or _HALF_A_PAIR.search(body) else Reason.NOT_JSON


def parts(body: bytes) -> list[bytes]:
    """The elements of a JSON array as they were written; raises `Refused`."""
    try:
        return [bytes(part) for part in msgspec.json.decode(body, type=list[msgspec.Raw])]
    except UnicodeDecodeError:
        raise Refused(Reason.NOT_UTF8) from None
    except RecursionError:
        raise Refused(Reason.TOO_DEEP) from None
    except msgspec.MsgspecError as error:
        raise Refused(_why_no_json(body, str(error)), str(error)) from None


def structured(attributes: Mapping[str, str], data: bytes) -> bytes:
    """A binary event as a structured one, its data as it was written; raises `Refused`."""
    if not data:
        return _encoder.encode(attributes)
    parse(data)
    return _encoder.encode({**attributes, "data": msgspec.Raw(data)})


def event_of(document: object) -> Event:
    """The event in a CloudEvent that `parse` gave; raises `Refused`."""
    if not isinstance(document, dict):
        raise Refused(Reason.NO_CLOUDEVENT, "an object is expected / 应为 JSON 对象")
    if document.get("specversion") != "1.0":
        raise Refused(Reason.NO_CLOUDEVENT, "specversion")
    of = _identifier(document, "type")
    if of not in _READERS:
        raise Refused(Reason.UNKNOWN_TYPE, of)
    if "data_base64" in document:
        raise Refused(Reason.BAD_DATA, "data_base64")
    return _READERS[of](document, of)


def belonging(event: Event, *, feed: Feed, key: bytes | None) -> Event:
    """The event filed under its source's slug, if it came the right way; raises `Refused`."""
    if event.source != feed.uri:
        raise Refused(Reason.FOREIGN_SOURCE, f"{event.source} ≠ {feed.uri}")
    if not isinstance(event, BatchClosed) and key != event.subject.encode():
        raise Refused(Reason.KEY_IS_NOT_SUBJECT, event.subject)
    return replace(event, source=feed.slug)


def check_kind(event: Event, kinds: Mapping[str, Kind]) -> None:
    """Raises `Refused` when an observation's kind is unknown or a declared attribute is not of its type."""
    if not isinstance(event, Observed):
        return
    kind = kinds.get(event.kind)
    if kind is None:
        raise Refused(Reason.UNKNOWN_KIND, event.kind)
    for name, value in event.values.items():
        if name in kind.attributes:
            check_value(name, kind.attributes[name], value)


def restored(*, of: str, source: str, id_: str, subject: str, time: datetime, digest: bytes, data: Mapping[str, object]) -> Event:
    """A fact as it was kept: what was accepted once is not judged again."""
    fields: Fields = {"source": source, "id": id_, "subject": subject, "time": time, "digest": digest, "data": data}
    return _WITH_DATA[of](fields, data)


def claimed_id(message: Message) -> str | None:
    """The id that a refused message gives itself, as far as that can be read, so that its sender can ask for it."""
    header = dict(message.headers).get(f"{PREFIX}id")
    try:
        found = header.decode() if header is not None else msgspec.json.decode(message.value or b"", type=_Claim).id
        check_text(found)
    except (Refused, UnicodeDecodeError, RecursionError, msgspec.MsgspecError):
        return None
    return found if 0 < len(found) <= MOST_CHARACTERS else None


def undeclared(event: Event, kinds: Mapping[str, Kind]) -> frozenset[str]:
    """The attributes that stay in the fact because their kind does not declare them."""
    if not isinstance(event, Observed):
        return frozenset()
    return frozenset(event.values) - frozenset(kinds[event.kind].attributes)


def encode(value: object) -> bytes:
    """JSON with exact numbers and sorted keys."""
    return _encoder.encode(value)


def parse_kept(text: str) -> object:
    """JSON that was judged when it came and is ours since."""
    return _decoder.decode(text)


def canonical(value: object) -> object:
    """Equal for the same JSON value: 1 and 1.0 are the same, 1 and "1" are not."""
    match value:
        case dict():
            return {name: canonical(part) for name, part in value.items()}
        case list():
            return [canonical(part) for part in value]
        case bool():
            return value
        case int() | Decimal():
            return Decimal(scaled(value) or 0)
        case _:
            return value


def _binary(headers: Mapping[str, bytes], value: bytes) -> dict[str, object]:
    try:
        attributes: dict[str, object] = {
            name.removeprefix(PREFIX): content.decode() for name, content in headers.items() if name.startswith(PREFIX)
        }
    except UnicodeDecodeError:
        raise Refused(Reason.NOT_UTF8, "headers") from None
    check_limits(attributes)
    return {**attributes, "data": parse(value)}


def _fields(document: Fields, of: str, *, subject: str) -> Fields:
    data = document.get("data")
    data = {} if data is None and of == WITHDRAWN else data
    if not isinstance(data, dict):
        raise Refused(Reason.BAD_DATA, "data")
    time = instant(_text(document, "time"))
    digest = hashlib.sha256(_encoder.encode([of, subject, microseconds(time), canonical(data)])).digest()
    return {
        "source": _identifier(document, "source"),
        "id": _identifier(document, "id"),
        "subject": subject,
        "time": time,
        "digest": digest,
        "data": data,
    }


def _about_a_record(document: Fields, of: str) -> Event:
    fields = _fields(document, of, subject=_identifier(document, "subject"))
    return _WITH_DATA[of](fields, fields["data"])


def _about_a_day(document: Fields, of: str) -> Event:
    subject = document.get("subject", "")
    fields = _fields(document, of, subject=subject if isinstance(subject, str) else "")
    return _WITH_DATA[of](fields, fields["data"])


def _observed(fields: Fields, data: Fields) -> Observed:
    kind, unit, values = data.get("kind"), data.get("unit", UNSET), data.get("set")
    if not isinstance(kind, str) or not kind:
        raise Refused(Reason.BAD_DATA, "data.kind")
    if not isinstance(values, dict):
        raise Refused(Reason.BAD_DATA, "data.set")
    if not isinstance(unit, str | None | Unset):
        raise Refused(Reason.WRONG_TYPE, "data.unit: text")
    if isinstance(unit, str) and len(unit) > MOST_CHARACTERS:
        raise Refused(Reason.TOO_LONG, "data.unit")
    return Observed(**fields, kind=kind, unit=unit, values=values)


def _withdrawn(fields: Fields, data: Fields) -> Withdrawn:
    if not isinstance(data.get("reason"), str | None):
        raise Refused(Reason.WRONG_TYPE, "data.reason: text")
    return Withdrawn(**fields)


def _batch_closed(fields: Fields, data: Fields) -> BatchClosed:
    day, count, digest = read(AttributeType.DATE, data.get("day")), data.get("count"), data.get("digest")
    if not isinstance(day, date):
        raise Refused(Reason.BAD_DATA, "data.day")
    if not isinstance(count, int) or isinstance(count, bool) or count < 0:
        raise Refused(Reason.BAD_DATA, "data.count")
    if not isinstance(digest, str) or len(digest) != DIGEST_LENGTH or not set(digest) <= set("0123456789abcdef"):
        raise Refused(Reason.BAD_DATA, "data.digest: SHA-256")
    return BatchClosed(**fields, day=day, count=count, ids_digest=digest)


_READERS: Final[Mapping[str, Callable[[Fields, str], Event]]] = {
    OBSERVED: _about_a_record,
    WITHDRAWN: _about_a_record,
    BATCH_CLOSED: _about_a_day,
}
_WITH_DATA: Final[Mapping[str, Callable[[Fields, Fields], Event]]] = {
    OBSERVED: _observed,
    WITHDRAWN: _withdrawn,
    BATCH_CLOSED: _batch_closed,
}


def _text(document: Fields, name: str) -> str:
    found = document.get(name)
    if not isinstance(found, str) or not found:
        raise Refused(Reason.NO_CLOUDEVENT, name)
    return found


def _identifier(document: Fields, name: str) -> str:
    found = _text(document, name)
    if len(found) > MOST_CHARACTERS:
        raise Refused(Reason.TOO_LONG, name)
    return found
