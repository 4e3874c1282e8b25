"""Records as JSON and back, and kept facts as events; numbers stay exact both ways."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import Any

from scoring.ledger.domain.facts import Event, encode, parse_kept, restored
from scoring.ledger.domain.records import Held, History, Record


def encoded(record: Record) -> str:
    """The stamps and values of a record; its keys stand in columns of their own. A record without histories says nothing of them."""
    state: dict[str, Any] = {
        "unit": _pair(record.unit),
        "withdrawn": _pair(record.withdrawn),
        "attributes": {name: _pair(held) for name, held in record.attributes.items()},
    }
    if record.histories:
        state["histories"] = {name: _pairs(history) for name, history in record.histories.items()}
    if record.units:
        state["units"] = _pairs(record.units)
    return encode(state).decode()


def decoded(source: str, subject: str, kind: str | None, state: str, *, only: Collection[str] | None = None) -> Record:
    """The record; of the attributes that have no history `only` these, if some are named."""
    found: Any = parse_kept(state)
    attributes = {name: _there(pair) for name, pair in found["attributes"].items() if only is None or name in only}
    record = Record(source, subject, kind, _held(found["unit"]), _held(found["withdrawn"]), attributes)
    if "histories" not in found and "units" not in found:
        return record
    histories = {name: _history(pairs) for name, pairs in found.get("histories", {}).items()}
    return replace(record, histories=histories, units=_history(found.get("units", ())))


def kept_event(row: Any) -> Event:  # noqa: ANN401 - an asyncpg record
    """A row of facts, its `data` as text."""
    data = parse_kept(row["data"])
    assert isinstance(data, dict)  # noqa: S101 - judged when it came
    names = ("source", "subject", "time", "digest")
    return restored(of=row["type"], id_=row["id"], data=data, **{name: row[name] for name in names})


def _pair(held: Held | None) -> list[object] | None:
    return [held.value, *held.stamp] if held else None


def _held(pair: list[Any] | None) -> Held | None:
    return None if pair is None else _there(pair)


def _there(pair: list[Any]) -> Held:
    value, microseconds, id_ = pair
    return Held(value, (microseconds, id_))


def _pairs(history: History) -> list[list[object]]:
    return [[held.value, *held.stamp] for held in history]


def _history(pairs: Iterable[list[Any]]) -> History:
    return tuple(_there(pair) for pair in pairs)
