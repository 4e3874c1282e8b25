"""When so much of a source is unusable that somebody must have deployed something wrong."""

from collections import deque
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final

WINDOW: Final = 1_000  # messages looked back on
LEAST: Final = 100  # messages before anything is concluded
SHARE: Final = Fraction(1, 5)


@dataclass(slots=True)
class Window:
    """The last batches of one source."""

    share: Fraction = SHARE
    _batches: deque[tuple[int, int]] = field(default_factory=deque)

    def add(self, *, received: int, unusable: int) -> str | None:
        """A sentence when the share is exceeded; then the window starts anew."""
        self._batches.append((received, unusable))
        while len(self._batches) > 1 and self._received() - self._batches[0][0] >= WINDOW:
            self._batches.popleft()
        of, bad = self._received(), sum(unusable for _, unusable in self._batches)
        if of < LEAST or bad <= of * self.share:
            return None
        self._batches.clear()
        return (
            f"{bad} of the last {of} messages are unusable: correct the source, then resume it / "
            f"最近 {of} 条消息中有 {bad} 条无法使用，已暂停该来源；请改正后恢复"
        )

    def _received(self) -> int:
        return sum(received for received, _ in self._batches)
