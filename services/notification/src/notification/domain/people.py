"""Who holds which duty on a day: a message is addressed to duties and reaches people."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final, NewType

from notification.domain.errors import BadAddress, BadName, PeriodReversed, UnitMissing

PersonId = NewType("PersonId", str)  # the subject of the person's token, so that everybody finds the own messages
UnitCode = NewType("UnitCode", str)
Email = NewType("Email", str)

# One address without display name, comments or control characters: nothing in it can become a second header or receiver.
ADDRESS: Final = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,188}[A-Za-z0-9])?")


class Duty(StrEnum):
    CONTACT = "contact"  # 考核联络员
    DEPUTY = "deputy"  # 单位分管副职
    HEAD = "head"  # 单位主要负责人
    DISCIPLINE_OFFICER = "discipline_officer"  # 单位纪检委员
    DEPARTMENT_HEAD = "department_head"  # 责任科室负责人
    OFFICE_DIRECTOR = "office_director"  # 考核办主任
    BUREAU_DEPUTY = "bureau_deputy"  # 局分管领导
    BUREAU_HEAD = "bureau_head"  # 局主要领导


# Held at a unit, or (the head of a responsible department) at a department; the others may be held for the whole bureau.
AT_A_UNIT: Final = frozenset({Duty.CONTACT, Duty.DEPUTY, Duty.HEAD, Duty.DISCIPLINE_OFFICER, Duty.DEPARTMENT_HEAD})
LONGEST_NAME: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """A person's duty from one day to another, both included; without a unit it is held for the whole bureau."""

    duty: Duty
    unit: UnitCode | None
    from_on: date
    to_on: date | None = None

    def __post_init__(self) -> None:
        if self.unit is None and self.duty in AT_A_UNIT:
            raise UnitMissing(self.duty)
        if self.to_on is not None and self.to_on < self.from_on:
            raise PeriodReversed(self.from_on, self.to_on)

    def is_held_on(self, day: date) -> bool:
        return self.from_on <= day and (self.to_on is None or day <= self.to_on)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    id: PersonId
    name: str
    email: Email | None = None
    duties: tuple[Holding, ...] = ()

    def __post_init__(self) -> None:
        if not self.name.strip() or len(self.name) > LONGEST_NAME or not self.name.isprintable():
            raise BadName


def address(text: str) -> Email:
    """The address, trimmed; raises `BadAddress`."""
    trimmed = text.strip()
    if ADDRESS.fullmatch(trimmed) is None:
        raise BadAddress(trimmed)
    return Email(trimmed)


def holders(people: Iterable[Person], duty: Duty, unit: UnitCode | None, *, on: date) -> tuple[Person, ...]:
    """Who holds the duty for the unit on that day, by id.

    Holders at the unit come before those for the whole bureau: a bureau leader in charge of some units leaves the others to
    the one who is in charge of all.
    """
    found: dict[bool, dict[PersonId, Person]] = {True: {}, False: {}}
    for person in people:
        for held in person.duties:
            if held.duty == duty and held.is_held_on(on) and held.unit in {unit, None}:
                found[held.unit is not None][person.id] = person
    chosen = found[True] or found[False]
    return tuple(chosen[key] for key in sorted(chosen))
