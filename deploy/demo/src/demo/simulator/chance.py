"""Chance that repeats itself: a generator of random numbers a purpose, and shares that are kept evenly instead of by luck."""

from random import Random


def chance(seed: int, *purpose: object) -> Random:
    """Its own stream for each purpose, so that one more case of one unit changes nothing of the others."""
    return Random("|".join(map(str, (seed, *purpose))))


class Share:
    """Takes a share of what passes by, spread evenly: of n the floor of the shares' sum, so that a small n has no outlier."""

    def __init__(self) -> None:
        self._due = 0.0

    def falls(self, share: float) -> bool:
        self._due += share
        if self._due < 1:
            return False
        self._due -= 1
        return True

    def count(self, mean: float) -> int:
        """How many come now when `mean` come on average."""
        self._due += mean
        whole = int(self._due)
        self._due -= whole
        return whole
