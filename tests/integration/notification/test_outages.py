from datetime import date
from io import StringIO

from sqlalchemy import text

from contracts import feedback
from kit.testing import administer, eventually
from tests.integration.notification.rooms import Room, notice, stage


async def cut_all_connections(room: Room) -> None:
    """As a restart of PostgreSQL would, for this database alone."""
    url = room.settings.database_url.get_secret_value()
    await administer(
        url.rpartition("/")[0] + "/postgres",
        f"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{url.rpartition('/')[2]}'",  # noqa: S608 - a test's own name
    )


async def test_connections_that_are_cut_lose_and_repeat_nothing(room: Room) -> None:
    async with room.running():
        for number in range(4):
            await room.say(stage("interview", item=f"item-{number}", over=11))
            await cut_all_connections(room)

        async def all_sent() -> bool:
            return len(set(room.post.ids())) == 4 * 5

        await eventually(all_sent, within=60)
    assert len(await room.messages(stage="interview")) == 4 * 5


async def test_a_message_that_nobody_understands_goes_to_the_dead_letters_and_holds_nobody_up(room: Room) -> None:
    topic = room.settings.topic_prefix + "feedback.events"
    async with room.running():
        await room.kafka.send_and_wait(topic, key=b"item-1", value=b"{not json")
        await room.say(stage("due_today"))
        await room.quiet()
    assert await room.told("due_today") == ["contact", "head"]
    async with room.service.database.transaction() as session:
        dead = (await session.execute(text("select topic, value from outbox where topic like '%dead-letters'"))).one()
    assert bytes(dead.value) == b"{not json"


async def test_logs_carry_neither_addresses_nor_names_nor_texts(logs: StringIO, room: Room) -> None:
    room.post.refusals["head@example.org"] = "550 <head@example.org> unknown"
    room.post.answers = ["451 later, contact@example.org"]
    returned = feedback.ReturnedV1(
        item="item-1", cycle="2026", unit="hangyan", number=7, indicator_name="按期办结率", missing="现场照片", due_on=date(2026, 9, 20)
    )
    async with room.running():
        await room.say(notice())
        await room.say(returned)
        await room.quiet()
    assert "attempt" in logs.getvalue()
    for secret in ("example.org", "某", "低于黄线", "现场照片", "考整"):
        assert secret not in logs.getvalue()
