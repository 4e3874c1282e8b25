"""How papers are judged and counted; the worked examples run against the rule that takes this (rules.jsonl)."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.ballots.domain.papers import Demands, Reason, missing, reason_against
from scoring.ballots.domain.tallies import counted, weighted_mean

CANDIDATES = ("east", "west", "squad")
SCALE = {"A": Fraction(100), "B": Fraction(80), "C": Fraction(60), "D": Fraction(40)}
STRICT = Demands(reject_uniform=True, quota={"A": 2})


def paper(*marks: str) -> dict[str, str]:
    return dict(zip(CANDIDATES, marks, strict=False))


@pytest.mark.parametrize(
    ("marks", "reason"),
    [
        (("A", "A", "B"), None),
        (("A", "B"), Reason.INCOMPLETE),
        (("A", "", "B"), Reason.INCOMPLETE),
        (("A", "B", "E"), Reason.INCOMPLETE),
        (("A", "A", "A"), Reason.OVER_QUOTA),
        (("B", "B", "B"), Reason.UNIFORM),
    ],
)
def test_a_paper_is_counted_under_its_first_reason(marks: tuple[str, ...], reason: Reason | None) -> None:
    assert reason_against(paper(*marks), STRICT, candidates=CANDIDATES, scale=SCALE) is reason


def test_the_only_mark_of_a_paper_is_not_uniform() -> None:
    assert reason_against({"east": "C"}, STRICT, candidates=("east",), scale=SCALE) is None


def test_what_is_missing_is_named() -> None:
    assert missing(paper("A", ""), candidates=CANDIDATES, scale=SCALE) == ("west", "squad")


def test_invalid_papers_add_no_mark_and_are_counted_by_reason() -> None:
    found = counted([paper("A", "B", "C"), paper("A", "A", "A"), paper("B")], STRICT, candidates=CANDIDATES, scale=SCALE, second=2)
    assert found.valid == 1
    assert {candidate: dict(counts) for candidate, counts in found.marks.items()} == {"east": {"A": 1}, "west": {"B": 1}, "squad": {"C": 1}}
    assert found.invalid == {Reason.SECOND: 2, Reason.OVER_QUOTA: 1, Reason.INCOMPLETE: 1}


@given(st.lists(st.tuples(*[st.sampled_from(["A", "B", "C", "D", ""])] * 3), max_size=12), st.randoms())
def test_the_order_of_papers_does_not_matter_and_none_is_lost(papers: list[tuple[str, ...]], seeded: object) -> None:
    shuffled = list(papers)
    seeded.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis gives random.Random
    first = counted([paper(*one) for one in papers], STRICT, candidates=CANDIDATES, scale=SCALE)
    assert first == counted([paper(*one) for one in shuffled], STRICT, candidates=CANDIDATES, scale=SCALE)
    assert first.valid + sum(first.invalid.values()) == len(papers)


def test_a_class_without_marks_leaves_its_weight_to_the_others_in_proportion() -> None:
    weights = {"leaders": Fraction(1, 2), "peers": Fraction(3, 10), "staff": Fraction(1, 5)}
    assert weighted_mean({"leaders": {"A": 1}, "peers": {}, "staff": {"C": 1}}, weights, SCALE) == Fraction(620, 7)


def test_no_mark_at_all_has_no_mean() -> None:
    assert weighted_mean({"leaders": {}}, {"leaders": Fraction(1)}, SCALE) is None
