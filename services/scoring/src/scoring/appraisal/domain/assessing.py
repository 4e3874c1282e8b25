"""What the office learns about its assessors: who marked, how far from the others, and what was changed later (domain.md §5)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from scoring.appraisal.domain.marks import PRIVATE, Mark, MarkId, State
from scoring.appraisal.domain.numbers import added


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One assessor's: marks given, and how many of them were replaced by oneself or by others, returned, or confirmed.

    `distance` is the mean of (own mean - the others' mean) over what others sampled too: above 0 is milder; none where nobody did.
    """

    assessor: str
    given: int
    units: int
    changed_by_self: int
    changed_by_others: int
    returned: int
    confirmed: int
    sampled: int
    compared: int
    distance: Fraction | None
    spread: Fraction | None


def records_of(marks: Iterable[Mark]) -> Sequence[Record]:
    """Of every assessor who gave a mark, in the order of their subjects; drafts are nobody's business."""
    given = [mark for mark in marks if mark.state not in PRIVATE]
    successors = {mark.replaces: mark for mark in given if mark.replaces is not None}
    distances = _distances(given)
    return [_record(who, [mark for mark in given if mark.assessor == who], successors, distances.get(who, [])) for who in _assessors(given)]


def nothing_of(who: str) -> Record:
    return _record(who, [], {}, [])


def _assessors(marks: Iterable[Mark]) -> list[str]:
    return sorted({mark.assessor for mark in marks})


def _record(who: str, own: Sequence[Mark], successors: Mapping[MarkId, Mark], distances: Sequence[Fraction]) -> Record:
    later = [successors[mark.id].assessor for mark in own if mark.id in successors]
    return Record(
        assessor=who,
        given=len(own),
        units=len({mark.unit for mark in own}),
        changed_by_self=sum(by == who for by in later),
        changed_by_others=sum(by != who for by in later),
        returned=sum(mark.decision is not None and mark.state is not State.CONFIRMED and bool(mark.decision.reason) for mark in own),
        confirmed=sum(mark.state is State.CONFIRMED for mark in own),
        sampled=sum(bool(mark.sample) and mark.counts for mark in own),
        compared=len(distances),
        distance=_mean(distances),
        spread=_mean([abs(distance) for distance in distances]),
    )


def _distances(marks: Iterable[Mark]) -> Mapping[str, list[Fraction]]:
    """By assessor, one figure for each indicator of a unit that others sampled too."""
    samples: dict[tuple[str, str], dict[str, list[Fraction]]] = {}
    for mark in marks:
        if mark.sample and mark.counts:
            samples.setdefault((mark.unit, mark.indicator), {}).setdefault(mark.assessor, []).append(mark.mark)
    found: dict[str, list[Fraction]] = {}
    for by_assessor in samples.values():
        for who, own in by_assessor.items():
            others = [mark for other, theirs in by_assessor.items() if other != who for mark in theirs]
            if others:
                found.setdefault(who, []).append(added(own) / len(own) - added(others) / len(others))
    return found


def _mean(values: Sequence[Fraction]) -> Fraction | None:
    return added(values) / len(values) if values else None
