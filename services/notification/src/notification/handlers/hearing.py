"""What other services say, turned into occasions; each event is handled once, and telling twice would tell once."""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Final

from contracts import feedback, scoring
from notification.domain.messages import ItemId, Matter
from notification.domain.occasions import Occasion
from notification.domain.people import UnitCode
from notification.handlers.telling import Telling, tell
from notification.handlers.work import Work

STAGES: Final[Mapping[feedback.Stage, Occasion]] = MappingProxyType(
    {
        "before_due": Occasion.BEFORE_DUE,
        "due_today": Occasion.DUE_TODAY,
        "overdue_notice": Occasion.OVERDUE_NOTICE,
        "criticism": Occasion.CRITICISM,
        "interview": Occasion.INTERVIEW,
    }
)

AboutItem = (
    feedback.NoticeIssuedV1
    | feedback.StageReachedV1
    | feedback.SubmittedV1
    | feedback.ReturnedV1
    | feedback.VerifiedV1
    | feedback.ClosedV1
    | feedback.FindingAddedV1
    | feedback.CancellationAskedV1
    | feedback.CancelledV1
    | feedback.ExtensionAskedV1
    | feedback.ExtensionDecidedV1
    | feedback.StatementAcceptedV1
    | feedback.DeductionProposedV1
    | feedback.DeductionConfirmedV1
)


async def on_unit_registered(event: scoring.UnitRegisteredV1, work: Work) -> None:
    await work.units.put(UnitCode(event.unit), event.name)


async def on_notice_issued(event: feedback.NoticeIssuedV1, work: Work) -> None:
    await _tell_once(Occasion.NOTICE_ISSUED, event, due_on=event.due_on, work=work)


async def on_notice_signed(event: feedback.NoticeSignedV1, work: Work) -> None:
    """A signature is the receipt of its notice; being deemed signed is not: somebody still has to read it."""
    if not event.deemed:
        await work.messages.receipt_for_all(ItemId(event.item), Occasion.NOTICE_ISSUED, at=work.clock.now())


async def on_stage_reached(event: feedback.StageReachedV1, work: Work) -> None:
    await _tell_once(STAGES[event.stage], event, due_on=event.due_on, work=work)


async def on_submitted(event: feedback.SubmittedV1, work: Work) -> None:
    await _tell_each(Occasion.SUBMITTED, event, work)


async def on_returned(event: feedback.ReturnedV1, work: Work) -> None:
    await _tell_each(Occasion.RETURNED, event, work)


async def on_verified(event: feedback.VerifiedV1, work: Work) -> None:
    await _tell_each(Occasion.VERIFIED, event, work)


async def on_closed(event: feedback.ClosedV1, work: Work) -> None:
    await work.messages.stop_chasing(ItemId(event.item))
    await _tell_each(Occasion.CLOSED, event, work)


async def on_finding_added(event: feedback.FindingAddedV1, work: Work) -> None:
    """A problem that is held back has no label yet; its unit learns of all findings with the notice."""
    if event.label is not None:
        await _tell_each(Occasion.FINDING_ADDED, event, work)


async def on_cancellation_asked(event: feedback.CancellationAskedV1, work: Work) -> None:
    await _tell_each(Occasion.CANCELLATION_ASKED, event, work)


async def on_cancelled(event: feedback.CancelledV1, work: Work) -> None:
    """A problem that was cancelled before its notice was issued was never told to the unit, and stays so."""
    await work.messages.stop_chasing(ItemId(event.item))
    if event.number is not None:
        await _tell_each(Occasion.CANCELLED, event, work)


async def on_extension_asked(event: feedback.ExtensionAskedV1, work: Work) -> None:
    await _tell_each(Occasion.EXTENSION_ASKED, event, work)


async def on_extension_decided(event: feedback.ExtensionDecidedV1, work: Work) -> None:
    await _tell_each(Occasion.EXTENSION_GRANTED if event.granted else Occasion.EXTENSION_REFUSED, event, work)


async def on_statement_accepted(event: feedback.StatementAcceptedV1, work: Work) -> None:
    await _tell_each(Occasion.STATEMENT_ACCEPTED, event, work)


async def on_deduction_proposed(event: feedback.DeductionProposedV1, work: Work) -> None:
    await _tell_each(Occasion.DEDUCTION_PROPOSED, event, work)


async def on_deduction_confirmed(event: feedback.DeductionConfirmedV1, work: Work) -> None:
    await _tell_each(Occasion.DEDUCTION_CONFIRMED, event, work)


async def _tell_once(occasion: Occasion, event: AboutItem, *, due_on: date | None, work: Work) -> None:
    """What happens once to an item and due date, however often it is said: the ledger's key names no event."""
    await _tell(Matter(occasion=occasion, item=ItemId(event.item), unit=UnitCode(event.unit), due_on=due_on), event, work)


async def _tell_each(occasion: Occasion, event: AboutItem, work: Work) -> None:
    """What may happen to an item again is told once an event."""
    await _tell(Matter(occasion=occasion, item=ItemId(event.item), unit=UnitCode(event.unit), occurrence=work.cause), event, work)


async def _tell(matter: Matter, event: AboutItem, work: Work) -> None:
    said = event.model_dump(exclude={"unit", "item"})
    number = said.get("number")
    label = event.label or (f"{event.cycle}年第{number}号" if number else f"{event.cycle}年")
    department = UnitCode(event.department) if event.department else None
    await tell(Telling(matter=matter, facts=said | {"label": label}, department=department), work)
