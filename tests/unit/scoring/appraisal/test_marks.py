from dataclasses import replace
from fractions import Fraction
from uuid import UUID

import pytest

from scoring.appraisal.domain.faults import Conflict, MarkRefused, NotAllowed, WrongState
from scoring.appraisal.domain.marks import (
    Decision,
    Held,
    Mark,
    MarkId,
    State,
    confirmed,
    give_mark,
    marked_indicator,
    returned,
    succeeding,
)
from scoring.appraisal.domain.schemes import IndicatorKey
from tests.unit.scoring.appraisal.bureau import EAST, SQUAD, scheme
from tests.unit.scoring.appraisal.fakes import NOON
from tests.unit.scoring.appraisal.test_traces import mark

SCHEME = scheme()
AT_ONCE = SCHEME.indicators[2]
IN_TWO_STEPS = replace(AT_ONCE, confirm=True)
SECOND = Decision(by="second", at=NOON)


def give(given: Mark) -> Mark:
    return give_mark(given, indicator=AT_ONCE, unit=EAST, rounding=SCHEME.rounding)


def given(number: int, **changes: object) -> Mark:
    return replace(mark(6), id=MarkId(UUID(int=number)), **changes)  # type: ignore[arg-type]  # the fields of a mark


FIRST = given(1)
NEXT = given(2, mark=Fraction(7), replaces=FIRST.id)
WAITING = replace(FIRST, counts=False)


def test_a_mark_within_the_rule_is_given() -> None:
    assert give(mark(6)).mark == 6


@pytest.mark.parametrize(("key", "said"), [("closed_in_time", "counted from records"), ("nowhere", "does not judge")])
def test_an_indicator_that_records_count_or_that_does_not_judge_the_unit_is_not_marked(key: str, said: str) -> None:
    with pytest.raises(MarkRefused, match=said):
        marked_indicator(IndicatorKey(key), SCHEME, SQUAD)


@pytest.mark.parametrize(("points", "reason"), [(Fraction(9), "x"), (Fraction(-1), "x"), (Fraction(8), ""), (Fraction(4), " ")])
def test_a_mark_outside_its_bounds_or_without_its_reason_is_refused(points: Fraction, reason: str) -> None:
    with pytest.raises(MarkRefused):
        give(replace(mark(0), mark=points, reason=reason))


def test_a_later_mark_counts_and_the_former_is_kept_as_replaced() -> None:
    found = succeeding(NEXT, Held(current=FIRST, counting=FIRST), AT_ONCE)
    assert (found.mark.counts, found.is_new) == (True, True)
    assert [(former.id, former.state, former.counts) for former in found.former] == [(FIRST.id, State.REPLACED, False)]


@pytest.mark.parametrize("replaces", [None, MarkId(UUID(int=77))])
def test_a_mark_that_overlooks_what_stands_there_is_a_conflict_that_says_who_marked(replaces: MarkId | None) -> None:
    with pytest.raises(Conflict, match="hua marked it at 2026-06-01") as conflict:
        succeeding(replace(NEXT, assessor="second", replaces=replaces), Held(current=FIRST, counting=FIRST), AT_ONCE)
    assert str(FIRST.id) in conflict.value.text.zh


def test_a_mark_that_replaces_what_was_never_there_is_a_conflict() -> None:
    with pytest.raises(Conflict, match="no mark yet"):
        succeeding(NEXT, Held(), AT_ONCE)


def test_the_same_request_sent_twice_changes_nothing_the_second_time() -> None:
    found = succeeding(given(3), Held(current=FIRST, counting=FIRST), AT_ONCE)
    assert (found.mark, found.is_new, found.former) == (FIRST, False, ())


def test_a_draft_counts_for_nothing_and_goes_when_its_author_gives_the_mark() -> None:
    draft = succeeding(given(3, state=State.DRAFT), Held(current=FIRST, counting=FIRST), AT_ONCE)
    assert (draft.mark.counts, draft.former) == (False, ())
    others = given(4, state=State.DRAFT, assessor="second", counts=False)
    found = succeeding(NEXT, Held(current=FIRST, counting=FIRST, drafts=(draft.mark, others)), AT_ONCE)
    assert {former.id for former in found.former} == {FIRST.id, draft.mark.id}


def test_a_mark_to_be_confirmed_leaves_the_one_that_counts_until_then() -> None:
    standing = replace(FIRST, state=State.CONFIRMED)
    waiting = succeeding(NEXT, Held(current=standing, counting=standing), IN_TWO_STEPS)
    assert (waiting.mark.counts, waiting.former) == (False, ())
    done = confirmed(waiting.mark, Held(current=waiting.mark, counting=standing), SECOND)
    assert (done.mark.counts, done.mark.state, done.is_new) == (True, State.CONFIRMED, False)
    assert [(former.id, former.state) for former in done.former] == [(FIRST.id, State.REPLACED)]
    assert done.mark.given.source["mark"]["confirmed_by"] == "second"


def test_a_mark_that_waits_is_replaced_by_a_better_one() -> None:
    found = succeeding(NEXT, Held(current=WAITING), IN_TWO_STEPS)
    assert [former.id for former in found.former] == [FIRST.id]


def test_nobody_confirms_or_returns_the_own_mark() -> None:
    for decide in (confirmed, returned):
        with pytest.raises(NotAllowed, match="somebody else"):
            decide(WAITING, Held(current=WAITING), replace(SECOND, by="hua"))


def test_a_return_says_why_and_only_what_does_not_count_is_returned() -> None:
    with pytest.raises(MarkRefused, match="say why"):
        returned(WAITING, Held(current=WAITING), SECOND)
    with pytest.raises(WrongState, match="counts already"):
        returned(FIRST, Held(current=FIRST, counting=FIRST), replace(SECOND, reason="x"))
    assert returned(WAITING, Held(current=WAITING), replace(SECOND, reason="x")).mark.state is State.RETURNED


def test_what_was_decided_or_overtaken_is_not_decided_again() -> None:
    done = replace(WAITING, state=State.CONFIRMED)
    with pytest.raises(WrongState, match="it can: replace"):
        confirmed(done, Held(current=done), SECOND)
    with pytest.raises(Conflict):
        confirmed(WAITING, Held(current=NEXT), SECOND)
