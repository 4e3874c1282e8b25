"""One voter's paper: whether it is valid, and the one reason under which an invalid one is counted (domain.md §5)."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

Marks = Mapping[str, object]
"""A mark for each candidate; an empty one is missing."""

NO_MARK: Final = 255


class Reason(StrEnum):
    """In the order in which the first reason is looked for."""

    SECOND = "second"
    INCOMPLETE = "incomplete"
    OVER_QUOTA = "over_quota"
    UNIFORM = "uniform"


@dataclass(frozen=True, slots=True, kw_only=True)
class Demands:
    """What a voter class asks of a paper; `quota` is the most that a mark may be given."""

    reject_uniform: bool = False
    quota: Mapping[str, int] = field(default_factory=dict)


def reason_against(marks: Marks, demands: Demands, *, candidates: Collection[str], scale: Collection[str]) -> Reason | None:
    """Why a voter's first paper is invalid; none when it is valid. Whether it is the first is not seen on the paper."""
    if missing(marks, candidates=candidates, scale=scale):
        return Reason.INCOMPLETE
    given = Counter(str(marks[candidate]) for candidate in candidates)
    if any(given[mark] > most for mark, most in demands.quota.items()):
        return Reason.OVER_QUOTA
    if demands.reject_uniform and len(candidates) > 1 and len(given) == 1:
        return Reason.UNIFORM
    return None


def missing(marks: Marks, *, candidates: Collection[str], scale: Collection[str]) -> tuple[str, ...]:
    """The candidates without a mark of the scale."""
    return tuple(one for one in candidates if not isinstance(mark := marks.get(one), str) or mark not in scale)


def packed(marks: Marks, *, candidates: Sequence[str], scale: Collection[str]) -> bytes:
    """A paper in one byte a candidate: papers of a vote are equally long, so that a sealed one tells nothing by its length."""
    places = {mark: place for place, mark in enumerate(sorted(scale))}
    return bytes(places.get(str(marks.get(candidate)), NO_MARK) for candidate in candidates)


def unpacked(paper: bytes, *, candidates: Sequence[str], scale: Collection[str]) -> Marks:
    marks = sorted(scale)
    return {candidate: marks[place] for candidate, place in zip(candidates, paper, strict=True) if place != NO_MARK}
