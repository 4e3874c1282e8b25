"""What many records come to: a measure is asked once for what reads the same, as days and states are few and records are many."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from operator import itemgetter
from typing import Final

from scoring.ledger.domain.contributions import Amount, Catalogue, Counted, Place, add_up
from scoring.ledger.domain.records import Record

MOST: Final = 20_000  # answers that a measure remembers
PLAIN: Final = frozenset({str, bool, type(None)})  # as keys these are never taken for one another, as 1, 1.0 and true would be
NOTHING: Final = Amount(0, 0)

Answer = tuple[Place, Amount] | None


class Tally:
    """Adds records up by a catalogue: to the same sums as its contributions."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        counted = {kind: catalogue.counted(kind) for kind in catalogue.kinds}
        self.reads = frozenset(name for some in counted.values() for each in some for name in each.measure.reads)
        self._kinds = {kind: _Kind(some) for kind, some in counted.items() if not any(map(_looks_back, some))}

    def add(self, sums: dict[Place, Amount], record: Record) -> None:
        """Add to the sums, in place."""
        kind, unit = self._kinds.get(record.kind or ""), self.catalogue.unit_of(record)
        if kind is None:
            add_up(sums, self.catalogue.contributions(record))
        elif unit is not None and not record.is_withdrawn:
            for answer in kind.answers(record, unit):
                if answer is not None:
                    place, amount = answer
                    sums[place] = sums.get(place, NOTHING) + amount


def _looks_back(counted: Counted) -> bool:
    """Whether a measure needs more of a record than its present values."""
    return bool(counted.measure.histories) or counted.measure.unit_on is not None


class _Kind:
    """The measures of a kind; each decides by the source, the unit and the attributes that it reads alone."""

    def __init__(self, counted: Sequence[Counted]) -> None:
        self._names = sorted({name for each in counted for name in each.measure.reads})
        place = {name: 2 + index for index, name in enumerate(self._names)}
        self._measures = [_Remembering(each, itemgetter(0, 1, *(place[name] for name in sorted(each.measure.reads)))) for each in counted]

    def answers(self, record: Record, unit: str) -> Iterable[Answer]:
        values = [record.source, unit, *(_key(record.value(name)) for name in self._names)]
        return [each.answer(values, record, unit) for each in self._measures]


class _Remembering:
    """One measure and what it answered."""

    def __init__(self, counted: Counted, key: Callable[[Sequence[Hashable]], Hashable]) -> None:
        self._counted = counted
        self._key = key
        self._answers: dict[Hashable, Answer] = {}

    def answer(self, values: Sequence[Hashable], record: Record, unit: str) -> Answer:
        key = self._key(values)
        if key not in self._answers:
            if len(self._answers) >= MOST:
                self._answers.clear()
            self._answers[key] = self._counted.contribution(record, unit)
        return self._answers[key]


def _key(value: object) -> Hashable:
    return value if type(value) in PLAIN else (type(value), repr(value))
