import asyncio
from datetime import date

import httpx
import pytest
from aiokafka import AIOKafkaConsumer

from contracts import feedback
from tests.integration.notification.rooms import Room, notice, stage


async def notices(room: Room) -> dict[str, str]:
    """The notice's messages by receiver."""
    return {message["receiver"]: message["id"] for message in await room.messages(stage="notice_issued")}


async def receipt(room: Room, message: str, *, subject: str) -> httpx.Response:
    return await room.client.post(f"/v1/messages/{message}/receipt", headers=room.issuer.headers("unit", subject=subject))


@pytest.fixture
async def noticed(room: Room) -> Room:
    async with room.running():
        await room.say(notice())
        await room.quiet()
    return room


async def test_the_receiver_gives_a_receipt_once_and_it_is_said(noticed: Room) -> None:
    message = (await notices(noticed))["contact"]
    first = await receipt(noticed, message, subject="contact")
    noticed.clock.move(hours=1)
    second = await receipt(noticed, message, subject="contact")
    assert first.status_code == second.status_code == 200
    assert first.json() == second.json()
    topic = noticed.settings.topic_prefix + "notification.events"
    ear = AIOKafkaConsumer(
        topic, bootstrap_servers=noticed.settings.kafka_bootstrap, auto_offset_reset="earliest", enable_auto_commit=False
    )
    await ear.start()
    try:
        async with noticed.running(), asyncio.timeout(15):
            said = await ear.getone()
    finally:
        await ear.stop()
    assert b'"notification.receipt_given.v1"' in said.value
    assert said.key == message.encode()


async def test_nobody_gives_a_receipt_for_another(noticed: Room) -> None:
    answer = await receipt(noticed, (await notices(noticed))["contact"], subject="head")
    assert answer.status_code == 403
    assert answer.json()["type"] == "urn:kaohe:problem:not-the-receiver"


async def test_a_copy_takes_no_receipt(noticed: Room) -> None:
    answer = await receipt(noticed, (await notices(noticed))["deputy"], subject="deputy")
    assert answer.status_code == 409


async def test_a_notice_without_receipt_goes_to_the_head_once(noticed: Room) -> None:
    noticed.clock.move(days=3)  # Thursday: the third working day is not over
    assert await noticed.service.watch().turn() == 0
    noticed.clock.move(days=1)
    first, second = await asyncio.gather(noticed.service.watch().turn(), noticed.another().watch().turn())
    assert {first, second} <= {0, 1}
    for _ in range(3):
        await noticed.service.watch().turn()
        noticed.clock.move(days=3)
    assert await noticed.told("no_receipt") == ["head", "office_director"]
    (told, _) = await noticed.messages(stage="no_receipt")
    assert "考整〔2026〕7号" in told["text"]


async def test_one_receipt_of_a_notice_is_enough(noticed: Room) -> None:
    await receipt(noticed, (await notices(noticed))["contact"], subject="contact")
    noticed.clock.move(days=9)
    assert await noticed.service.watch().turn() == 0


@pytest.mark.parametrize(("deemed", "chased"), [(False, []), (True, ["head", "office_director"])])
async def test_a_signature_is_a_receipt_and_being_deemed_signed_is_none(room: Room, *, deemed: bool, chased: list[str]) -> None:
    signed = feedback.NoticeSignedV1(
        item="item-1", cycle="2026", unit="hangyan", number=7, signed_on=date(2026, 9, 15), deemed=deemed, due_on=date(2026, 10, 9)
    )
    async with room.running():
        await room.say(notice())
        await room.say(signed)
        await room.quiet()
    room.clock.move(days=9)
    await room.service.watch().turn()
    assert await room.told("no_receipt") == chased


async def test_a_closed_item_is_not_chased(room: Room) -> None:
    closed = feedback.ClosedV1(
        item="item-1", cycle="2026", unit="hangyan", number=7, indicator_name="按期办结率", closed_on=date(2026, 9, 15), late=True
    )
    async with room.running():
        await room.say(stage("overdue_notice", over=1))
        await room.say(closed)
        await room.quiet()
    room.clock.move(days=9)
    assert await room.service.watch().turn() == 0
