import json
from dataclasses import replace
from datetime import date
from fractions import Fraction
from uuid import UUID

import pytest

from scoring.appraisal.domain.documents import document_of
from scoring.appraisal.domain.faults import Conflict, MarkRefused, NotAllowed, SchemeRefused
from scoring.appraisal.domain.inputs import Month
from scoring.appraisal.domain.marks import Mark, MarkId, give_mark, given_of
from scoring.appraisal.domain.members import Member, MemberKey, apart_from, checked, points_of
from scoring.appraisal.domain.scheme_documents import scheme_of
from scoring.appraisal.domain.schemes import Version
from scoring.appraisal.domain.traces import Trace, again, judged, told
from tests.unit.scoring.appraisal.bureau import DOCUMENT, EAST, WORLD, scheme
from tests.unit.scoring.appraisal.test_traces import mark

SCHEME = scheme()
DUTY = replace(SCHEME.indicators[2], of_members=True)
TEAM = tuple(Member(unit=EAST.code, key=MemberKey(key), name=key, since=date(2025, 1, 1)) for key in ("deputy", "head", "second"))


def marked(points: str, member: str) -> Mark:
    return replace(mark(6), id=MarkId(UUID(int=len(member))), mark=Fraction(points), reason="x", member=member)


def trace(*marks: Mark, team: tuple[Member, ...] = TEAM) -> Trace:
    given = given_of(marks) if marks else None
    made = judged(DUTY, EAST.code, given, members=team, scheme=SCHEME, version=Version(1))
    stored: Trace = json.loads(json.dumps(made))
    return stored


ALL = (marked("7", "head"), marked("6.5", "deputy"), marked("6.5", "second"))


def test_the_unit_gets_the_mean_of_its_members_rounded_once_and_each_member_keeps_the_own_points() -> None:
    made = trace(*ALL)
    assert (made["exact"], made["result"]) == ("20/3", "6.67")
    assert points_of(made) == {"deputy": Fraction("6.5"), "head": 7, "second": Fraction("6.5")}
    assert told(made).en == "(6.5 + 7 + 6.5) / 3 = 6.67"
    assert again(made) == "6.67"
    assert made["sources"]["members"]["head"]["assessor"] == "hua"


def test_it_waits_until_all_members_are_marked_and_says_how_many_are_missing() -> None:
    made = trace(*ALL[:1])
    assert (made["awaiting"], made["missing"], made["result"], again(made)) == (True, ["deputy", "second"], None, None)
    assert told(made).zh == "还有 2 名成员尚未评分"
    assert told(trace()).en == "3 members are not marked yet"
    assert told(trace(team=())).en == "no members are registered"
    assert points_of(made) == {}


def test_the_mark_of_somebody_who_does_not_serve_is_left_out() -> None:
    assert trace(*ALL, team=TEAM[:2])["result"] == "6.75"


@pytest.mark.parametrize(
    ("since", "until", "serves"),
    [("2026-06-30", None, True), ("2026-07-01", None, False), ("2025-01-01", "2025-12-31", False), ("2025-01-01", "2026-01-01", True)],
)
def test_whoever_served_in_a_month_of_the_cycle_is_judged(since: str, until: str | None, serves: bool) -> None:
    member = replace(TEAM[0], since=date.fromisoformat(since), until=None if until is None else date.fromisoformat(until))
    assert member.serves_between(Month("2026-01"), Month("2026-06")) is serves


def test_nobody_leaves_before_coming() -> None:
    with pytest.raises(Conflict):
        checked(replace(TEAM[0], until=date(2024, 12, 31)))


def test_nobody_judges_oneself_or_the_own_team() -> None:
    with pytest.raises(NotAllowed, match="oneself"):
        apart_from(TEAM, "head")
    apart_from(TEAM, "hua")


def test_a_mark_says_which_member_where_members_are_judged_and_only_there() -> None:
    with pytest.raises(MarkRefused, match="say which member"):
        give_mark(mark(6), indicator=DUTY, unit=EAST, rounding=SCHEME.rounding)
    with pytest.raises(MarkRefused, match="judges no members"):
        give_mark(marked("6", "head"), indicator=SCHEME.indicators[2], unit=EAST, rounding=SCHEME.rounding)


def test_a_scheme_judges_members_by_marks_only() -> None:
    stated = DOCUMENT.replace("rule: {kind: manual}", "rule: {kind: manual}\n    scope: members\n    confirm: true")
    assert scheme_of(document_of(stated), WORLD).indicators[2].of_members
    sampled = stated.replace("kind: manual", "kind: sampling_mean")
    with pytest.raises(SchemeRefused) as refused:
        scheme_of(document_of(sampled), WORLD)
    assert [fault.path for fault in refused.value.faults] == ["indicators[2].scope"]
    counted = DOCUMENT.replace("inputs: {a: closed_in_time, b: due}", "inputs: {a: closed_in_time, b: due}\n    confirm: true")
    with pytest.raises(SchemeRefused) as refused:
        scheme_of(document_of(counted), WORLD)
    assert [fault.path for fault in refused.value.faults] == ["indicators[0].confirm"]
