from datetime import date

from contracts import feedback
from kit.ids import uuid7
from tests.integration.notification.rooms import HANGYAN, Room, everybody, notice, stage


async def test_a_stage_on_kafka_becomes_a_mail_to_each_of_its_receivers(room: Room) -> None:
    async with room.running():
        await room.say(HANGYAN)
        await room.quiet()
        await room.say(stage("overdue_notice", over=1))
        await room.quiet()
    mails = {str(mail["To"]): mail for mail in room.post.mails}
    assert sorted(mails) == ["某bureau_deputy <bureau_deputy@example.org>", "某head <head@example.org>"]
    mail = mails["某head <head@example.org>"]
    assert mail["Subject"].startswith("催办通知书")
    assert "已逾期1个工作日" in mail.get_content()
    assert "渣土扬尘大队" in mail["Subject"]
    assert "抄送" in mails["某bureau_deputy <bureau_deputy@example.org>"].get_content()


async def test_a_stage_said_again_under_another_id_is_not_told_again(room: Room) -> None:
    async with room.running():
        for _ in range(3):
            await room.say(stage("due_today"))
        await room.quiet()
    assert await room.told("due_today") == ["contact", "head"]
    assert len(room.post.mails) == 2


async def test_a_new_due_date_starts_the_ladder_again(room: Room) -> None:
    async with room.running():
        await room.say(stage("due_today"))
        await room.say(stage("due_today", due_on=date(2026, 9, 28)))
        await room.quiet()
    assert await room.told("due_today") == ["contact", "contact", "head", "head"]


async def test_a_second_return_is_told_and_the_same_event_is_not(room: Room) -> None:
    returned = feedback.ReturnedV1(
        item="item-1", cycle="2026", unit="hangyan", number=7, indicator_name="按期办结率", missing="现场照片", due_on=date(2026, 9, 20)
    )
    event = uuid7()
    async with room.running():
        await room.say(returned, ident=event)
        await room.say(returned, ident=event)
        await room.say(returned)
        await room.quiet()
    assert await room.told("returned") == ["contact", "contact", "head", "head"]


async def test_the_duties_are_those_of_the_day(room: Room) -> None:
    new_head = {"id": "new-head", "name": "新任", "email": "new@example.org"}
    await room.put_people(
        [
            *everybody(head={"duties": [{"duty": "head", "unit": "hangyan", "from_on": "2026-01-01", "to_on": "2026-09-13"}]}),
            new_head | {"duties": [{"duty": "head", "unit": "hangyan", "from_on": "2026-09-14"}]},
        ]
    )
    async with room.running():
        await room.say(stage("due_today"))
        await room.quiet()
    assert await room.told("due_today") == ["contact", "new-head"]


async def test_a_person_without_an_address_is_an_alarm_for_the_office_once_a_day(room: Room) -> None:
    await room.put_people(everybody(head={"email": None}))
    async with room.running():
        await room.say(stage("due_today"))
        await room.say(stage("due_today", item="item-2"))
        await room.quiet()
        (alarm,) = await room.messages(stage="no_address")
        assert alarm["receiver"] == "office_director"
        assert "某head" in alarm["subject"]
        assert await room.told("due_today") == ["contact", "contact", "head", "head"]
        room.clock.move(days=1)
        await room.say(stage("overdue_notice", over=1))
        await room.quiet()
        assert len(await room.messages(stage="no_address")) == 2
    assert 'alarms_total{reason="no_address"} 3.0' in room.service.metrics.page().decode()


async def test_a_vacant_duty_is_an_alarm_for_the_office(room: Room) -> None:
    await room.put_people(everybody(head={"duties": []}))
    async with room.running():
        await room.say(HANGYAN)
        await room.quiet()
        await room.say(stage("due_today"))
        await room.quiet()
    (alarm,) = await room.messages(stage="no_holder")
    assert alarm["subject"] == "职务空缺 渣土扬尘大队 单位主要负责人"


async def test_a_routine_mail_waits_for_the_morning_of_a_working_day_and_a_formal_one_does_not(room: Room) -> None:
    room.clock.move(days=5)  # Saturday, 19 September; the Sunday after it is worked
    async with room.running():
        await room.say(stage("before_due", due_on=date(2026, 9, 22)))
        await room.say(notice())
        await room.quiet()
        assert {str(mail["Subject"]).split()[0] for mail in room.post.mails} == {"考核问题整改通知书"}
        assert (await room.get("/v1/progress"))["held"] == 1
        room.clock.move(hours=22)
        await room.quiet()
    assert sum(str(mail["Subject"]).startswith("到期提醒") for mail in room.post.mails) == 1
