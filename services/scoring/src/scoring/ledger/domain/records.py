"""A record is a last-writer-wins map: its state depends on the set of its facts, never on their order or number."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final

from scoring.ledger.domain.facts import BatchClosed, Event, Fact, Observed, Unset, Withdrawn
from scoring.ledger.domain.reasons import Reason, Refused

Stamp = tuple[int, str]  # microseconds since 1970 and the fact's id, compared by code point
RecordKey = tuple[str, str]
NOTHING: Final[Mapping[str, "Held"]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Held:
    """A value and the stamp of the fact that gave it."""

    value: object
    stamp: Stamp


@dataclass(frozen=True, slots=True)
class Record:
    source: str
    subject: str
    kind: str | None = None
    unit: Held | None = None
    withdrawn: Held | None = None
    attributes: Mapping[str, Held] = field(default_factory=lambda: NOTHING)

    @property
    def key(self) -> RecordKey:
        return self.source, self.subject

    @property
    def unit_code(self) -> str | None:
        return self.unit.value if self.unit and isinstance(self.unit.value, str) else None

    @property
    def is_withdrawn(self) -> bool:
        return self.withdrawn is not None and self.withdrawn.value is True

    def value(self, name: str) -> object:
        held = self.attributes.get(name)
        return held.value if held else None


def merge(record: Record, fact: Observed | Withdrawn) -> Record:
    """The record with one more fact. A fact that it already holds changes nothing; raises `Refused` (OTHER_KIND)."""
    match fact:
        case Withdrawn():
            return replace(record, withdrawn=_later(record.withdrawn, Held(value=True, stamp=fact.stamp)))
        case Observed():
            if record.kind is not None and record.kind != fact.kind:
                raise Refused(Reason.OTHER_KIND, f"{record.kind} ≠ {fact.kind}")
            return _observe(record, fact)


def corrects(record: Record, fact: Fact) -> bool:
    """Whether one of the two corrects the other: an attribute has another value in each, whichever of them is the later."""
    held = record.attributes
    return isinstance(fact, Observed) and any(name in held and held[name].value != value for name, value in fact.values.items())


@dataclass(slots=True)
class Folded:
    """What a sequence of events comes to; `conflicts` are places in the sequence."""

    records: dict[RecordKey, Record]
    conflicts: list[int]


def fold(events: Iterable[Event]) -> Folded:
    """All events in the order of their arrival; the first of two with one id stays."""
    records: dict[RecordKey, Record] = {}
    known: dict[tuple[str, str], bytes] = {}
    conflicts: list[int] = []
    for index, event in enumerate(events):
        first = known.get((event.source, event.id))
        if first is not None:
            conflicts.extend([index] if first != event.digest else [])
            continue
        try:
            _take(records, event)
        except Refused:
            conflicts.append(index)
        else:
            known[event.source, event.id] = event.digest
    return Folded(records, conflicts)


def _take(records: dict[RecordKey, Record], event: Event) -> None:
    if isinstance(event, BatchClosed):
        return
    record = records.get(record_key(event)) or Record(event.source, event.subject)
    records[record.key] = merge(record, event)


def record_key(fact: Fact) -> RecordKey:
    return fact.source, fact.subject


def _observe(record: Record, fact: Observed) -> Record:
    attributes = dict(record.attributes)
    for name, value in fact.values.items():
        attributes[name] = _later(attributes.get(name), Held(value, fact.stamp))
    return replace(
        record,
        kind=fact.kind,
        unit=record.unit if isinstance(fact.unit, Unset) else _later(record.unit, Held(fact.unit, fact.stamp)),
        withdrawn=_later(record.withdrawn, Held(value=False, stamp=fact.stamp)),
        attributes=attributes,
    )


def _later(held: Held | None, offered: Held) -> Held:
    return offered if held is None or offered.stamp > held.stamp else held
