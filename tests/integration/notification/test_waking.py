"""Letters leave when they may, not when somebody looks next: here nobody would look for an hour."""

from collections.abc import AsyncIterator

import pytest

from kit.testing import eventually
from notification import timers
from tests.integration.notification.rooms import Room, stage


@pytest.fixture
async def drowsy(room: Room, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Room]:
    monkeypatch.setattr(timers, "IDLE", 3600)
    monkeypatch.setattr(timers, "TURN", 3600)
    async with room.running():
        await room.quiet()
        yield room


async def test_a_letter_leaves_as_soon_as_it_was_written(drowsy: Room) -> None:
    await drowsy.say(stage("overdue_notice", over=1))
    await eventually(lambda: mails(drowsy, 2))


async def test_a_letter_that_was_held_overnight_leaves_when_the_clock_says_so(drowsy: Room) -> None:
    drowsy.clock.move(hours=11)  # nine in the evening
    await drowsy.say(stage("due_today"))

    async def held() -> bool:
        return bool((await drowsy.get("/v1/progress"))["held"])

    await eventually(held)
    assert drowsy.post.mails == []
    drowsy.clock.move(hours=11)
    await eventually(lambda: mails(drowsy, 2))


async def mails(room: Room, count: int) -> bool:
    return len(room.post.mails) == count
