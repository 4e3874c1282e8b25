"""A record is a last-writer-wins map: its state depends on the set of its facts, never on their order or number."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final, NamedTuple

from scoring.ledger.domain.facts import BatchClosed, Event, Fact, Observed, Unset, Withdrawn
from scoring.ledger.domain.reasons import Reason, Refused
from scoring.ledger.domain.values import Kind

Stamp = tuple[int, str]  # microseconds since 1970 and the fact's id, compared by code point
RecordKey = tuple[str, str]
NOTHING: Final[Mapping[str, "Held"]] = MappingProxyType({})


class Held(NamedTuple):
    """A value and the stamp of the fact that gave it: a tuple, as a record has one for each of its attributes."""

    value: object
    stamp: Stamp


History = tuple[Held, ...]  # in the order of their stamps
NO_HISTORIES: Final[Mapping[str, History]] = MappingProxyType({})
NO_KINDS: Final[Mapping[str, Kind]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Record:
    """`histories` has the attributes that their kind declares so, and then `units` has every unit that was observed."""

    source: str
    subject: str
    kind: str | None = None
    unit: Held | None = None
    withdrawn: Held | None = None
    attributes: Mapping[str, Held] = field(default_factory=lambda: NOTHING)
    histories: Mapping[str, History] = field(default_factory=lambda: NO_HISTORIES)
    units: History = ()

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

    def values(self, name: str) -> list[object]:
        """All values of an attribute with history, the first one first."""
        return [held.value for held in self.histories.get(name, ())]

    def code_before(self, end: int) -> str | None:
        """The code of the unit that held it last before an instant (in microseconds); if none had held it yet, the first one since."""
        until = [held.value for held in self.units if held.stamp[0] < end]
        if any(isinstance(code, str) for code in until):
            return _code(until[-1])
        return next((code for held in self.units if (code := _code(held.value)) is not None), None)

    @property
    def former_codes(self) -> frozenset[str]:
        """All codes that it ever had, once they are more than one: so what was a former code stays one, in whatever order facts come."""
        codes = {held.value for held in self.units}
        return frozenset(code for code in codes if isinstance(code, str)) if len(codes) > 1 else frozenset()


def merge(record: Record, fact: Observed | Withdrawn, kinds: Mapping[str, Kind] = NO_KINDS) -> Record:
    """The record with one more fact, its history kept as its kind says.

    A fact that it already holds changes nothing; raises `Refused` (OTHER_KIND).
    """
    match fact:
        case Withdrawn():
            return replace(record, withdrawn=_later(record.withdrawn, Held(value=True, stamp=fact.stamp)))
        case Observed():
            if record.kind is not None and record.kind != fact.kind:
                raise Refused(Reason.OTHER_KIND, f"{record.kind} ≠ {fact.kind}")
            kind = kinds.get(fact.kind)
            return _remember(_observe(record, fact), fact, kind.history) if kind and kind.history else _observe(record, fact)


def corrects(record: Record, fact: Fact) -> bool:
    """Whether one of the two corrects the other: an attribute has another value in each, whichever of them is the later."""
    held = record.attributes
    return isinstance(fact, Observed) and any(name in held and held[name].value != value for name, value in fact.values.items())


@dataclass(slots=True)
class Folded:
    """What a sequence of events comes to; `conflicts` are places in the sequence."""

    records: dict[RecordKey, Record]
    conflicts: list[int]


def fold(events: Iterable[Event], kinds: Mapping[str, Kind] = NO_KINDS) -> Folded:
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
            _take(records, event, kinds)
        except Refused:
            conflicts.append(index)
        else:
            known[event.source, event.id] = event.digest
    return Folded(records, conflicts)


def _take(records: dict[RecordKey, Record], event: Event, kinds: Mapping[str, Kind]) -> None:
    if isinstance(event, BatchClosed):
        return
    record = records.get(record_key(event)) or Record(event.source, event.subject)
    records[record.key] = merge(record, event, kinds)


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


def _remember(record: Record, fact: Observed, kept: frozenset[str]) -> Record:
    """Every pair stays, also one that repeats the value before it: what arrives later may come between the two."""
    histories = dict(record.histories)
    for name in kept & fact.values.keys():
        histories[name] = _with(histories.get(name, ()), Held(fact.values[name], fact.stamp))
    units = record.units if isinstance(fact.unit, Unset) else _with(record.units, Held(fact.unit, fact.stamp))
    return replace(record, histories=histories, units=units)


def _with(history: History, offered: Held) -> History:
    place = bisect_left(history, offered.stamp, key=lambda held: held.stamp)
    if place < len(history) and history[place].stamp == offered.stamp:
        return history
    return (*history[:place], offered, *history[place:])


def _code(unit: object) -> str | None:
    return unit if isinstance(unit, str) else None
