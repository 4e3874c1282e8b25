"""What people ask for: people and duties, receipts, a trial."""

from collections.abc import Sequence

from kit.ids import uuid7
from notification.domain.messages import Matter, Message, MessageId, ReceiptGiven
from notification.domain.occasions import Addressee, Occasion, Part
from notification.domain.people import Person, PersonId
from notification.handlers.telling import composed, send
from notification.handlers.work import Work


async def put_people(people: Sequence[Person], work: Work) -> None:
    """Make all of them known, or none; doing it again changes nothing."""
    await work.people.put(people)


async def retire(person: PersonId, work: Work) -> None:
    await work.people.retire(person, on=work.today())


async def give_receipt(message: MessageId, *, by: PersonId, work: Work) -> Message:
    """The message with its receipt; only the first one is said to others."""
    found = await work.messages.locked(message)
    after = found.receipted(by, work.clock.now())
    if after is not found:
        await work.messages.keep_receipt(after)
        await work.outbox.add(ReceiptGiven(message=message, matter=found.matter, receiver=by, at=work.clock.now()))
    return after


async def send_trial(person: PersonId, *, by: str, work: Work) -> MessageId:
    """A message to one person that says it is a trial."""
    addressee = Addressee(await work.people.by_id(person), Part.TO, receipt=False)
    message = composed(addressee, Matter(occasion=Occasion.TRIAL, occurrence=str(uuid7())), {"by": by}, work=work)
    await send(message, addressee.person, work=work)
    return message.id
