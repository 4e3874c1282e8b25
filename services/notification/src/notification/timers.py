"""What goes on without being asked: sending workers, and the watch over receipts and what waits."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import date, datetime
from typing import Final, Protocol

from sqlalchemy.exc import DBAPIError

from kit.clock import Clock, turning
from kit.logs import logger
from kit.waking import Bell, rest
from notification.domain.deliveries import Answer, Channel, Outcome, Verdict
from notification.handlers.sending import RECEIPTS_A_TURN, chase_receipts, record_answer
from notification.handlers.work import Archive, Carrier, Letter, Work

IDLE: Final = 1.0  # seconds between looks for letters of other processes, and for those to be tried again; an own one rings
TURN: Final = 5.0  # seconds between looks for receipts that are due: that turns with the business day, which is seen on the clock
FIRST_REST: Final = 1.0  # seconds that a worker rests when its channel is down, doubled up to the longest
LONGEST_REST: Final = 30.0
BACK_OFF: Final = 2.0  # seconds after PostgreSQL failed

Transactions = Callable[[], AbstractAsyncContextManager[tuple[Work, Archive]]]


class Counts(Protocol):
    def count(self, name: str, by: float = 1, **labels: str) -> None: ...

    def set(self, name: str, value: float, **labels: str) -> None: ...


class Sender:
    """Carries the letters of one channel, one at a time; any number of senders may run, in any number of processes.

    The letter is claimed in one transaction, carried outside any, and answered in another: a crash in between leaves a lease
    that runs out, and the next attempt carries the same Message-ID.
    """

    def __init__(
        self, channel: Channel, carrier: Carrier, *, transactions: Transactions, counts: Counts, clock: Clock, letters: Bell
    ) -> None:
        self._channel = channel
        self._carrier = carrier
        self._transactions = transactions
        self._counts = counts
        self._clock = clock
        self._letters = letters
        self._leaving: datetime | None = None  # when the next letter that is held back may leave
        self._rest = FIRST_REST
        self._log = logger("notification.sender").bind(channel=channel)

    async def run(self) -> None:
        """Until cancelled; a database that is away is waited for."""
        while True:
            ring = self._letters.next_ring()
            try:
                verdict = await self.send_one()
            except (DBAPIError, OSError, TimeoutError) as error:
                self._log.warning("sender waits for the database", error=type(error).__name__)
                await asyncio.sleep(BACK_OFF)
                continue
            await self._pause_after(verdict, ring)

    async def send_one(self) -> Verdict | None:
        """What an attempt came to, or None when nothing may leave now."""
        async with self._transactions() as (work, _):
            now = self._clock.now()
            letter = await work.deliveries.claim(self._channel, now=now)
            self._leaving = None if letter else await work.deliveries.next_leaving(self._channel, after=now)
        if letter is None:
            return None
        answer = await self._carrier.carry(letter)
        async with self._transactions() as (work, _):
            outcome = await record_answer(letter, answer, work)
        self._tell(letter, answer, outcome)
        return answer.verdict

    def _tell(self, letter: Letter, answer: Answer, outcome: Outcome | None) -> None:
        said = str(answer.verdict if outcome is Outcome.WAITING else outcome or "late")
        self._counts.count("delivery_attempts_total", channel=self._channel, outcome=said)
        attempt = letter.delivery.attempts
        self._log.info("attempt", delivery=str(letter.delivery.id), attempt=attempt, outcome=said, code=answer.code)

    def _may_leave(self) -> bool:
        return self._leaving is not None and self._clock.now() >= self._leaving

    async def _pause_after(self, verdict: Verdict | None, ring: asyncio.Event) -> None:
        """A channel that is down would refuse the next letter too: rest, so that a queue does not use up its tries on one outage."""
        if verdict is Verdict.DOWN:
            await asyncio.sleep(self._rest)
            self._rest = min(self._rest * 2, LONGEST_REST)
        elif verdict is None:
            await rest(ring, at_most=IDLE, unless=self._may_leave)
        else:
            self._rest = FIRST_REST


class Watch:
    """Chases receipts, and shows what waits."""

    def __init__(self, *, transactions: Transactions, counts: Counts, today: Callable[[], date]) -> None:
        self._transactions = transactions
        self._counts = counts
        self._today = today
        self._log = logger("notification.watch")

    async def run(self) -> None:
        """Until cancelled; a database that is away is waited for."""
        while True:
            new_day = turning(self._today)
            try:
                found = await self.turn()
            except (DBAPIError, OSError, TimeoutError) as error:
                self._log.warning("watch waits for the database", error=type(error).__name__)
                await asyncio.sleep(BACK_OFF)
                continue
            if found < RECEIPTS_A_TURN:
                await rest(asyncio.Event(), at_most=TURN, unless=new_day)

    async def turn(self) -> int:
        """How many formal notices without a receipt were found."""
        async with self._transactions() as (work, archive):
            found = await chase_receipts(work)
            waiting = await archive.waiting(now=work.clock.now(), today=work.today())
        self._counts.set("deliveries_waiting", waiting.unsent, state="due")
        self._counts.set("deliveries_waiting", waiting.held, state="held")
        return found
