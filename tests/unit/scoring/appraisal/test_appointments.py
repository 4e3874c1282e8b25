from dataclasses import replace
from datetime import date

import pytest

from scoring.appraisal.domain.appointments import Appointment, checked, entitled
from scoring.appraisal.domain.faults import Conflict, EntriesRefused, NotAllowed
from scoring.appraisal.domain.schemes import CycleKey, IndicatorKey
from tests.unit.scoring.appraisal.bureau import scheme

KNOWN = scheme().indicators
CLOSED, _, DUTY, _ = KNOWN
TODAY = date(2026, 6, 15)
HUA = Appointment(
    cycle=CycleKey("2026"),
    subject="hua",
    name="华",
    trained_on=date(2026, 1, 12),
    departments=frozenset({"考核组"}),
    indicators=frozenset(),
)


def check(appointment: Appointment, by: str = "office") -> Appointment:
    return checked(appointment, by=by, known=KNOWN, today=TODAY)


def test_a_department_is_all_its_indicators_and_a_single_one_is_itself() -> None:
    assert check(HUA).covers(DUTY)
    assert not HUA.covers(CLOSED)
    assert replace(HUA, indicators=frozenset({CLOSED.key})).covers(CLOSED)


def test_without_an_appointment_nobody_judges_and_is_told_whom_to_ask() -> None:
    for held in (None, replace(HUA, departments=frozenset({"法制科"}))):
        with pytest.raises(NotAllowed, match="ask the appraisal office") as refused:
            entitled(held, DUTY)
        assert "考核办" in refused.value.text.zh


def test_without_a_recorded_training_nobody_judges() -> None:
    with pytest.raises(NotAllowed, match="be trained"):
        entitled(replace(HUA, trained_on=None), DUTY)
    assert entitled(HUA, DUTY) == HUA


def test_nobody_appoints_oneself() -> None:
    with pytest.raises(NotAllowed, match="oneself"):
        check(HUA, by="hua")


@pytest.mark.parametrize("change", [{"trained_on": date(2026, 6, 16)}, {"departments": frozenset()}])
def test_a_training_to_come_and_an_appointment_for_nothing_are_refused(change: dict[str, object]) -> None:
    with pytest.raises(Conflict):
        check(replace(HUA, **change))  # type: ignore[arg-type]  # the fields of an appointment


def test_all_unknown_names_are_told_at_once() -> None:
    with pytest.raises(EntriesRefused) as refused:
        check(replace(HUA, departments=frozenset({"无此科"}), indicators=frozenset({IndicatorKey("nothing")})))
    assert [fault.path for fault in refused.value.faults] == ["departments", "indicators"]
    assert "duty_report" in refused.value.errors[1]["en"]
