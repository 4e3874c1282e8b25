"""What goes on without being asked: sending workers, and the watch over receipts and what waits."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Final, Protocol

from sqlalchemy.exc import DBAPIError

from kit.logs import logger
from notification.domain.deliveries import Answer, Channel, Outcome, Verdict
from notification.handlers.sending import RECEIPTS_A_TURN, chase_receipts, record_answer
from notification.handlers.work import Archive, Carrier, Letter, Work

IDLE: Final = 0.5  # seconds between looks for a letter
TURN: Final = 1.0  # seconds between looks for receipts that are due: a business day turns seldom
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

    def __init__(self, channel: Channel, carrier: Carrier, *, transactions: Transactions, counts: Counts) -> None:
        self._channel = channel
        self._carrier = carrier
        self._transactions = transactions
        self._counts = counts
        self._rest = FIRST_REST
        self._log = logger("notification.sender").bind(channel=channel)

    async def run(self) -> None:
        """Until cancelled; a database that is away is waited for."""
        while True:
            try:
                verdict = await self.send_one()
            except (DBAPIError, OSError, TimeoutError) as error:
                self._log.warning("sender waits for the database", error=type(error).__name__)
                await asyncio.sleep(BACK_OFF)
                continue
            await self._pause_after(verdict)

    async def send_one(self) -> Verdict | None:
        """What an attempt came to, or None when nothing may leave now."""
        async with self._transactions() as (work, _):
            letter = await work.deliveries.claim(self._channel, now=work.clock.now())
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

    async def _pause_after(self, verdict: Verdict | None) -> None:
        """A channel that is down would refuse the next letter too: rest, so that a queue does not use up its tries on one outage."""
        if verdict is Verdict.DOWN:
            await asyncio.sleep(self._rest)
            self._rest = min(self._rest * 2, LONGEST_REST)
        elif verdict is None:
            await asyncio.sleep(IDLE)
        else:
            self._rest = FIRST_REST


class Watch:
    """Chases receipts, and shows what waits."""

    def __init__(self, *, transactions: Transactions, counts: Counts) -> None:
        self._transactions = transactions
        self._counts = counts
        self._log = logger("notification.watch")

    async def run(self) -> None:
        """Until cancelled; a database that is away is waited for."""
        while True:
            try:
                found = await self.turn()
            except (DBAPIError, OSError, TimeoutError) as error:
                self._log.warning("watch waits for the database", error=type(error).__name__)
                await asyncio.sleep(BACK_OFF)
                continue
            if found < RECEIPTS_A_TURN:
                await asyncio.sleep(TURN)

    async def turn(self) -> int:
        """How many formal notices without a receipt were found."""
        async with self._transactions() as (work, archive):
            found = await chase_receipts(work)
            waiting = await archive.waiting(now=work.clock.now(), today=work.today())
        self._counts.set("deliveries_waiting", waiting.unsent, state="due")
        self._counts.set("deliveries_waiting", waiting.held, state="held")
        return found
