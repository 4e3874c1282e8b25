from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from kit.ids import uuid7
from notification.domain.deliveries import Answer, Channel, Delivery, DeliveryId, Outcome, Verdict
from notification.domain.errors import NoSuchMessage, NoSuchPerson
from notification.domain.messages import ItemId, Matter, MessageId, ReceiptGiven, ReceiverUnreachable
from notification.domain.occasions import Occasion
from notification.domain.people import Duty, PersonId
from notification.handlers.asking import give_receipt, put_people, retire, send_trial
from notification.handlers.sending import chase_receipts, record_answer
from notification.handlers.telling import Telling, tell
from notification.handlers.work import Chased, Letter
from tests.unit.notification.fakes import EAST, NOW, Bench, bench, holder

RETURNED = Telling(
    matter=Matter(occasion=Occasion.RETURNED, item=ItemId("item-1"), unit=EAST, occurrence="e"),
    facts={"label": "7号", "indicator_name": "按期办结率", "missing": "照片", "due_on": NOW.date()},
)
DUE = replace(RETURNED, matter=Matter(occasion=Occasion.DUE_TODAY, item=ItemId("item-1"), unit=EAST, due_on=NOW.date()))
DUE = replace(DUE, facts={"label": "7号", "indicator_name": "按期办结率", "finding": "低于黄线", "due_on": NOW.date()})


async def letter(made: Bench, duty: Duty = Duty.CONTACT) -> Letter:
    """The e-mail of that person's trial, claimed for the first time."""
    await send_trial(PersonId(duty), by="考核办", work=made.work())
    message = made.messages.of(Occasion.TRIAL)[duty]
    attempt = Delivery(id=DeliveryId(uuid7()), channel=Channel.EMAIL, attempts=1)
    return Letter(delivery=attempt, message=message, name="某", email=None)


async def test_in_app_is_told_at_once_and_a_mail_waits_for_its_hour() -> None:
    made = await bench()
    made.clock.move(hours=12)
    await tell(RETURNED, made.work())
    message = made.messages.of(Occasion.RETURNED)["contact"]
    in_app, mail = made.messages.planned[message.id]
    assert (in_app.channel, in_app.outcome, in_app.leaves_at) == (Channel.IN_APP, Outcome.DELIVERED, made.clock.now())
    assert (mail.channel, mail.outcome, mail.leaves_at) == (Channel.EMAIL, Outcome.WAITING, NOW + timedelta(hours=22))


async def test_who_has_no_address_is_told_in_app_and_the_office_hears_of_it() -> None:
    made = await bench()
    await put_people([holder(Duty.HEAD, email=False)], made.work())
    await tell(DUE, made.work())
    assert set(made.messages.of(Occasion.DUE_TODAY)) == {"contact", "head"}
    assert list(made.messages.of(Occasion.NO_ADDRESS)) == ["office_director"]
    assert made.alarms.rung == [Occasion.NO_ADDRESS]
    assert made.outbox.said == [ReceiverUnreachable(person=PersonId("head"), on=NOW.date())]


async def test_an_office_without_an_address_or_a_director_raises_no_endless_alarm() -> None:
    made = await bench(Duty.OFFICE_DIRECTOR, Duty.HEAD)
    await tell(DUE, made.work())
    assert made.messages.of(Occasion.NO_HOLDER) == {}
    assert made.alarms.rung == [Occasion.NO_HOLDER, Occasion.NO_HOLDER]
    await put_people([holder(Duty.OFFICE_DIRECTOR, email=False)], made.work())
    await tell(DUE, made.work())
    assert list(made.messages.of(Occasion.NO_HOLDER)) == ["office_director"]


async def test_a_formal_notice_tells_until_when_its_receipt_is_waited_for() -> None:
    made = await bench()
    await tell(Telling(matter=replace(DUE.matter, occasion=Occasion.OVERDUE_NOTICE), facts={**DUE.facts, "over": 1}), made.work())
    head, deputy = (made.messages.of(Occasion.OVERDUE_NOTICE)[who] for who in ("head", "bureau_deputy"))
    assert (str(head.receipt_due_on), deputy.receipt_due_on) == ("2026-09-17", None)
    assert "请登录考核平台签收" in head.wording.text
    assert "抄送" in deputy.wording.text


async def test_a_receipt_is_said_once() -> None:
    made = await bench()
    await tell(Telling(matter=replace(DUE.matter, occasion=Occasion.OVERDUE_NOTICE), facts={**DUE.facts, "over": 1}), made.work())
    ident = made.messages.of(Occasion.OVERDUE_NOTICE)["head"].id
    for _ in range(2):
        await give_receipt(ident, by=PersonId("head"), work=made.work())
    assert [type(fact) for fact in made.outbox.said] == [ReceiptGiven]


async def test_a_receipt_for_a_message_that_is_not_there_is_refused() -> None:
    with pytest.raises(NoSuchMessage):
        await give_receipt(MessageId(UUID(int=1)), by=PersonId("head"), work=Bench().work())


async def test_a_trial_for_somebody_unknown_is_refused() -> None:
    with pytest.raises(NoSuchPerson):
        await send_trial(PersonId("nobody"), by="考核办", work=Bench().work())


async def test_two_trials_are_two_messages() -> None:
    made = await bench()
    first, second = [await send_trial(PersonId("contact"), by="考核办", work=made.work("same request")) for _ in range(2)]
    assert first != second


async def test_who_left_holds_no_duty_any_more() -> None:
    made = await bench()
    await retire(PersonId("head"), made.work())
    await tell(DUE, made.work())
    assert "head" not in made.messages.of(Occasion.DUE_TODAY)


@pytest.mark.parametrize(
    ("verdict", "outcome", "alarms"),
    [
        (Verdict.ACCEPTED, Outcome.DELIVERED, []),
        (Verdict.LATER, Outcome.WAITING, []),
        (Verdict.DOWN, Outcome.WAITING, []),
        (Verdict.NEVER, Outcome.REFUSED, [Occasion.NO_ADDRESS]),
    ],
)
async def test_only_a_receiver_who_cannot_be_reached_is_an_alarm(verdict: Verdict, outcome: Outcome, alarms: list[Occasion]) -> None:
    made = await bench()
    assert await record_answer(await letter(made), Answer(verdict), made.work()) is outcome
    assert made.alarms.rung == alarms


async def test_an_answer_that_came_after_the_lease_is_no_alarm() -> None:
    made = await bench()
    made.deliveries.ours = False
    assert await record_answer(await letter(made), Answer(Verdict.NEVER), made.work()) is None
    assert made.alarms.rung == []


async def test_each_notice_without_a_receipt_goes_to_the_head_once() -> None:
    made = await bench()
    notices = [Matter(occasion=Occasion.NOTICE_ISSUED, item=ItemId(f"item-{number}"), unit=EAST) for number in range(3)]
    for _ in range(2):
        made.messages.due = [Chased(matter, "考核问题整改通知书 7号", NOW) for matter in notices]
        assert await chase_receipts(made.work()) == 3
    chased = [key for key in made.messages.told if key[0].occasion is Occasion.NO_RECEIPT]
    assert len(chased) == 6  # three notices, the head and a copy for the office
