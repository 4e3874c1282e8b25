"""Topics between services and databases that do not fit one another any more: noticed, and mended by two commands."""

from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from pydantic import SecretStr

from contracts.topics import FEEDBACK, SCORING
from feedback.app import Feedback
from kit.settings import ServiceSettings
from kit.testing import Servers, eventually
from notification.app import Notification
from tests.faults.logs.breaking import a_backup, command, restore, trim
from tests.integration.feedback import rooms as feedback_rooms
from tests.integration.feedback.test_events import crossed
from tests.integration.notification import rooms as notification_rooms
from tests.integration.notification.conftest import template

__all__ = ["template"]

UNIT = "hangyan"

Told = Counter[tuple[str, str, str]]


@dataclass(frozen=True, slots=True)
class House:
    """Feedback, and notification that hears it."""

    feedback: feedback_rooms.Room
    notification: notification_rooms.Room

    @property
    def bootstrap(self) -> str:
        return self.feedback.settings.kafka_bootstrap

    @property
    def topic(self) -> str:
        return self.feedback.settings.topic_prefix + FEEDBACK

    def hearer(self) -> Notification:
        """A process of notification; each has its own connections."""
        return self.notification.another(topic_prefix=self.feedback.settings.topic_prefix)

    def sayer(self) -> Feedback:
        return self.feedback.another()

    async def problems(self, number: int, cause: str) -> set[str]:
        """The ids of the items that became of them."""
        raised = [await self.feedback.problem(unit=UNIT, cause=f"{cause}-{index}") for index in range(number)]
        return {str(item["id"]) for item in raised}

    async def told(self) -> Told:
        """What was told to whom about which item."""
        return Counter((one["item"], one["stage"], one["receiver"]) for one in await self.notification.messages())

    async def until_told(self, items: set[str]) -> Told:
        async def all_told() -> bool:
            return items <= {item for item, _, _ in await self.told()}

        await eventually(all_told, within=30)
        return await self.told()


def told(service: str, settings: ServiceSettings, *, prefix: str) -> dict[str, str]:
    """The environment of a command of this service."""
    plain = settings.model_copy(update={"topic_prefix": prefix, "environment": "local"}).model_dump(exclude_none=True)
    texts = {name: value.get_secret_value() if isinstance(value, SecretStr) else str(value) for name, value in plain.items()}
    return {f"{service}_{name}".upper(): text for name, text in texts.items()}


@pytest.fixture
async def house(servers: Servers, template: str) -> AsyncIterator[House]:
    async with feedback_rooms.a_room(servers) as sayer, notification_rooms.a_room(servers, template) as hearer:
        hearer.clock.instant = sayer.clock.instant
        await feedback_rooms.topics_of(sayer)
        yield House(sayer, hearer)


def environments(house: House) -> tuple[dict[str, str], dict[str, str]]:
    """Of feedback's commands and of notification's."""
    prefix = house.feedback.settings.topic_prefix
    return told("feedback", house.feedback.settings, prefix=prefix), told("notification", house.notification.settings, prefix=prefix)


async def is_red(hearer: Notification | Feedback, command_told: str) -> str:
    async def red() -> str:
        said = str(await hearer.consumer.reader.check())
        return said if command_told in said else ""

    return await eventually(red, within=30)


async def test_restored_services_agree_after_refill_and_adopt(house: House) -> None:
    """Notification's backup is older than feedback's, and both forget what came last: as after a disaster."""
    feedback, notification = house.feedback, house.notification
    say, hear = environments(house)
    async with feedback.running(house.sayer(), only=("relay",)), notification.running(house.hearer()):
        first = await house.problems(3, "first")
        await house.until_told(first)
    async with a_backup(notification.settings.database_url.get_secret_value()) as older:
        async with feedback.running(house.sayer(), only=("relay",)), notification.running(house.hearer()):
            second = await house.problems(3, "second")
            expected = await house.until_told(first | second)
        async with a_backup(feedback.settings.database_url.get_secret_value()) as newer:
            async with feedback.running(house.sayer(), only=("relay",)), notification.running(house.hearer()):
                forgotten = await house.problems(2, "forgotten")
                await house.until_told(forgotten)
            await restore(feedback.settings.database_url.get_secret_value(), newer)
            await restore(notification.settings.database_url.get_secret_value(), older)
            status, said = await command("feedback", "refill", told=say)
            assert (status, "主题已重建" in said) == (0, True), said
            hearer = house.hearer()
            async with feedback.running(house.sayer(), only=("relay",)), notification.running(hearer):
                await is_red(hearer, f"python -m notification adopt {house.topic}")
                status, said = await command("notification", "adopt", FEEDBACK, told=hear)
                assert status == 0, said
                assert await house.until_told(first | second) == expected
                third = await house.problems(2, "third")
                assert {item for item, _, _ in await house.until_told(third)} == first | second | third
                assert await hearer.consumer.reader.check() is None


async def test_messages_between_services_that_were_deleted_unread_are_noticed(house: House) -> None:
    feedback, say = house.feedback, environments(house)[0]
    topic = feedback.settings.topic_prefix + SCORING
    async with feedback.speaking() as kafka:
        async with feedback.running(house.sayer(), only=("consumer",)):
            await feedback.speak(crossed("yellow"), kafka)
            await eventually(lambda: heard(feedback, 1))
        partition, offset = await position(feedback, topic)
        await feedback.speak(crossed("yellow", "recovered"), kafka)
        await trim(house.bootstrap, topic, {partition: offset + 1})
        service = house.sayer()
        async with feedback.running(service, only=("consumer",)):
            said = await is_red(service, f"python -m feedback adopt {topic}")
            assert f"position {offset} is outside" in said
            assert (await command("feedback", "adopt", topic, told=say))[0] == 0
            await feedback.speak(crossed("red"), kafka)
            await eventually(lambda: heard(feedback, 2))
            assert await service.consumer.reader.check() is None


async def test_an_adoption_of_a_topic_that_nobody_hears_is_refused(house: House) -> None:
    status, said = await command("feedback", "adopt", FEEDBACK, told=environments(house)[0])
    assert (status, "没有读过主题" in said) == (1, True), said


async def heard(room: feedback_rooms.Room, number: int) -> bool:
    return await room.rows("select count(*) from inbox") == [(number,)]


async def position(room: feedback_rooms.Room, topic: str) -> tuple[int, int]:
    """The partition that was read, and where."""
    ((partition, offset),) = await room.rows(f"select partition, next_offset from positions where topic = '{topic}'")  # noqa: S608
    return partition, offset
