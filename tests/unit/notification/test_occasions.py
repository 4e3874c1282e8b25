from datetime import date

import pytest

from notification.domain.occasions import TOLD, Addressed, Occasion, Part, Places, Urgency, Vacancy, addressed, duties_of
from notification.domain.people import AT_A_UNIT, Duty, Holding, Person, PersonId, UnitCode

EAST, LAW = UnitCode("east"), UnitCode("law-section")
DAY = date(2026, 9, 14)


def at(duty: Duty) -> UnitCode | None:
    if duty is Duty.DEPARTMENT_HEAD:
        return LAW
    return EAST if duty in AT_A_UNIT else None


def person(*duties: Duty) -> Person:
    holdings = tuple(Holding(duty=duty, unit=at(duty), from_on=DAY) for duty in duties)
    return Person(id=PersonId("+".join(duties)), name="某某", duties=holdings)


EVERYBODY = [person(duty) for duty in Duty]


def told(occasion: Occasion, people: list[Person] = EVERYBODY, places: Places = Places(EAST, LAW)) -> Addressed:  # noqa: B008 - frozen
    return addressed(occasion, people, places, on=DAY)


def parts(occasion: Occasion) -> tuple[set[str], set[str]]:
    people = told(occasion).people
    return {a.person.id for a in people if a.part is Part.TO}, {a.person.id for a in people if a.part is Part.COPY}


@pytest.mark.parametrize(
    ("occasion", "to", "copies"),
    [
        (Occasion.BEFORE_DUE, {"contact"}, set()),
        (Occasion.DUE_TODAY, {"contact", "head"}, set()),
        (Occasion.OVERDUE_NOTICE, {"head"}, {"bureau_deputy"}),
        (Occasion.CRITICISM, {"office_director"}, {"bureau_deputy", "head"}),
        (Occasion.INTERVIEW, {"head", "bureau_head"}, {"bureau_deputy", "office_director", "discipline_officer"}),
        (Occasion.SUBMITTED, {"department_head", "office_director"}, set()),
        (Occasion.RETURNED, {"contact"}, {"head"}),
    ],
)
def test_each_stage_reaches_the_duties_of_the_ladder(occasion: Occasion, to: set[str], copies: set[str]) -> None:
    assert parts(occasion) == (to, copies)


def test_every_occasion_has_its_row() -> None:
    assert set(TOLD) == set(Occasion)


def test_who_holds_two_duties_is_told_once_as_addressee() -> None:
    both = person(Duty.HEAD, Duty.OFFICE_DIRECTOR)
    (addressee,) = addressed(Occasion.CRITICISM, [both], Places(EAST), on=DAY).people
    assert addressee.part is Part.TO


def test_a_contact_who_is_also_the_deputy_is_asked_for_the_receipt_once() -> None:
    both = person(Duty.DEPUTY, Duty.CONTACT)
    (addressee,) = told(Occasion.NOTICE_ISSUED, [both]).people
    assert (addressee.part, addressee.receipt) == (Part.TO, True)


def test_a_duty_that_nobody_holds_is_reported_as_vacant() -> None:
    assert told(Occasion.DUE_TODAY, [person(Duty.CONTACT)]).vacant == (Vacancy(Duty.HEAD, EAST),)


def test_a_matter_without_a_department_leaves_no_duty_vacant() -> None:
    answer = told(Occasion.SUBMITTED, places=Places(EAST))
    assert [a.person.id for a in answer.people] == ["office_director"]
    assert answer.vacant == ()


def test_formal_notices_wait_for_nothing_and_ask_the_unit_for_a_receipt() -> None:
    formal = {occasion: row for occasion, row in TOLD.items() if row.receipt}
    assert set(formal) == {Occasion.NOTICE_ISSUED, Occasion.OVERDUE_NOTICE, Occasion.INTERVIEW}
    assert all(row.urgency is Urgency.AT_ONCE for row in formal.values())
    assert {duty for row in formal.values() for duty in row.receipt} <= AT_A_UNIT


def test_the_duties_of_an_occasion_are_those_of_its_row() -> None:
    assert duties_of(Occasion.OVERDUE_NOTICE) == {Duty.HEAD, Duty.BUREAU_DEPUTY}
