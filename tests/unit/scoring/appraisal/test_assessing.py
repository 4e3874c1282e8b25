from dataclasses import replace
from datetime import date
from fractions import Fraction
from uuid import UUID

import pytest

from scoring.appraisal.domain.assessing import records_of
from scoring.appraisal.domain.faults import MarkRefused
from scoring.appraisal.domain.marks import Decision, Mark, MarkId, State, give_mark, given_of
from scoring.appraisal.domain.members import Member, MemberKey
from scoring.appraisal.domain.missing import Wanted, missing
from scoring.appraisal.domain.rules import rule_of
from scoring.appraisal.domain.schemes import Indicator, Scheme
from tests.unit.scoring.appraisal.bureau import EAST, SQUAD, UNITS, WEST, scheme
from tests.unit.scoring.appraisal.fakes import NOON
from tests.unit.scoring.appraisal.test_traces import mark

SCHEME = scheme()
DUTY = SCHEME.indicators[2]
TEAM = {EAST.code: [Member(unit=EAST.code, key=MemberKey(key), name=key, since=date(2025, 1, 1)) for key in ("deputy", "head")]}


def of_kind(kind: str, **parameters: str) -> Indicator:
    return replace(DUTY, rule=rule_of({"kind": kind, **parameters}, "8"))


def judged_by(indicator: Indicator) -> Scheme:
    return replace(SCHEME, indicators=(indicator,))


def given(number: int, **changes: object) -> Mark:
    return replace(mark(6), id=MarkId(UUID(int=number)), **changes)  # type: ignore[arg-type]  # the fields of a mark


def sample(number: int, points: int, by: str, label: str = "one") -> Mark:
    return given(number, mark=Fraction(points), assessor=by, sample=label)


def test_all_samples_count_whatever_order_they_came_in() -> None:
    several = [sample(2, 90, "wang"), sample(1, 80, "hua"), sample(3, 70, "hua", "two")]
    found = given_of(several)
    assert found == given_of(several[::-1])
    assert found.raw == {"marks": ["80", "90", "70"]}
    assert [each["sample"] for each in found.source["samples"]] == ["one", "one", "two"]


def test_each_assessors_samples_have_places_of_their_own() -> None:
    places = {each.place for each in (sample(1, 80, "hua"), sample(2, 90, "wang"), sample(3, 70, "hua", "two"))}
    assert len(places) == 3
    assert sample(4, 60, "hua").place in places


@pytest.mark.parametrize(
    ("indicator", "one", "said"),
    [
        (of_kind("sampling_mean"), given(1), "which sample"),
        (of_kind("sampling_mean"), sample(1, 101, "hua"), "0 to 100"),
        (DUTY, sample(1, 7, "hua"), "no samples"),
        (of_kind("convert", scale="100"), given(1, reason=" "), "name the document"),
    ],
)
def test_a_sample_is_named_and_of_a_hundred_and_a_converted_mark_names_its_document(indicator: Indicator, one: Mark, said: str) -> None:
    with pytest.raises(MarkRefused, match=said):
        give_mark(one, indicator=indicator, unit=EAST, rounding=SCHEME.rounding)


def wanted(indicator: Indicator, *standing: Mark) -> list[tuple[str, Wanted]]:
    found = missing(judged_by(indicator), UNITS, TEAM, standing, concerns=lambda _indicator, unit: unit != SQUAD)
    return [(each.unit.code, each.wanted) for each in found]


def test_what_nobody_marked_confirmed_or_mended_is_missing() -> None:
    twice = replace(DUTY, confirm=True)
    assert wanted(DUTY, given(1)) == [(WEST.code, Wanted.MARK)]
    assert wanted(twice, given(1, counts=False)) == [(EAST.code, Wanted.CONFIRMATION), (WEST.code, Wanted.MARK)]
    assert wanted(twice, given(1, counts=False, state=State.RETURNED))[0] == (EAST.code, Wanted.BETTER_MARK)
    assert wanted(of_kind("sampling_mean"), sample(1, 80, "hua")) == [(WEST.code, Wanted.MARK)]


def test_a_mark_that_a_later_version_would_refuse_is_wanted_again() -> None:
    smaller = replace(DUTY, rule=rule_of({"kind": "manual"}, "5"))
    assert wanted(smaller, given(1)) == [(EAST.code, Wanted.BETTER_MARK), (WEST.code, Wanted.MARK)]


def test_each_member_that_nobody_marked_is_missing() -> None:
    each = replace(DUTY, of_members=True)
    found = missing(judged_by(each), UNITS, TEAM, [given(1, member="deputy")], concerns=lambda _indicator, _unit: True)
    assert [(one.unit.code, one.member and one.member.key) for one in found] == [(EAST.code, "head")]


def test_what_records_count_and_what_others_vote_on_is_nobodys_missing_mark() -> None:
    assert wanted(SCHEME.indicators[0]) == []
    assert wanted(of_kind("ballot", classes={"all": {"weight": "1"}})) == []  # type: ignore[arg-type]  # a nested parameter


def test_the_report_says_how_far_an_assessor_is_from_the_others() -> None:
    marks = [sample(1, 90, "hua"), sample(2, 80, "wang"), sample(3, 70, "li"), replace(sample(4, 60, "hua"), unit=WEST.code)]
    by_name = {record.assessor: record for record in records_of(marks)}
    assert {name: record.distance for name, record in by_name.items()} == {"hua": 15, "wang": 0, "li": -15}
    assert (by_name["hua"].sampled, by_name["hua"].compared, by_name["li"].spread) == (2, 1, Fraction(15))


def test_the_report_counts_what_was_changed_later_and_by_whom() -> None:
    first = given(1, state=State.REPLACED, counts=False)
    second = given(2, replaces=first.id, state=State.REPLACED, counts=False)
    third = given(3, replaces=second.id, assessor="wang", state=State.CONFIRMED, decision=Decision(by="office", at=NOON))
    back = given(4, unit=WEST.code, state=State.RETURNED, counts=False, decision=Decision(by="office", at=NOON, reason="补充"))
    draft = given(5, state=State.DRAFT, counts=False)
    hua, wang = records_of([first, second, third, back, draft])
    assert (hua.given, hua.units, hua.changed_by_self, hua.changed_by_others, hua.returned) == (3, 2, 1, 1, 1)
    assert (wang.given, wang.confirmed, wang.distance) == (1, 1, None)
