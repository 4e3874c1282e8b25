import asyncio
from collections.abc import AsyncIterator, Awaitable, Collection, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from kit import outbox
from kit.metrics import Metrics
from kit.outbox import ALL_SHARES, Relay, Unsent
from kit.testing import eventually
from kit.waking import Bell


@dataclass(slots=True)
class Desk:
    """An outbox and a log in memory; `refusals` is how many sends fail before the log takes messages."""

    waiting: list[Unsent] = field(default_factory=list)
    log: list[str] = field(default_factory=list)
    marked: list[int] = field(default_factory=list)
    marked_before_sent: bool = False
    refusals: int = 0
    bell: Bell = field(default_factory=Bell)

    def add(self, number: int) -> None:
        self.waiting.append(Unsent(number, "t", f"k-{number % 2}", str(number).encode(), timedelta(0)))

    async def take_shares(self, wanted: Collection[int]) -> set[int]:
        return set(wanted)

    async def unsent(self, shares: Collection[int], *, most: int) -> Sequence[Unsent]:
        return self.waiting[:most] if set(shares) == ALL_SHARES else []

    async def mark_sent(self, ids: Collection[int]) -> None:
        self.marked_before_sent |= not {str(one) for one in ids} <= set(self.log)
        self.marked += ids
        self.waiting = [row for row in self.waiting if row.id not in ids]

    async def prune(self) -> None: ...

    async def send(self, topic: str, *, key: bytes, value: bytes, headers: Sequence[tuple[str, bytes]]) -> Awaitable[object]:
        assert (topic, key[:2], headers[0][0]) == ("t", b"k-", "content-type")

        async def acknowledged() -> None:
            if self.refusals:
                self.refusals -= 1
                raise TimeoutError
            self.log.append(value.decode())

        return acknowledged()

    @asynccontextmanager
    async def opened(self) -> AsyncIterator["Desk"]:
        yield self

    @asynccontextmanager
    async def relayed(self) -> AsyncIterator[None]:
        relay = Relay(self.opened, self.opened, service="room", metrics=Metrics(), bell=self.bell)
        task = asyncio.ensure_future(relay.run())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def is_empty(self) -> bool:
        return not self.waiting


async def test_rows_are_sent_in_the_order_of_ids_and_marked_after_the_acknowledgement() -> None:
    desk = Desk()
    for number in range(5):
        desk.add(number)
    async with desk.relayed():
        await eventually(desk.is_empty)
    assert (desk.log, desk.marked) == ([*"01234"], [0, 1, 2, 3, 4])
    assert not desk.marked_before_sent


async def test_what_was_not_acknowledged_is_sent_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "BACK_OFF", 0.01)
    desk = Desk(refusals=2)
    desk.add(1)
    async with desk.relayed():
        await eventually(desk.is_empty)
    assert (desk.log, desk.marked) == (["1"], [1])


async def test_a_ring_sends_at_once_however_seldom_the_relay_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "POLL", 3600)
    desk = Desk()
    async with desk.relayed():
        desk.add(1)
        desk.bell.ring()
        await eventually(desk.is_empty, within=2)
        desk.add(2)
        desk.bell.ring()
        await eventually(desk.is_empty, within=2)
