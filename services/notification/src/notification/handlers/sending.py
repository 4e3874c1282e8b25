"""What the sending workers and the receipt timer do, each in one short transaction; nothing is sent inside one."""

from typing import Final

from notification.domain.deliveries import UNREACHED, Answer, Outcome
from notification.domain.messages import Matter
from notification.domain.occasions import Occasion
from notification.handlers.telling import Telling, say_unreachable, tell
from notification.handlers.work import Letter, Work

RECEIPTS_A_TURN: Final = 20  # notices chased in one transaction, so that it stays short


async def record_answer(letter: Letter, answer: Answer, work: Work) -> Outcome | None:
    """What the attempt came to, or None when it was not ours any more. A receiver who can't be reached is an alarm for the office."""
    delivery = letter.delivery.answered(answer, backoff=work.policy.backoff, random=work.random)
    if not await work.deliveries.record(delivery):
        return None
    if delivery.outcome in UNREACHED:
        person = await work.people.by_id(letter.message.receiver)
        await say_unreachable(person, letter.message.matter.occasion, work=work)
    return delivery.outcome


async def chase_receipts(work: Work) -> int:
    """Tell the heads of formal notices without a receipt in time, once; how many were found."""
    chased = await work.messages.take_unreceipted(before=work.today(), most=RECEIPTS_A_TURN)
    for notice in chased:
        about = notice.matter
        matter = Matter(occasion=Occasion.NO_RECEIPT, item=about.item, unit=about.unit, due_on=about.due_on, occurrence=about.occasion)
        facts = {"notice": notice.subject, "told_at": notice.told_at, "days": work.policy.receipt_days}
        await tell(Telling(matter=matter, facts=facts), work)
    return len(chased)
