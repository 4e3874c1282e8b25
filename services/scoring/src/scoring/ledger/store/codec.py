"""Records as JSON and back; numbers stay exact both ways."""

from typing import Any

from scoring.ledger.domain.facts import encode, parse_kept
from scoring.ledger.domain.records import Held, Record


def encoded(record: Record) -> str:
    """The stamps and values of a record; its keys stand in columns of their own."""
    state = {
        "unit": _pair(record.unit),
        "withdrawn": _pair(record.withdrawn),
        "attributes": {name: _pair(held) for name, held in record.attributes.items()},
    }
    return encode(state).decode()


def decoded(source: str, subject: str, kind: str | None, state: str) -> Record:
    found: Any = parse_kept(state)
    return Record(
        source,
        subject,
        kind,
        _held(found["unit"]),
        _held(found["withdrawn"]),
        {name: _there(pair) for name, pair in found["attributes"].items()},
    )


def _pair(held: Held | None) -> list[object] | None:
    return [held.value, *held.stamp] if held else None


def _held(pair: list[Any] | None) -> Held | None:
    return None if pair is None else _there(pair)


def _there(pair: list[Any]) -> Held:
    value, microseconds, id_ = pair
    return Held(value, (microseconds, id_))
