"""Notification at work: stages are said twice, everybody is told once, whichever version tells."""

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any, Final
from uuid import uuid4

from contracts.envelope import Envelope
from contracts.topics import FEEDBACK
from kit.ids import uuid7
from kit.kafka import producer
from kit.testing import eventually
from tests.faults.upgrade.said import must_be_said
from tests.faults.upgrade.sides import Ground, Side
from tests.faults.upgrade.sources import Source
from tests.integration.notification.post import Post, a_post
from tests.integration.notification.rooms import MORNING, everybody, stage

ITEMS: Final = 8  # of each share
SHARES: Final = 4
TOLD: Final = 5  # receivers of an interview


@dataclass(slots=True)
class NotificationFlow:
    ground: Ground
    post: Post
    words = ("serve",)
    more: dict[str, str] = field(default_factory=dict)

    async def furnish(self, side: Side) -> None:
        await side.ask("POST", "/people/import", "office", json={"people": everybody()})

    async def share(self, number: int, sides: Sequence[Side]) -> None:
        async with producer(self.ground.servers.kafka_bootstrap, client="upgrade") as kafka:
            for item in range(ITEMS):
                payload = stage("interview", item=f"item-{number}-{item}", over=11)
                for key in ("a", "b"):  # said again by another event, on another partition: perhaps heard by another process
                    event = Envelope.around(payload, id=uuid7(), source="feedback", time=MORNING, correlationid="c-1", causationid=None)
                    value = event.model_dump_json().encode()
                    await kafka.send_and_wait(self.ground.prefix + FEEDBACK, key=f"{payload.key}/{key}/{uuid4()}".encode(), value=value)
        desks = cycle(sides)
        await eventually(lambda: self._carried((number + 1) * ITEMS * TOLD, next(desks)), within=60, every=0.2)

    async def _messages(self, side: Side) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await side.ask("GET", "/messages?limit=500", "office"))["messages"]
        return found

    async def _carried(self, messages: int, side: Side) -> bool:
        found = await self._messages(side)
        return len(found) >= messages and len(set(self.post.ids())) >= messages

    async def must_hold(self, side: Side, source: Source) -> None:  # noqa: ARG002 - the Protocol's
        """One message an item and receiver, and one mail of each."""
        told = Counter((message["item"], message["receiver"]) for message in await self._messages(side))
        assert len(told) == SHARES * ITEMS * TOLD
        assert set(told.values()) == {1}
        assert len(set(self.post.ids())) == SHARES * ITEMS * TOLD
        await must_be_said(self.ground)


@asynccontextmanager
async def notification_flow(ground: Ground) -> AsyncIterator[NotificationFlow]:
    ground.day(MORNING)
    async with a_post() as post:
        more = {"smtp_url": post.url, "mail_from": "kaohe@bureau.example.org", "retry_first_seconds": "1", "retry_longest_seconds": "1"}
        yield NotificationFlow(ground, post, more)
