from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notification.domain.errors import BadAddress, BadName, PeriodReversed, UnitMissing
from notification.domain.people import Duty, Holding, Person, PersonId, UnitCode, address, holders

EAST, WEST = UnitCode("east"), UnitCode("west")
DAY = date(2026, 9, 14)


def held(duty: Duty, unit: UnitCode | None = EAST, *, from_on: date = date(2026, 1, 1), to_on: date | None = None) -> Holding:
    return Holding(duty=duty, unit=unit, from_on=from_on, to_on=to_on)


def person(key: str, *duties: Holding) -> Person:
    return Person(id=PersonId(key), name="王砚秋", duties=duties)


def found(people: list[Person], duty: Duty, unit: UnitCode | None = EAST, on: date = DAY) -> list[str]:
    return [holder.id for holder in holders(people, duty, unit, on=on)]


def test_a_duty_counts_on_its_first_and_its_last_day() -> None:
    head = person("a", held(Duty.HEAD, from_on=date(2026, 3, 1), to_on=date(2026, 9, 14)))
    days = [date(2026, 2, 28), date(2026, 3, 1), date(2026, 9, 14), date(2026, 9, 15)]
    assert [bool(found([head], Duty.HEAD, on=day)) for day in days] == [False, True, True, False]


def test_a_duty_at_another_unit_or_another_duty_at_the_unit_does_not_count() -> None:
    assert found([person("a", held(Duty.HEAD, WEST), held(Duty.CONTACT))], Duty.HEAD) == []


def test_the_leader_in_charge_of_the_unit_comes_before_the_one_in_charge_of_all() -> None:
    everywhere, here = person("a", held(Duty.BUREAU_DEPUTY, None)), person("b", held(Duty.BUREAU_DEPUTY))
    assert found([everywhere, here], Duty.BUREAU_DEPUTY) == ["b"]
    assert found([everywhere, here], Duty.BUREAU_DEPUTY, WEST) == ["a"]


def test_two_holders_are_both_found_in_a_fixed_order() -> None:
    assert found([person("b", held(Duty.CONTACT)), person("a", held(Duty.CONTACT), held(Duty.CONTACT))], Duty.CONTACT) == ["a", "b"]


@pytest.mark.parametrize("duty", [Duty.CONTACT, Duty.DEPUTY, Duty.HEAD, Duty.DISCIPLINE_OFFICER, Duty.DEPARTMENT_HEAD])
def test_a_duty_of_a_unit_must_name_the_unit(duty: Duty) -> None:
    with pytest.raises(UnitMissing):
        held(duty, None)


def test_a_duty_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(PeriodReversed):
        held(Duty.HEAD, from_on=DAY, to_on=date(2026, 9, 13))


@pytest.mark.parametrize("name", ["", "  ", "王\n砚", "x" * 61, "王\r\nBcc: all@example.org"])
def test_a_name_that_could_break_a_letter_is_refused(name: str) -> None:
    with pytest.raises(BadName):
        Person(id=PersonId("a"), name=name)


def test_an_address_is_trimmed() -> None:
    assert address(" wang.yanqiu+kh@mail.example.org ") == "wang.yanqiu+kh@mail.example.org"


@pytest.mark.parametrize(
    "text", ["", "wang", "@example.org", "wang@", "a@b@example.org", "王@example.org", "a b@example.org", "a@example.org, b@example.org"]
)
def test_what_is_not_one_plain_address_is_refused(text: str) -> None:
    with pytest.raises(BadAddress):
        address(text)


@given(st.text(max_size=40))
def test_no_address_can_carry_a_line_break_or_a_second_receiver(text: str) -> None:
    try:
        accepted = address(text + "@example.org")
    except BadAddress:
        return
    assert not set("\r\n,;<> \t") & set(accepted)
