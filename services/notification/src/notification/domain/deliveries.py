"""One message over one channel: attempts, answers, when the next one is made, and how it ended."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum
from random import Random
from types import MappingProxyType
from typing import Final, NewType
from uuid import UUID

DeliveryId = NewType("DeliveryId", UUID)


class Channel(StrEnum):
    IN_APP = "in_app"  # 站内: told as soon as it is written
    EMAIL = "email"  # 邮件


class Outcome(StrEnum):
    WAITING = "waiting"
    DELIVERED = "delivered"
    REFUSED = "refused"  # the receiver's server says never
    EXHAUSTED = "exhausted"  # it said later as often as we ask


class Verdict(StrEnum):
    """What one attempt came to."""

    ACCEPTED = "accepted"
    LATER = "later"  # 4xx: this delivery has to wait
    DOWN = "down"  # no answer, or a refusal of ourselves: the channel has to wait
    NEVER = "never"  # 5xx about this receiver or this message


# Whatever is wrong with the channel itself passes; only what is said about a receiver is final.
MOVES: Final = MappingProxyType(
    {
        (Outcome.WAITING, Verdict.ACCEPTED): Outcome.DELIVERED,
        (Outcome.WAITING, Verdict.LATER): Outcome.WAITING,
        (Outcome.WAITING, Verdict.DOWN): Outcome.WAITING,
        (Outcome.WAITING, Verdict.NEVER): Outcome.REFUSED,
    }
)

LONGEST_ANSWER: Final = 500  # characters of a server's answer that are kept
MOST_DOUBLINGS: Final = 40  # 2**40 s is beyond any longest pause; a bigger power would overflow a timedelta
UNREACHED: Final = frozenset({Outcome.REFUSED, Outcome.EXHAUSTED})


@dataclass(frozen=True, slots=True)
class Answer:
    """What the channel said; `text` may hold an address and stays out of logs."""

    verdict: Verdict
    code: int | None = None
    text: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Backoff:
    """Doubling pauses up to `longest`, each shortened at random by up to half, so that a server that is back is not stormed.

    A delivery ends after `refusals` times "later"; a channel that is down is waited for, however long it takes.
    """

    first: timedelta
    longest: timedelta
    refusals: int

    def pause(self, attempts: int, random: Random) -> timedelta:
        """How long to wait after so many attempts, at least one."""
        doubled = min(self.longest, self.first * 2 ** min(attempts - 1, MOST_DOUBLINGS))
        full = doubled // timedelta(milliseconds=1)
        return timedelta(milliseconds=random.randint(full - full // 2, full))


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """An attempt being made; `attempts` counts it in, `refusals` the answers "later". `pause` is how long to wait before the next one."""

    id: DeliveryId
    channel: Channel
    attempts: int
    refusals: int = 0
    outcome: Outcome = Outcome.WAITING
    pause: timedelta = timedelta(0)
    code: int | None = None
    answer: str = field(default="", repr=False)

    def answered(self, answer: Answer, *, backoff: Backoff, random: Random) -> "Delivery":
        refusals = self.refusals + (answer.verdict is Verdict.LATER)
        outcome = MOVES[self.outcome, answer.verdict]
        if outcome is Outcome.WAITING and refusals >= backoff.refusals:
            outcome = Outcome.EXHAUSTED
        pause = backoff.pause(self.attempts, random) if outcome is Outcome.WAITING else timedelta(0)
        return replace(self, outcome=outcome, refusals=refusals, pause=pause, code=answer.code, answer=answer.text[:LONGEST_ANSWER])
