"""Papers counted: how often each mark was given to each candidate by each class, and what that comes to."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from scoring.ballots.domain.papers import Demands, Marks, Reason, reason_against

Counts = Mapping[str, int]
"""How often each mark was given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """One class's papers: the valid ones by candidate and mark, the others by their reason."""

    valid: int
    marks: Mapping[str, Counts]
    invalid: Mapping[Reason, int]


def counted(papers: Iterable[Marks], demands: Demands, *, candidates: Collection[str], scale: Collection[str], second: int = 0) -> Count:
    """The papers of one class, each voter's first; `second` is how many later ones there were. Their order does not matter."""
    marks: dict[str, Counter[str]] = defaultdict(Counter)
    invalid = Counter({Reason.SECOND: second} if second else {})
    valid = 0
    for paper in papers:
        reason = reason_against(paper, demands, candidates=candidates, scale=scale)
        if reason:
            invalid[reason] += 1
            continue
        valid += 1
        for candidate in candidates:
            marks[candidate][str(paper[candidate])] += 1
    return Count(valid=valid, marks=marks, invalid=invalid)


def class_mean(counts: Counts, scale: Mapping[str, Fraction]) -> Fraction | None:
    """The mean of a class's marks; none where it gave none."""
    given = sum(counts.values())
    return sum((scale[mark] * n for mark, n in counts.items()), Fraction(0)) / given if given else None


def weighted_mean(tally: Mapping[str, Counts], weights: Mapping[str, Fraction], scale: Mapping[str, Fraction]) -> Fraction | None:
    """The mean of the classes' means by weight; a class that gave none leaves its weight to the others in proportion."""
    means = {name: mean for name, counts in tally.items() if (mean := class_mean(counts, scale)) is not None}
    weight = sum((weights[name] for name in means), Fraction(0))
    return sum((means[name] * weights[name] for name in means), Fraction(0)) / weight if weight else None
