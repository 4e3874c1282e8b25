"""Messages, deliveries, receipts (通知、投递、签收)."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, status
from pydantic import BaseModel, ConfigDict

from notification.api.desks import OfficeDesk, PersonsDesk
from notification.api.people import Code, Ident
from notification.domain.deliveries import Channel, Outcome
from notification.domain.messages import ItemId, MessageId
from notification.domain.occasions import TOLD, Occasion, Part, Urgency
from notification.domain.people import Duty, PersonId, UnitCode
from notification.handlers import asking
from notification.handlers.work import DeliveryLine, Desk, MessageLine, Wanted

router = APIRouter(tags=["messages"])

Limit = Annotated[int, Query(ge=1, le=500)]


class Told(BaseModel):
    channel: Channel
    outcome: Outcome
    attempts: int
    answered_at: datetime | None

    @classmethod
    def of(cls, line: DeliveryLine) -> "Told":
        return cls(channel=line.channel, outcome=line.outcome, attempts=line.attempts, answered_at=line.answered_at)


class MessageEntry(BaseModel):
    """A message as its receiver sees it; `stage` is why it was told, `part` whether addressed or copied."""

    id: UUID
    item: str | None
    unit: str | None
    due_on: date | None
    stage: Occasion
    receiver: str
    receiver_name: str
    part: Part
    subject: str
    text: str
    told_at: datetime
    receipt_asked: bool
    receipt_due_on: date | None
    receipted_at: datetime | None
    deliveries: list[Told]

    @classmethod
    def of(cls, line: MessageLine) -> "MessageEntry":
        message, matter = line.message, line.message.matter
        return cls(
            id=message.id,
            item=matter.item,
            unit=matter.unit,
            due_on=matter.due_on,
            stage=matter.occasion,
            receiver=message.receiver,
            receiver_name=line.receiver_name,
            part=message.part,
            subject=message.wording.subject,
            text=message.wording.text,
            told_at=message.told_at,
            receipt_asked=message.receipt_asked,
            receipt_due_on=message.receipt_due_on,
            receipted_at=message.receipted_at,
            deliveries=[Told.of(told) for told in line.deliveries],
        )


class MessagesAnswer(BaseModel):
    """`next` is the `before` of the next page, absent on the last one."""

    messages: list[MessageEntry]
    next: UUID | None


class DeliveryEntry(BaseModel):
    """One message over one channel; `answer` is what the server said last, `next_try_at` system time, `leaves_at` business time."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    message: UUID
    receiver: str
    channel: Channel
    outcome: Outcome
    attempts: int
    leaves_at: datetime
    next_try_at: datetime
    answered_at: datetime | None
    code: int | None
    answer: str | None


class DeliveriesAnswer(BaseModel):
    deliveries: list[DeliveryEntry]


class ReceiptAnswer(BaseModel):
    receipted_at: datetime


class TrialBody(BaseModel):
    model_config = ConfigDict(json_schema_extra={"examples": [{"person": "wanglan-contact"}]})

    person: Ident


class TrialAnswer(BaseModel):
    message: UUID


class ProgressAnswer(BaseModel):
    """All is told when `behind`, `unsent` and `unchased` are 0; `held` waits for a business hour that has not come."""

    today: date
    behind: int | None
    unsent: int
    held: int
    unchased: int
    quiet: bool


class OccasionEntry(BaseModel):
    occasion: Occasion
    urgency: Urgency
    to: list[Duty]
    copies: list[Duty]
    receipt: list[Duty]


class OccasionsAnswer(BaseModel):
    occasions: list[OccasionEntry]


@router.get("/messages")
async def list_messages(
    desk: PersonsDesk,
    unit: Code | None = None,
    item: Code | None = None,
    stage: Occasion | None = None,
    before: UUID | None = None,
    *,
    mine: bool = False,
    limit: Limit = 50,
) -> MessagesAnswer:
    """Newest first. The office sees everybody's (with `mine` the own ones), everybody else the own ones."""
    wanted = Wanted(
        receiver=_receiver(desk, mine=mine),
        unit=UnitCode(unit) if unit else None,
        item=ItemId(item) if item else None,
        occasion=stage,
        before=MessageId(before) if before else None,
        limit=limit,
    )
    lines = await desk.archive.messages(wanted)
    return MessagesAnswer(messages=[MessageEntry.of(line) for line in lines], next=lines[-1].message.id if len(lines) == limit else None)


@router.post("/messages/{message}/receipt")
async def give_receipt(message: UUID, desk: PersonsDesk) -> ReceiptAnswer:
    """Confirm a formal notice (签收), as its receiver. Doing it again answers with the first receipt."""
    after = await asking.give_receipt(MessageId(message), by=PersonId(desk.caller.subject), work=desk.work)
    return ReceiptAnswer(receipted_at=after.receipted_at or after.told_at)


@router.get("/deliveries")
async def list_deliveries(
    desk: OfficeDesk, outcome: Outcome | None = None, channel: Channel | None = None, limit: Limit = 100
) -> DeliveriesAnswer:
    """What was tried, over which channel, and what the servers answered; newest first."""
    lines = await desk.archive.deliveries(outcome, channel, limit=limit)
    return DeliveriesAnswer(deliveries=[DeliveryEntry.model_validate(line) for line in lines])


@router.post("/trials", status_code=status.HTTP_202_ACCEPTED)
async def send_trial(body: TrialBody, desk: OfficeDesk) -> TrialAnswer:
    """Send a message that says it is a trial, over all channels of the person; follow it under /v1/deliveries."""
    return TrialAnswer(message=await asking.send_trial(PersonId(body.person), by=desk.caller.name, work=desk.work))


@router.get("/progress")
async def show_progress(desk: OfficeDesk) -> ProgressAnswer:
    """How much is left to hear and to tell on this business day."""
    today = desk.work.today()
    # In this order: an event that is heard in between would else be in neither number.
    behind = await desk.ears.behind()
    left = await desk.archive.waiting(now=desk.work.clock.now(), today=today)
    quiet = behind == left.unsent == left.unchased == 0
    return ProgressAnswer(today=today, behind=behind, unsent=left.unsent, held=left.held, unchased=left.unchased, quiet=quiet)


@router.get("/occasions")
async def list_occasions(desk: PersonsDesk) -> OccasionsAnswer:  # noqa: ARG001 - the role is what it is for
    """Who is told what, and by which duties: the table that this service works by."""
    entries = [
        OccasionEntry(occasion=occasion, urgency=row.urgency, to=list(row.to), copies=list(row.copy), receipt=sorted(row.receipt))
        for occasion, row in TOLD.items()
    ]
    return OccasionsAnswer(occasions=entries)


def _receiver(desk: Desk, *, mine: bool) -> PersonId | None:
    """None, for everybody's, only for the office."""
    return None if "office" in desk.caller.roles and not mine else PersonId(desk.caller.subject)
