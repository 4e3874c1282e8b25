"""Scores over several versions, worked by hand."""

import json
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.appraisal.domain.documents import document_of
from scoring.appraisal.domain.given import Given
from scoring.appraisal.domain.inputs import Month, Totals
from scoring.appraisal.domain.scheme_documents import scheme_of
from scoring.appraisal.domain.schemes import IndicatorKey, Scheme, Version
from scoring.appraisal.domain.settling import Ground, score_of, settle, traces_of
from scoring.appraisal.domain.standings import Standing, standing_of
from scoring.appraisal.domain.traces import Trace, again, told
from scoring.appraisal.domain.versions import Begun, Share, Term, same_lines, terms, whole_of
from tests.unit.scoring.appraisal.bureau import DOCUMENT, EAST, WORLD, scheme, term, totals

CLOSED, DUTY, CORRECTED = IndicatorKey("closed_in_time"), IndicatorKey("duty_report"), IndicatorKey("corrected")
COUNTS = st.integers(min_value=0, max_value=60)
SCHEME = scheme()
PLAIN = ("target: 0.95", "target: 1")


def begun(version: int, since: str, *, restates: bool = False) -> Begun:
    return Begun(version=Version(version), since=Month(since), restates=restates)


def share(months: int, exact: str | None, points: int = 10) -> Share:
    return Share(months=months, points=Fraction(points), exact=None if exact is None else Fraction(exact))


def revised(*changes: tuple[str, str]) -> Scheme:
    text = DOCUMENT
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return scheme_of(document_of(text), WORLD)


def ground(earlier: Scheme, present: Scheme, read: Totals, gave: dict[IndicatorKey, Given] | None = None) -> Ground:
    """The first version until March, the second from April to September."""
    first = Ground(scheme=earlier, term=term("2026-01", "2026-03", 1), unit=EAST, totals=read, given=gave or {})
    return Ground(scheme=present, term=term("2026-04", "2026-09", 2), unit=EAST, totals=read, given=gave or {}, earlier=(first,))


def rates(**by_month: tuple[int, int]) -> Totals:
    months = {f"2026-{month[1:]}": counts for month, counts in by_month.items()}
    return totals(closed_in_time={month: a for month, (a, _) in months.items()}, due={month: b for month, (_, b) in months.items()})


SLACK = revised(("target: 0.95", "target: 0.9"))


def trace(made: Ground, key: IndicatorKey = CLOSED) -> Trace:
    stored: Trace = json.loads(json.dumps(traces_of(made)[key]))
    return stored


def test_three_months_of_one_version_and_six_of_the_next_are_weighed_by_their_months() -> None:
    whole = whole_of([share(3, "7.5"), share(6, "9")])
    assert whole.exact == Fraction(17, 2)  # (7.5 x 3 + 9 x 6) / 9 = 76.5 / 9
    assert (whole.months, whole.points) == (9, Fraction(10))


def test_months_under_a_version_with_nothing_to_judge_do_not_count() -> None:
    whole = whole_of([share(3, None), share(6, "9")])
    assert (whole.exact, whole.months) == (Fraction(9), 6)
    nothing = whole_of([share(3, None, points=10), share(6, None, points=16)])
    assert (nothing.exact, nothing.months, nothing.points) == (None, 0, Fraction(14))


def test_the_most_that_an_indicator_could_give_is_weighed_as_its_score_is() -> None:
    whole = whole_of([share(6, "10", points=10), share(6, "20", points=20)])
    assert (whole.points, whole.exact) == (Fraction(15), Fraction(15))
    assert whole_of([share(6, None, points=10), share(6, "20", points=20)]).points == 20


def test_each_version_has_the_months_until_the_next_begins_and_months_to_come_do_not_count() -> None:
    chain = [begun(1, "2026-01"), begun(2, "2026-04"), begun(4, "2026-11")]
    assert terms(chain[:2], Month("2026-09")) == (term("2026-01", "2026-03", 1), term("2026-04", "2026-09", 2))
    assert [one.months for one in terms(chain, Month("2026-12"))] == [3, 7, 2]
    assert [one.months for one in terms([begun(1, "2025-12"), begun(2, "2026-01")], Month("2026-11"))] == [1, 11]


def test_a_version_that_restates_takes_all_months_and_a_later_one_takes_its_own() -> None:
    chain = [begun(1, "2026-01"), begun(2, "2026-04"), begun(3, "2026-01", restates=True), begun(4, "2026-06")]
    assert terms(chain[:3], Month("2026-07")) == (term("2026-01", "2026-07", 3),)
    assert terms(chain, Month("2026-07")) == (term("2026-01", "2026-05", 3), term("2026-06", "2026-07", 4))


def test_a_first_version_whose_months_are_all_to_come_has_none() -> None:
    assert [one.months for one in terms([begun(1, "2026-09")], Month("2026-06"))] == [0]


def test_a_score_over_two_versions_is_worked_out_from_the_months_of_each() -> None:
    made = trace(ground(revised(PLAIN), revised(PLAIN), rates(m01=(15, 20), m05=(36, 40))))
    first, second = made["versions"]
    assert (first["months"], first["trace"]["inputs"], first["trace"]["exact"]) == (3, {"a": "15", "b": "20"}, "7.5")
    assert (second["months"], second["trace"]["inputs"], second["trace"]["exact"]) == (6, {"a": "36", "b": "40"}, "9")
    assert (made["formula"], made["exact"], made["result"]) == ("7.5 x 3/9 + 9 x 6/9", "8.5", "8.50")
    assert again(made) == "8.50"


def test_scores_under_a_version_are_not_rounded_and_their_sum_is_once() -> None:
    made = trace(ground(revised(PLAIN), revised(PLAIN), rates(m02=(1, 8), m04=(1, 6))))
    assert made["exact"] == "55/36"  # 5/4 x 3/9 + 5/3 x 6/9; of rounded scores 1.25 x 3/9 + 1.67 x 6/9 = 1.53
    assert (made["result"], again(made)) == ("1.53", "1.53")
    near = trace(ground(revised(PLAIN), revised(PLAIN), rates(m02=(0, 8), m04=(1, 1112))))
    assert near["exact"] == "5/834"  # 0.005995: 0.01; of rounded scores 0.01 x 6/9 = 0.0067
    assert near["result"] == "0.01"


def test_the_words_tell_each_version_and_then_the_sum() -> None:
    words = told(trace(ground(revised(PLAIN), revised(PLAIN), rates(m01=(15, 20), m05=(36, 40)))))
    assert words.en == (
        "version 1 (2026-01 to 2026-03, 3 months): (15 / 20) / 1 x 10 = 7.50; "
        "version 2 (2026-04 to 2026-09, 6 months): (36 / 40) / 1 x 10 = 9.00; together 7.5 x 3/9 + 9 x 6/9 = 8.50"
    )
    assert words.zh.startswith("第 1 版（2026-01 至 2026-03，3 个月）：(15 / 20) / 1 x 10 = 7.50；第 2 版")


def test_an_indicator_that_is_not_applicable_in_one_version_is_scored_on_the_months_of_the_other() -> None:
    made = trace(ground(scheme(), scheme(), rates(m05=(18, 20))))
    assert (made["months"], made["exact"], made["result"]) == (6, "180/19", "9.47")
    assert "the denominator is 0" in told(made).en
    nothing = trace(ground(scheme(), scheme(), {}))
    assert score_of(nothing).standing is Standing.NOT_APPLICABLE
    assert (again(nothing), nothing["empty"]["en"]) == (None, "applicable under no version")


def test_an_indicator_of_the_present_version_only_is_scored_on_its_own_months() -> None:
    earlier = revised(("  - key: corrected", "  - key: other"))
    made = trace(ground(earlier, scheme(), totals(revoked={"2026-02": 2, "2026-05": 1})), CORRECTED)
    assert "versions" not in made
    assert (made["since"], made["inputs"]["counts"]["revoked"], made["result"]) == ("2026-04", "1", "3.00")


def test_an_indicator_that_a_revision_dropped_keeps_its_score_and_has_no_part_in_the_total() -> None:
    present = revised(("  - key: corrected", "  - key: other"))
    made = ground(scheme(), present, totals(revoked={"2026-02": 1}))
    dropped = trace(made, CORRECTED)
    assert (dropped["dropped"], dropped["months"], dropped["result"], again(dropped)) == (True, 3, "3.00", "3.00")
    scores = [score_of(one) for one in traces_of(made).values()]
    assert standing_of(EAST, scores, present) == standing_of(EAST, [one for one in scores if one.indicator != CORRECTED], present)


def test_full_points_under_both_versions_are_all_points_of_a_part_whose_other_indicator_does_not_apply() -> None:
    present = revised(("points: 5\n", "points: 50\n"), ("points: 10\n", "points: 5\n"), ("points: 50\n", "points: 10\n"))
    made = ground(scheme(), present, {})
    scores = [score_of(one) for one in traces_of(made).values()]
    (_, targets), *_ = standing_of(EAST, scores, present).parts
    assert trace(made, CORRECTED)["points"] == "8.33" == trace(made, CORRECTED)["result"]  # (5 x 3 + 10 x 6) / 9
    assert trace(made)["points"] == "6.67"  # (10 x 3 + 5 x 6) / 9, applicable in no month
    assert (targets.worth, targets.shared) == (Fraction(15), Fraction(15))


def test_a_mark_belongs_to_the_cycle_and_counts_under_each_version() -> None:
    gave = {DUTY: Given({"mark": "7", "reason": "x"}, {})}
    made = trace(ground(scheme(), revised(("points: 8", "points: 10")), {}, gave), DUTY)
    assert (made["result"], made["points"]) == ("7.00", "9.33")


def test_a_mark_that_the_present_version_does_not_take_has_to_be_given_again() -> None:
    gave = {DUTY: Given({"mark": "8", "reason": "x"}, {"mark": "id"})}
    made = trace(ground(scheme(), revised(("points: 8", "points: 6")), {}, gave), DUTY)
    assert score_of(made).standing is Standing.AWAITING
    assert again(made) is None
    assert told(made).en.startswith("not marked yet, what was given does not fit this version, give it again")


def test_a_mark_that_an_older_version_does_not_take_leaves_out_its_months() -> None:
    gave = {DUTY: Given({"mark": "9", "reason": "x"}, {})}
    made = trace(ground(scheme(), revised(("points: 8", "points: 10")), {}, gave), DUTY)
    assert (made["months"], made["result"]) == (6, "9.00")


def test_lines_judge_the_present_versions_figures_over_the_whole_cycle_to_date() -> None:
    done = settle(ground(scheme(), scheme(), rates(m02=(80, 100), m05=(1, 1))), held={}, crossed=(), lights={})
    assert done.crossed == {(CLOSED, 0), (CLOSED, 1)}


def test_a_crossed_line_is_the_line_of_the_same_indicator_and_level_after_a_revision() -> None:
    fewer = revised(("      - {level: yellow, below: 0.92}\n", ""))
    handed = same_lines(scheme(), fewer)
    assert handed[(CLOSED, 1)] == (CLOSED, 0)
    assert (CLOSED, 0) not in handed


def test_a_score_that_no_version_makes_any_more_is_taken_away() -> None:
    made = ground(scheme(), scheme(), {})
    held = {**traces_of(made), IndicatorKey("old"): trace(made)}
    assert settle(made, held=held, crossed=(), lights={}).gone == {IndicatorKey("old")}


@given(st.lists(st.tuples(COUNTS, COUNTS), min_size=9, max_size=9), st.integers(min_value=0, max_value=8))
def test_a_version_that_restates_by_the_same_words_changes_no_digit(months: list[tuple[int, int]], mark: int) -> None:
    read = rates(**{f"m{number:02}": (min(pair), max(pair)) for number, pair in enumerate(months, start=1)})
    gave = {DUTY: Given({"mark": str(mark), "reason": "x"}, {})}
    chain = [begun(1, "2026-01"), begun(2, "2026-01", restates=True)]
    alone, restated = (
        traces_of(Ground(scheme=SCHEME, term=terms(some, Month("2026-09"))[-1], unit=EAST, totals=read, given=gave))
        for some in (chain[:1], chain)
    )
    assert [one["exact"] for one in alone.values()] == [one["exact"] for one in restated.values()]


@given(st.lists(st.tuples(COUNTS, COUNTS), min_size=9, max_size=9))
def test_a_score_lies_between_those_of_its_versions_and_its_trace_gives_the_same_digits_again(months: list[tuple[int, int]]) -> None:
    read = rates(**{f"m{number:02}": (min(pair), max(pair)) for number, pair in enumerate(months, start=1)})
    made = trace(ground(SCHEME, SLACK, read))
    assert again(made) == made["result"]
    under = [Fraction(one["trace"]["exact"]) for one in made["versions"] if one["trace"]["exact"] is not None]
    assert (made["exact"] is None) == (not under)
    if under:
        assert min(under) <= Fraction(made["exact"]) <= max(under)


@given(st.lists(st.tuples(st.integers(1, 12), st.fractions(0, 100), st.booleans()), min_size=1, max_size=6))
def test_neither_the_order_of_versions_matters_to_the_sum_nor_cutting_one_in_two(drawn: list[tuple[int, Fraction, bool]]) -> None:
    shares = [Share(months=months, points=Fraction(100), exact=exact if applies else None) for months, exact, applies in drawn]
    assert whole_of(shares) == whole_of(shares[::-1])
    cut = [replace(one, months=part) for one in shares for part in (1, one.months - 1) if part]
    assert whole_of(cut) == whole_of(shares)


@pytest.mark.parametrize(
    ("since", "through", "months"),
    [("2026-01", "2026-12", 12), ("2025-12", "2026-02", 3), ("2026-05", "2026-05", 1), ("2026-06", "2026-05", 0)],
)
def test_both_ends_of_a_span_count(since: str, through: str, months: int) -> None:
    assert Term(version=Version(1), since=Month(since), through=Month(through)).months == months
