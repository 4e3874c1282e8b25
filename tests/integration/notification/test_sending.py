import asyncio
from datetime import timedelta

from kit.testing import eventually
from notification.domain.deliveries import Answer, Channel, Outcome, Verdict
from notification.handlers.sending import record_answer
from notification.handlers.work import Letter
from notification.store.tables import delivery
from tests.integration.notification.rooms import Room, stage


async def trial(room: Room, person: str = "contact") -> str:
    answer = await room.client.post("/v1/trials", json={"person": person}, headers=room.issuer.headers("office", subject="office-1"))
    assert answer.status_code == 202, answer.text
    message: str = answer.json()["message"]
    return message


async def mail_of(room: Room, message: str) -> dict[str, object]:
    found = (await room.get("/v1/deliveries", channel="email"))["deliveries"]
    return next(line for line in found if line["message"] == message)


async def ripen(room: Room) -> None:
    """Let every pause and lease be over, without waiting for it."""
    async with room.service.database.transaction() as session:
        gone = delivery.c.next_try_at - timedelta(hours=1)
        await session.execute(delivery.update().values(next_try_at=gone, leased_until=delivery.c.leased_until - timedelta(hours=1)))


async def claimed(room: Room) -> Letter:
    async with room.service.workshop.transactions() as (work, _):
        letter = await work.deliveries.claim(Channel.EMAIL, now=room.clock.now())
    assert letter is not None
    return letter


async def recorded(room: Room, letter: Letter, answer: Answer) -> Outcome | None:
    async with room.service.workshop.transactions() as (work, _):
        return await record_answer(letter, answer, work)


async def test_a_trial_reaches_the_person_over_all_channels(room: Room) -> None:
    message = await trial(room)
    assert await room.send_all() == 1
    (mail,) = room.post.mails
    assert mail["From"] == "考核办公室 <kaohe@bureau.example.org>"
    assert mail["Auto-Submitted"] == "auto-generated"
    (line,) = await room.messages(stage="trial")
    assert line["id"] == message
    assert {told["channel"]: told["outcome"] for told in line["deliveries"]} == {"in_app": "delivered", "email": "delivered"}


async def test_a_dead_server_is_waited_for_and_the_mail_comes_when_it_is_back(room: Room) -> None:
    await room.post.shut()
    message = await trial(room)
    assert await room.send_all() == 1
    line = await mail_of(room, message)
    assert (line["outcome"], line["attempts"]) == ("waiting", 1)
    (told,) = await room.messages(stage="trial")
    assert {"channel": "in_app", "outcome": "delivered"}.items() <= told["deliveries"][1].items()
    await room.post.open()
    await ripen(room)
    assert await room.send_all() == 1
    assert (await mail_of(room, message))["outcome"] == "delivered"


async def test_a_server_that_says_later_is_asked_again_with_the_same_message_id(room: Room) -> None:
    room.post.answers = ["451 greylisted"]
    message = await trial(room)
    await room.send_all()
    line = await mail_of(room, message)
    assert (line["outcome"], line["code"], line["answer"]) == ("waiting", 451, "greylisted")
    await ripen(room)
    await room.send_all()
    assert room.post.ids() == [f"<{line['id']}@bureau.example.org>"]
    assert (await mail_of(room, message))["attempts"] == 2


async def test_later_is_not_asked_for_ever(room: Room) -> None:
    room.post.answers = ["452 full"] * 9
    message = await trial(room)
    for _ in range(5):
        await room.send_all()
        await ripen(room)
    line = await mail_of(room, message)
    assert (line["outcome"], line["attempts"]) == ("exhausted", 3)
    assert await room.told("no_address") == ["office_director"]


async def test_a_refused_receiver_is_final_and_an_alarm_for_the_office(room: Room) -> None:
    room.post.refusals["contact@example.org"] = "550 no such user"
    message = await trial(room)
    await room.send_all()
    assert (await mail_of(room, message))["outcome"] == "refused"
    assert await room.told("no_address") == ["office_director"]


async def test_a_server_that_closes_with_421_does_not_use_up_the_tries(room: Room) -> None:
    room.post.answers = ["421 going down"] * 5
    message = await trial(room)
    for _ in range(6):
        await room.send_all()
        await ripen(room)
    line = await mail_of(room, message)
    assert (line["outcome"], line["attempts"]) == ("delivered", 6)


async def test_a_lost_answer_leads_to_the_same_mail_again(room: Room) -> None:
    """A crash between the server's answer and the commit: nothing was recorded, the lease runs out."""
    await trial(room)
    letter = await claimed(room)
    assert (await room.service.carrier.carry(letter)).verdict is Verdict.ACCEPTED
    assert await room.send_all() == 0, "the lease still holds"
    await ripen(room)
    assert await room.send_all() == 1
    first, second = room.post.mails
    assert first["Message-ID"] == second["Message-ID"]
    assert first.as_bytes() == second.as_bytes()


async def test_a_worker_that_slept_through_its_lease_changes_nothing(room: Room) -> None:
    message = await trial(room)
    sleeper = await claimed(room)
    await ripen(room)
    assert await room.send_all() == 1
    assert await recorded(room, sleeper, Answer(Verdict.NEVER, 550, "late")) is None
    assert (await mail_of(room, message))["outcome"] == "delivered"


async def test_two_processes_with_senders_send_each_mail_once(room: Room) -> None:
    people = [f"person-{number}" for number in range(30)]
    await room.put_people([{"id": one, "name": one, "email": f"{one}@example.org"} for one in people])
    for one in people:
        await trial(room, one)
    async with room.running(room.service, room.another()):

        async def all_sent() -> bool:
            return len(room.post.mails) >= len(people)

        await eventually(all_sent)
        await asyncio.sleep(0.5)
    assert len(set(room.post.ids())) == len(room.post.mails) == len(people)


async def test_two_processes_that_hear_the_same_stage_tell_it_once(room: Room) -> None:
    async with room.running(room.service, room.another()):
        for number in range(10):
            for _ in range(2):
                await room.say(stage("due_today", item=f"item-{number}"))

        async def all_told() -> bool:
            return len(room.post.mails) >= 20

        await eventually(all_told)
        await asyncio.sleep(0.5)
    assert len(await room.told("due_today")) == len(set(room.post.ids())) == len(room.post.mails) == 20


async def test_a_hanging_server_is_given_up_in_bounded_time(room: Room) -> None:
    room.post.hang = True
    message = await trial(room)
    carrier = room.another(smtp_patience_seconds=1).carrier
    async with asyncio.timeout(4):
        answer = await carrier.carry(await claimed(room))
    assert answer.verdict is Verdict.DOWN
    assert (await mail_of(room, message))["outcome"] == "waiting"


async def test_an_address_that_was_removed_meanwhile_is_refused_without_a_mail(room: Room) -> None:
    message = await trial(room)
    gone = await room.client.delete("/v1/people/contact", headers=room.issuer.headers("admin"))
    assert gone.status_code == 204
    await room.send_all()
    assert (await mail_of(room, message))["outcome"] == "refused"
    assert {str(mail["To"]) for mail in room.post.mails} == {"某office_director <office_director@example.org>"}, "the alarm alone"
