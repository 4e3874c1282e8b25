"""A tally gives the points that its papers give, whichever way they are judged."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.appraisal.domain.numbers import Rounding
from scoring.appraisal.domain.rules import evaluate, rule_of
from scoring.appraisal.domain.rules.reading import inputs_of
from scoring.appraisal.store.ballots import terms_of
from scoring.ballots.domain.papers import Demands
from scoring.ballots.domain.tallies import counted

CANDIDATES = ["east", "west", "squad"]
STATED: dict[str, Any] = {
    "kind": "ballot",
    "classes": {"leaders": {"weight": "0.6", "quota": {"A": 1}}, "staff": {"weight": "0.4", "reject_uniform": True}},
}
PAPERS = st.lists(st.dictionaries(st.sampled_from(CANDIDATES), st.sampled_from(["A", "B", "C", "D", ""])), max_size=6)


@given(PAPERS, PAPERS)
def test_a_tally_has_the_digits_of_its_papers(leaders: list[dict[str, str]], staff: list[dict[str, str]]) -> None:
    rule = rule_of(STATED, "10")
    terms = terms_of(rule)
    papers = {"leaders": leaders, "staff": staff}
    counts = {name: counted(papers[name], one.demands, candidates=CANDIDATES, scale=terms.scale) for name, one in terms.classes.items()}
    invalid: dict[str, int] = {}
    for count in counts.values():
        for reason, n in count.invalid.items():
            invalid[reason.value] = invalid.get(reason.value, 0) + n
    voted = {name: [{"voter": f"{name}{at}", "marks": paper} for at, paper in enumerate(some)] for name, some in papers.items()}
    one_by_one = evaluate(rule, inputs_of({"ballots": voted, "candidates": CANDIDATES, "unit": "east"}), Rounding())
    tally = {name: dict(count.marks.get("east", {})) for name, count in counts.items()}
    at_once = evaluate(rule, inputs_of({"tally": tally, "invalid": invalid}), Rounding())
    assert (one_by_one.exact, one_by_one.points, dict(one_by_one.invalid)) == (at_once.exact, at_once.points, dict(at_once.invalid))


def test_a_rule_says_what_a_vote_demands() -> None:
    terms = terms_of(rule_of(STATED, "10"))
    assert terms.classes["leaders"].demands == Demands(quota={"A": 1})
    assert terms.classes["staff"].demands == Demands(reject_uniform=True)
    assert set(terms.scale) == set("ABCD")


@pytest.mark.parametrize("tally", [{"guests": {"A": 3}}, {"staff": {"E": 3}}])
def test_a_tally_of_other_classes_or_marks_than_the_rule_knows_stops_no_settling(tally: dict[str, dict[str, int]]) -> None:
    found = evaluate(rule_of(STATED, "10"), inputs_of({"tally": tally, "invalid": {}}), Rounding())
    assert found.points is None
    assert found.empty is not None
    assert "vote again" in found.empty.en
