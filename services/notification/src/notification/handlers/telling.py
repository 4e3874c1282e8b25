"""From an occasion to message rows: who is told, in which words, over which channels, and the office's alarms."""

from dataclasses import dataclass, field
from typing import Final

from kit.ids import uuid7
from notification.domain.deliveries import Channel, Outcome
from notification.domain.messages import Matter, Message, MessageId, ReceiverUnreachable
from notification.domain.occasions import ALARMS, TOLD, Addressee, Occasion, Places, Vacancy, addressed, duties_of
from notification.domain.people import Duty, Person, UnitCode
from notification.domain.quiet import receipt_due
from notification.handlers.work import Facts, Planned, Work

DUTY_NAMES: Final = {
    Duty.CONTACT: "考核联络员",
    Duty.DEPUTY: "单位分管副职",
    Duty.HEAD: "单位主要负责人",
    Duty.DISCIPLINE_OFFICER: "单位纪检委员",
    Duty.DEPARTMENT_HEAD: "责任科室负责人",
    Duty.OFFICE_DIRECTOR: "考核办主任",
    Duty.BUREAU_DEPUTY: "局分管领导",
    Duty.BUREAU_HEAD: "局主要领导",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """What happened, and what the template may say of it."""

    matter: Matter
    facts: Facts = field(default_factory=dict)
    department: UnitCode | None = None


async def tell(telling: Telling, work: Work) -> None:
    """Tell everybody whom the table names, once; doing it again changes nothing."""
    matter = telling.matter
    people = await work.people.holding(duties_of(matter.occasion), on=work.today())
    found = addressed(matter.occasion, people, Places(matter.unit, telling.department), on=work.today())
    facts = {"unit": await work.units.name_of(matter.unit), "due_on": matter.due_on, **telling.facts} if matter.unit else telling.facts
    for addressee in found.people:
        await send(composed(addressee, matter, facts, work=work), addressee.person, work=work)
    for vacancy in found.vacant:
        await _say_vacant(vacancy, matter, work)


def composed(addressee: Addressee, matter: Matter, facts: Facts, *, work: Work) -> Message:
    due = receipt_due(work.today(), working_days=work.policy.receipt_days, calendar=work.policy.calendar) if addressee.receipt else None
    return Message(
        id=MessageId(uuid7()),
        matter=matter,
        receiver=addressee.person.id,
        part=addressee.part,
        wording=work.templates.worded(addressee, matter.occasion, facts),
        told_at=work.clock.now(),
        receipt_asked=addressee.receipt,
        receipt_due_on=due,
    )


async def send(message: Message, person: Person, *, work: Work) -> None:
    """Put it on its way, unless the ledger already has it."""
    if not await work.messages.add(message, _planned(message, person, work)):
        return
    if person.email is None:
        await say_unreachable(person, message.matter.occasion, work=work)


def _planned(message: Message, person: Person, work: Work) -> list[Planned]:
    """In-app is told by being written down; e-mail leaves when it may."""
    planned = [Planned(channel=Channel.IN_APP, leaves_at=message.told_at, outcome=Outcome.DELIVERED)]
    if person.email is not None:
        urgency = TOLD[message.matter.occasion].urgency
        leaves_at = work.policy.quiet.leaves_at(urgency, message.told_at, work.policy.calendar)
        planned.append(Planned(channel=Channel.EMAIL, leaves_at=leaves_at, outcome=Outcome.WAITING))
    return planned


async def say_unreachable(person: Person, occasion: Occasion, *, work: Work) -> None:
    """The office learns once a day of a person whom nothing outside the platform reaches; an alarm about an alarm is only counted."""
    work.alarms.raised(Occasion.NO_ADDRESS)
    if occasion in ALARMS:
        return
    await work.outbox.add(ReceiverUnreachable(person=person.id, on=work.today()))
    matter = Matter(occasion=Occasion.NO_ADDRESS, due_on=work.today(), occurrence=person.id)
    await tell(Telling(matter=matter, facts={"person": person.name}), work)


async def _say_vacant(vacancy: Vacancy, matter: Matter, work: Work) -> None:
    """The office learns once a day of a duty that nobody holds and that somebody had to be told for."""
    work.alarms.raised(Occasion.NO_HOLDER)
    if matter.occasion in ALARMS:
        return
    about = Matter(occasion=Occasion.NO_HOLDER, due_on=work.today(), occurrence=f"{vacancy.duty}@{vacancy.place or ''}")
    place = await work.units.name_of(vacancy.place) if vacancy.place else "局机关"
    await tell(Telling(matter=about, facts={"duty": DUTY_NAMES[vacancy.duty], "place": place}), work)
