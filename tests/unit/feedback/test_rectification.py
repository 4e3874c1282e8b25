from datetime import date, timedelta

import pytest

from feedback.domain import errors
from feedback.domain.ladder import Stage
from feedback.domain.rectification import Rectification, raise_problem
from feedback.domain.states import MOVES, WHO, Move, State, after
from feedback.domain.words import PLATFORM, ItemId, Light, Severity
from kit.workdays import NotCovered
from tests.unit.feedback.builders import ASSESSOR, CALENDAR, DUE, LEADER, MONDAY, OFFICE, POLICY, UNIT, finding, in_state, noticed, opened


def extended(item: Rectification, *, until: date = date(2025, 4, 1), today: date = MONDAY) -> Rectification:
    return item.ask_for_extension(until=until, reason="材料未齐", by=UNIT, today=today, policy=POLICY, calendar=CALENDAR).item


@pytest.mark.parametrize("move", Move)
@pytest.mark.parametrize("state", State)
def test_an_illegal_move_is_refused_with_the_state_the_move_and_who_could_make_it(state: State, move: Move) -> None:
    if (state, move) in MOVES:
        assert after(state, move) is MOVES[state, move]
        return
    with pytest.raises(errors.IllegalMove, match=f"the item is {state}: {move} is made by") as refused:
        after(state, move)
    assert (refused.value.state, refused.value.move, refused.value.who) == (state, move, WHO[move])


def test_the_notice_carries_its_number_and_the_days_of_its_severity() -> None:
    fact = opened(severity=Severity.MAJOR).notice(number=7, by=OFFICE, today=MONDAY, policy=POLICY)
    assert (fact.item.state, fact.item.label, fact.item.sent_on, fact.working_days) == (State.NOTICED, "考整〔2025〕7号", MONDAY, 15)


def test_an_item_without_a_notice_has_no_label() -> None:
    assert opened().label is None


@pytest.mark.parametrize(("severity", "days"), [(Severity.MINOR, 30), (Severity.MAJOR, 15), (Severity.SEVERE, 5)])
def test_the_deadline_counts_from_the_signature_by_severity(severity: Severity, days: int) -> None:
    fact = noticed(severity=severity).sign(by=UNIT, today=MONDAY + timedelta(days=1), policy=POLICY, calendar=CALENDAR)
    assert fact.item.due_on == CALENDAR.after(MONDAY + timedelta(days=1), days)
    assert not fact.item.deemed


def test_an_exact_date_stands_instead_of_working_days() -> None:
    item = noticed(exact_on=date(2025, 3, 22)).sign(by=UNIT, today=MONDAY, policy=POLICY, calendar=CALENDAR).item
    assert item.due_on == date(2025, 3, 22)


@pytest.mark.parametrize("exact_on", [MONDAY, date(2025, 3, 1)])
def test_an_exact_date_that_is_gone_is_refused(exact_on: date) -> None:
    with pytest.raises(errors.NotLater):
        opened(exact_on=exact_on)


def test_an_exact_date_in_an_unknown_year_is_refused() -> None:
    with pytest.raises(NotCovered):
        opened(exact_on=date(2031, 3, 1))


def test_an_exact_date_that_passed_while_the_item_was_held_refuses_the_notice() -> None:
    with pytest.raises(errors.NotLater):
        opened(exact_on=DUE).notice(number=1, by=OFFICE, today=DUE, policy=POLICY)


def test_a_notice_is_deemed_signed_after_three_calendar_days() -> None:
    assert not noticed().is_deemed_signed(today=date(2025, 3, 5), policy=POLICY)
    assert noticed().is_deemed_signed(today=date(2025, 3, 6), policy=POLICY)


def test_a_notice_found_late_is_deemed_signed_on_its_own_day() -> None:
    item = noticed().sign(by=PLATFORM, today=date(2025, 3, 20), policy=POLICY, calendar=CALENDAR).item
    assert (item.signed_on, item.deemed, item.due_on) == (date(2025, 3, 6), True, CALENDAR.after(date(2025, 3, 6), 30))


def test_signing_later_than_deemed_changes_nothing() -> None:
    item = noticed().sign(by=UNIT, today=date(2025, 3, 20), policy=POLICY, calendar=CALENDAR).item
    assert (item.signed_on, item.deemed) == (date(2025, 3, 6), True)


def test_a_deadline_in_an_unknown_year_is_refused() -> None:
    with pytest.raises(NotCovered):
        noticed(today=date(2026, 12, 21)).sign(by=UNIT, today=date(2026, 12, 22), policy=POLICY, calendar=CALENDAR)


def test_who_submitted_cannot_verify() -> None:
    with pytest.raises(errors.SubmitterCannotVerify):
        in_state(State.SUBMITTED).verify(by=UNIT, today=MONDAY, accepted=1)


def test_verification_needs_accepted_evidence() -> None:
    with pytest.raises(errors.NoAcceptedEvidence):
        in_state(State.SUBMITTED).verify(by=ASSESSOR, today=MONDAY, accepted=0)


def test_a_submission_that_was_never_returned_passes_the_first_time() -> None:
    assert in_state(State.SUBMITTED).verify(by=ASSESSOR, today=MONDAY, accepted=1).first_time


def test_a_returned_submission_does_not_pass_the_first_time() -> None:
    back = in_state(State.SUBMITTED).return_for(missing="照片", by=ASSESSOR, today=MONDAY, policy=POLICY, calendar=CALENDAR)
    again = back.item.start(by=UNIT, today=MONDAY).item.submit(report="补齐", by=UNIT, today=MONDAY).item
    assert back.missing == "照片"
    assert not again.verify(by=ASSESSOR, today=MONDAY, accepted=1).first_time


def test_a_return_close_to_the_deadline_gives_five_working_days() -> None:
    item = in_state(State.SUBMITTED).return_for(missing="照片", by=ASSESSOR, today=DUE, policy=POLICY, calendar=CALENDAR).item
    assert item.due_on == date(2025, 3, 21)


def test_an_item_submitted_late_is_closed_late() -> None:
    late = in_state(State.IN_PROGRESS).submit(report="完成", by=UNIT, today=date(2025, 3, 17)).item
    verified = late.verify(by=ASSESSOR, today=date(2025, 3, 18), accepted=1).item
    closed = verified.close(by=OFFICE, today=date(2025, 3, 19))
    assert closed.late
    assert closed.item.ended_on == date(2025, 3, 19)


def test_the_worse_severity_stays_when_the_matter_is_found_again() -> None:
    item = in_state(State.SIGNED).add(finding(severity=Severity.SEVERE), by=ASSESSOR, today=MONDAY).item
    assert (item.severity, item.due_on) == (Severity.SEVERE, DUE)
    assert item.add(finding(severity=Severity.MINOR), by=ASSESSOR, today=MONDAY).item.severity is Severity.SEVERE


def test_an_extension_asked_for_on_the_deadline_and_granted_later_sets_the_date_that_was_asked_for() -> None:
    asked = extended(in_state(State.IN_PROGRESS), today=DUE)
    granted = asked.decide_extension(granted=True, by=OFFICE, today=date(2025, 3, 17)).item
    assert (granted.due_on, granted.extensions, granted.extension, granted.was_overdue) == (date(2025, 4, 1), 1, None, True)


def test_an_extension_that_is_refused_leaves_the_deadline() -> None:
    refused = extended(in_state(State.IN_PROGRESS)).decide_extension(granted=False, by=OFFICE, today=MONDAY).item
    assert (refused.due_on, refused.extensions, refused.extension) == (DUE, 0, None)


def test_an_extension_asked_for_after_the_deadline_is_refused() -> None:
    with pytest.raises(errors.TooLate):
        extended(in_state(State.IN_PROGRESS), today=date(2025, 3, 15))


def test_an_extension_to_an_earlier_day_is_refused() -> None:
    with pytest.raises(errors.NotLater):
        extended(in_state(State.IN_PROGRESS), until=DUE)


def test_an_extension_into_an_unknown_year_is_refused() -> None:
    with pytest.raises(NotCovered):
        extended(in_state(State.IN_PROGRESS), until=date(2027, 1, 4))


def test_one_request_is_decided_before_the_next() -> None:
    with pytest.raises(errors.AlreadyAsked):
        extended(extended(in_state(State.IN_PROGRESS)))


def test_no_more_extensions_are_granted_than_the_policy_allows() -> None:
    once = extended(in_state(State.IN_PROGRESS)).decide_extension(granted=True, by=OFFICE, today=MONDAY).item
    with pytest.raises(errors.NoExtensionLeft):
        extended(once, until=date(2025, 5, 6))


def test_an_extension_that_is_gone_when_it_is_decided_can_only_be_refused() -> None:
    asked = extended(in_state(State.IN_PROGRESS))
    with pytest.raises(errors.NotLater):
        asked.decide_extension(granted=True, by=OFFICE, today=date(2025, 4, 1))


def test_an_extension_that_a_return_went_beyond_meanwhile_can_only_be_refused() -> None:
    asked = extended(in_state(State.IN_PROGRESS), until=date(2025, 3, 17))
    handed_in = asked.submit(report="", by=UNIT, today=DUE).item
    back = handed_in.return_for(missing="照片", by=ASSESSOR, today=DUE, policy=POLICY, calendar=CALENDAR).item
    assert back.due_on == date(2025, 3, 21)
    with pytest.raises(errors.NotLater):
        back.decide_extension(granted=True, by=OFFICE, today=DUE)
    assert back.decide_extension(granted=False, by=OFFICE, today=DUE).item.due_on == date(2025, 3, 21)


def test_an_extension_that_nobody_asked_for_cannot_be_decided() -> None:
    with pytest.raises(errors.NothingAsked):
        in_state(State.IN_PROGRESS).decide_extension(granted=True, by=OFFICE, today=MONDAY)


def test_cancellation_needs_a_reason_and_another_person() -> None:
    asked = in_state(State.IN_PROGRESS).ask_for_cancellation(reason="重复立项", by=OFFICE, today=MONDAY).item
    with pytest.raises(errors.OwnProposal):
        asked.cancel(by=OFFICE, today=MONDAY)
    cancelled = asked.cancel(by=LEADER, today=MONDAY)
    assert (cancelled.item.state, cancelled.reason) == (State.CANCELLED, "重复立项")


def test_cancellation_is_asked_for_once_and_before_it_is_approved() -> None:
    item = in_state(State.IN_PROGRESS)
    with pytest.raises(errors.NothingAsked):
        item.cancel(by=LEADER, today=MONDAY)
    with pytest.raises(errors.AlreadyAsked):
        item.ask_for_cancellation(reason="重复", by=OFFICE, today=MONDAY).item.ask_for_cancellation(reason="重复", by=OFFICE, today=MONDAY)


@pytest.mark.parametrize("state", [State.OPEN, State.NOTICED, State.SUBMITTED, State.VERIFIED, State.CLOSED, State.CANCELLED])
def test_the_ladder_stands_still_where_no_deadline_runs(state: State) -> None:
    item = in_state(state)
    assert item.stage_reached(today=date(2025, 3, 31), told=frozenset(), policy=POLICY, calendar=CALENDAR) is None


@pytest.mark.parametrize("state", [State.SIGNED, State.IN_PROGRESS, State.RETURNED])
def test_the_ladder_runs_with_the_deadline(state: State) -> None:
    fact = in_state(state).stage_reached(today=DUE, told=frozenset({Stage.BEFORE_DUE}), policy=POLICY, calendar=CALENDAR)
    assert fact is not None
    assert (fact.stage, fact.due_on, fact.over, fact.skipped) == (Stage.DUE_TODAY, DUE, 0, ())


def test_a_stage_that_was_told_is_not_told_again() -> None:
    told = frozenset({Stage.BEFORE_DUE, Stage.DUE_TODAY})
    assert in_state(State.SIGNED).stage_reached(today=DUE, told=told, policy=POLICY, calendar=CALENDAR) is None


def test_an_accepted_statement_stops_the_criticism_of_the_item() -> None:
    excused = in_state(State.IN_PROGRESS).accept_statement(reason="台风", by=OFFICE, today=DUE).item
    assert excused.stage_reached(today=date(2025, 3, 24), told=frozenset(), policy=POLICY, calendar=CALENDAR) is None


@pytest.mark.parametrize(
    ("state", "today", "light"),
    [
        (State.OPEN, DUE, Light.GREEN),
        (State.IN_PROGRESS, date(2025, 3, 10), Light.GREEN),
        (State.IN_PROGRESS, date(2025, 3, 11), Light.YELLOW),
        (State.IN_PROGRESS, DUE, Light.YELLOW),
        (State.IN_PROGRESS, date(2025, 3, 15), Light.RED),
        (State.SUBMITTED, date(2025, 3, 20), Light.GREEN),
    ],
)
def test_lights_follow_the_deadline(state: State, today: date, light: Light) -> None:
    assert in_state(state).light(today=today, policy=POLICY, calendar=CALENDAR) is light


def test_a_red_light_that_was_repaired_turns_yellow() -> None:
    late = in_state(State.IN_PROGRESS).submit(report="完成", by=UNIT, today=date(2025, 3, 17)).item
    assert late.light(today=date(2025, 3, 18), policy=POLICY, calendar=CALENDAR) is Light.YELLOW


def test_a_problem_that_is_raised_is_open_and_names_who_found_it() -> None:
    fact = raise_problem(ItemId("item-1"), finding(), by=ASSESSOR, today=MONDAY, calendar=CALENDAR)
    assert (fact.item.state, fact.item.raised_by, fact.finding) == (State.OPEN, ASSESSOR, finding())
