"""Who is told what: the table of occasions and receivers (domain.md §7 ladder, §9), and its resolution to people."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from notification.domain.people import Duty, Person, PersonId, UnitCode, holders


class Occasion(StrEnum):
    """Why somebody is told something; each has one template."""

    NOTICE_ISSUED = "notice_issued"  # 考核问题整改通知书
    BEFORE_DUE = "before_due"  # 到期提醒
    DUE_TODAY = "due_today"  # 今日到期
    OVERDUE_NOTICE = "overdue_notice"  # 催办通知书
    CRITICISM = "criticism"  # 通报批评建议
    INTERVIEW = "interview"  # 约谈通知
    SUBMITTED = "submitted"  # 提请验收
    RETURNED = "returned"  # 退回补充整改
    VERIFIED = "verified"  # 验收通过
    CLOSED = "closed"  # 销号
    CANCELLED = "cancelled"  # 撤销
    FINDING_ADDED = "finding_added"  # 同一问题再次发现
    EXTENSION_ASKED = "extension_asked"  # 延期申请
    EXTENSION_GRANTED = "extension_granted"  # 同意延期
    EXTENSION_REFUSED = "extension_refused"  # 不同意延期
    STATEMENT_ACCEPTED = "statement_accepted"  # 情况说明采纳
    CANCELLATION_ASKED = "cancellation_asked"  # 提请撤销
    DEDUCTION_PROPOSED = "deduction_proposed"  # 扣分建议
    DEDUCTION_CONFIRMED = "deduction_confirmed"  # 扣分认定
    NO_RECEIPT = "no_receipt"  # 催签提醒
    NO_ADDRESS = "no_address"  # 无法送达
    NO_HOLDER = "no_holder"  # 职务空缺
    TRIAL = "trial"  # 试发


class Urgency(StrEnum):
    ROUTINE = "routine"  # waits for the end of quiet hours on a working day
    TODAY = "today"  # waits for the end of quiet hours only: tomorrow it would be wrong
    AT_ONCE = "at_once"  # waits for nothing: formal notices, and alarms for the office


class Part(StrEnum):
    TO = "to"  # 主送
    COPY = "copy"  # 抄送


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Who is told; `receipt` names the duties that are asked for one, which makes it a formal notice."""

    urgency: Urgency
    to: tuple[Duty, ...]
    copy: tuple[Duty, ...] = ()
    receipt: frozenset[Duty] = frozenset()


# The leading group (考核领导小组) is the bureau's main leader, the leader in charge and the office's director.
TOLD: Final[Mapping[Occasion, Row]] = MappingProxyType(
    {
        Occasion.NOTICE_ISSUED: Row(
            urgency=Urgency.AT_ONCE, to=(Duty.CONTACT, Duty.HEAD), copy=(Duty.DEPUTY,), receipt=frozenset({Duty.CONTACT, Duty.HEAD})
        ),
        Occasion.BEFORE_DUE: Row(urgency=Urgency.ROUTINE, to=(Duty.CONTACT,)),
        Occasion.DUE_TODAY: Row(urgency=Urgency.TODAY, to=(Duty.CONTACT, Duty.HEAD)),
        Occasion.OVERDUE_NOTICE: Row(urgency=Urgency.AT_ONCE, to=(Duty.HEAD,), copy=(Duty.BUREAU_DEPUTY,), receipt=frozenset({Duty.HEAD})),
        Occasion.CRITICISM: Row(urgency=Urgency.AT_ONCE, to=(Duty.OFFICE_DIRECTOR,), copy=(Duty.BUREAU_DEPUTY, Duty.HEAD)),
        Occasion.INTERVIEW: Row(
            urgency=Urgency.AT_ONCE,
            to=(Duty.HEAD, Duty.BUREAU_HEAD),
            copy=(Duty.BUREAU_DEPUTY, Duty.OFFICE_DIRECTOR, Duty.DISCIPLINE_OFFICER),
            receipt=frozenset({Duty.HEAD}),
        ),
        Occasion.SUBMITTED: Row(urgency=Urgency.ROUTINE, to=(Duty.DEPARTMENT_HEAD, Duty.OFFICE_DIRECTOR)),
        Occasion.RETURNED: Row(urgency=Urgency.TODAY, to=(Duty.CONTACT,), copy=(Duty.HEAD,)),
        Occasion.VERIFIED: Row(urgency=Urgency.ROUTINE, to=(Duty.CONTACT,)),
        Occasion.CLOSED: Row(urgency=Urgency.ROUTINE, to=(Duty.CONTACT,), copy=(Duty.HEAD,)),
        Occasion.CANCELLED: Row(urgency=Urgency.ROUTINE, to=(Duty.CONTACT,), copy=(Duty.HEAD,)),
        Occasion.FINDING_ADDED: Row(urgency=Urgency.ROUTINE, to=(Duty.CONTACT,), copy=(Duty.HEAD,)),
        Occasion.EXTENSION_ASKED: Row(urgency=Urgency.TODAY, to=(Duty.OFFICE_DIRECTOR,)),
        Occasion.EXTENSION_GRANTED: Row(urgency=Urgency.TODAY, to=(Duty.CONTACT,), copy=(Duty.HEAD,)),
        Occasion.EXTENSION_REFUSED: Row(urgency=Urgency.TODAY, to=(Duty.CONTACT,), copy=(Duty.HEAD,)),
        Occasion.STATEMENT_ACCEPTED: Row(urgency=Urgency.ROUTINE, to=(Duty.CONTACT,), copy=(Duty.HEAD,)),
        Occasion.CANCELLATION_ASKED: Row(urgency=Urgency.ROUTINE, to=(Duty.OFFICE_DIRECTOR,)),
        Occasion.DEDUCTION_PROPOSED: Row(urgency=Urgency.ROUTINE, to=(Duty.OFFICE_DIRECTOR,)),
        Occasion.DEDUCTION_CONFIRMED: Row(urgency=Urgency.ROUTINE, to=(Duty.HEAD,), copy=(Duty.CONTACT,)),
        Occasion.NO_RECEIPT: Row(urgency=Urgency.TODAY, to=(Duty.HEAD,), copy=(Duty.OFFICE_DIRECTOR,)),
        Occasion.NO_ADDRESS: Row(urgency=Urgency.AT_ONCE, to=(Duty.OFFICE_DIRECTOR,)),
        Occasion.NO_HOLDER: Row(urgency=Urgency.AT_ONCE, to=(Duty.OFFICE_DIRECTOR,)),
        Occasion.TRIAL: Row(urgency=Urgency.AT_ONCE, to=()),  # the office names the person itself
    }
)

ALARMS: Final = frozenset({Occasion.NO_ADDRESS, Occasion.NO_HOLDER})  # an alarm that cannot be told raises no further alarm


@dataclass(frozen=True, slots=True)
class Addressee:
    """A person who is told; `receipt` says whether this one is asked for a receipt."""

    person: Person
    part: Part
    receipt: bool


@dataclass(frozen=True, slots=True)
class Vacancy:
    """A duty that somebody has to be told for and that nobody holds on the day."""

    duty: Duty
    place: UnitCode | None


@dataclass(frozen=True, slots=True)
class Addressed:
    people: tuple[Addressee, ...]
    vacant: tuple[Vacancy, ...]


@dataclass(frozen=True, slots=True)
class Places:
    """Where the duties are sought: the appraised unit, and the department that answers for the indicator."""

    unit: UnitCode | None = None
    department: UnitCode | None = None


def addressed(occasion: Occasion, people: Collection[Person], places: Places, *, on: date) -> Addressed:
    """The people behind the occasion's duties on that day.

    Each person once: who is addressed is not copied, and one duty that asks for a receipt is enough to be asked. A matter
    without a department has nobody there to be told, which leaves no duty vacant.
    """
    row = TOLD[occasion]
    parts = [(duty, Part.TO) for duty in row.to] + [(duty, Part.COPY) for duty in row.copy]
    found: dict[PersonId, Addressee] = {}
    vacant: list[Vacancy] = []
    for duty, part in parts:
        place = places.department if duty is Duty.DEPARTMENT_HEAD else places.unit
        if duty is Duty.DEPARTMENT_HEAD and place is None:
            continue
        holding = holders(people, duty, place, on=on)
        if not holding:
            vacant.append(Vacancy(duty, place))
        for person in holding:
            earlier = found.get(person.id)
            asked = duty in row.receipt or (earlier is not None and earlier.receipt)
            found[person.id] = Addressee(person, earlier.part if earlier else part, asked)
    return Addressed(tuple(found.values()), tuple(vacant))


def duties_of(occasion: Occasion) -> frozenset[Duty]:
    row = TOLD[occasion]
    return frozenset(row.to + row.copy)
