"""How many wrong codes an address may try; in this process's memory only, since an address beside a time would tell who voted when."""

import time
from collections import defaultdict, deque
from collections.abc import Callable
from typing import Final

from scoring.ballots.domain.refusals import TooManyTries

MOST: Final = 30  # wrong codes from one address: a hall of voters behind one router slips now and then
WITHIN: Final = 600.0  # seconds
MOST_ADDRESSES: Final = 10_000  # that are remembered; beyond it all is forgotten: a code's 80 bits are the real wall

Place = tuple[str, str]
"""An address and a vote."""


class Tries:
    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._missed: dict[Place, deque[float]] = defaultdict(deque)

    def check(self, place: Place) -> None:
        """Raises `TooManyTries`."""
        if len(self._recent(place)) >= MOST:
            raise TooManyTries

    def missed(self, place: Place) -> None:
        if len(self._missed) >= MOST_ADDRESSES:
            self._missed.clear()
        self._missed[place].append(self._now())

    def _recent(self, place: Place) -> deque[float]:
        missed = self._missed.get(place, deque())
        while missed and missed[0] <= self._now() - WITHIN:
            missed.popleft()
        return missed
