"""The proof: totals counted again from the records, and records folded again from the facts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from scoring.ledger.domain.contributions import Amount, Catalogue, Place
from scoring.ledger.domain.records import Record, RecordKey

Totals = Mapping[Place, Amount]


@dataclass(frozen=True, slots=True)
class Difference:
    """A place whose total is not what a recount gives."""

    place: Place
    held: Amount
    counted: Amount


def recount(records: Iterable[Record], catalogue: Catalogue) -> dict[Place, Amount]:
    """Totals from nothing but records."""
    totals: dict[Place, Amount] = {}
    for record in records:
        for place, amount in catalogue.contributions(record).items():
            totals[place] = totals.get(place, Amount(0, 0)) + amount
    return totals


def differences(held: Totals, counted: Totals) -> list[Difference]:
    """Sorted by place; a place that one side lacks is nothing there."""
    nothing = Amount(0, 0)
    pairs = ((place, held.get(place, nothing), counted.get(place, nothing)) for place in sorted({*held, *counted}))
    return [Difference(place, left, right) for place, left, right in pairs if left != right]


def changed(held: Mapping[RecordKey, Record], folded: Mapping[RecordKey, Record]) -> list[RecordKey]:
    """The records that are not what their facts come to."""
    return sorted(key for key in {*held, *folded} if held.get(key) != folded.get(key))
