"""The ways in which things break, drawn from shuffled decks: a run of any length sees every way about as often as it should."""

import asyncio
import random
import signal
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping
from functools import partial
from typing import Final

from tests.faults.processes.bureau import DATABASES, GUEST, WORKERS, Bureau
from tests.faults.processes.progress import every_partition_moves
from tests.faults.processes.proxy import Proxy

# How often each of them dies in a deck of twenty-five.
KILLS: Final[Mapping[str, int]] = {
    "worker": 7,
    "scoring": 5,
    "feedback": 4,
    "notification": 2,
    "evidence": 2,
    "postgres": 1,
    "postgres, immediate stop": 1,
    "kafka": 2,
    "s3": 1,
}
BLOWS: Final[Mapping[str, int]] = {
    "connections cut": 5,
    "connections half-closed": 4,
    "connections delayed": 2,
    "answer of a COMMIT lost": 7,
    "worker stopped and woken": 2,
    "worker joined or left": 3,
}
DELAYS: Final = (0.02, 0.3)  # seconds that each piece of a conversation waits
DELAYED_FOR: Final = 2.0
AT_WORK: Final = 1.0  # seconds after which what a stopped worker had begun can no longer be taken for another's work
MOVED_WITHIN: Final = 30.0  # three times the session time-out of the consumer group


def drawn(deck: Mapping[str, int], dice: random.Random) -> Iterator[str]:
    """For ever: the whole deck in a new order each time."""
    cards = [name for name, times in deck.items() for _ in range(times)]
    while True:
        yield from dice.sample(cards, len(cards))


class Breaker:
    """Breaks things and remembers what it broke; `heal` ends everything that lasts."""

    def __init__(self, bureau: Bureau, dice: random.Random) -> None:
        self._bureau = bureau
        self._dice = dice
        self._lasting: set[asyncio.Task[None]] = set()
        self.kills: Counter[str] = Counter()
        self.blows: Counter[str] = Counter()
        self._ways: dict[str, Callable[[], Awaitable[None]]] = {
            "worker": lambda: self._kill(self._dice.choice(self._workers())),
            **{name: partial(self._kill, name) for name in DATABASES},
            "postgres": partial(self._restart, "postgres", signal.SIGKILL),
            "postgres, immediate stop": partial(self._restart, "postgres", signal.SIGQUIT),
            "kafka": partial(self._restart, "kafka", signal.SIGKILL),
            "s3": partial(self._restart, "s3", signal.SIGKILL),
            "connections cut": self._cut,
            "connections half-closed": self._half_close,
            "connections delayed": self._delay,
            "answer of a COMMIT lost": self._lose_commits,
            "worker stopped and woken": self._stop_and_wake,
            "worker joined or left": self._join_or_leave,
        }

    async def strike(self, name: str) -> None:
        (self.kills if name in KILLS else self.blows)[name] += 1
        await self._ways[name]()
        self._bureau.strike()

    async def heal(self) -> None:
        """Until everything that was broken for a while is whole again; what was killed is being started by its supervisor."""
        await asyncio.gather(*self._lasting)
        for proxy in self._bureau.ground.proxies:
            proxy.to_swallow = 0
        await self._bureau.ground.whole()
        self._bureau.strike()

    def _workers(self) -> list[str]:
        return [name for name in (*WORKERS, GUEST) if name in self._bureau.processes.children]

    def _proxy(self) -> Proxy:
        """Each database of a service, Kafka twice as often, the store."""
        ground = self._bureau.ground
        return self._dice.choice([*ground.databases.values(), ground.kafka, ground.kafka, ground.store])

    def _meanwhile(self, lasting: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(lasting)
        self._lasting.add(task)
        task.add_done_callback(self._lasting.discard)

    async def _kill(self, name: str) -> None:
        self._bureau.processes.kill(name)

    async def _restart(self, server: str, how: signal.Signals) -> None:
        async def restart() -> None:
            await self._bureau.ground.restart(server, how)

        self._meanwhile(restart())

    async def _cut(self) -> None:
        self._proxy().cut(self._dice, share=self._dice.uniform(0.3, 1))

    async def _half_close(self) -> None:
        self._proxy().half_close(self._dice, share=self._dice.uniform(0.3, 1))

    async def _delay(self) -> None:
        proxy = self._proxy()
        proxy.delay = self._dice.uniform(*DELAYS)

        async def end() -> None:
            await asyncio.sleep(DELAYED_FOR)
            proxy.delay = 0

        self._meanwhile(end())

    async def _lose_commits(self) -> None:
        self._dice.choice([*self._bureau.ground.databases.values()]).to_swallow += self._dice.randrange(1, 4)

    async def _stop_and_wake(self) -> None:
        """The sleeper wakes when another one has taken its partitions over, and knows nothing of it."""
        name = self._dice.choice(self._workers())
        self._bureau.processes.send(name, signal.SIGSTOP)

        async def wake() -> None:
            try:
                await asyncio.sleep(AT_WORK)
                await every_partition_moves(self._bureau, within=MOVED_WITHIN)
            except AssertionError:
                self.blows["worker woken before its partitions moved"] += 1
            self._bureau.processes.send(name, signal.SIGCONT)

        self._meanwhile(wake())

    async def _join_or_leave(self) -> None:
        if GUEST in self._bureau.processes.children:
            await self._bureau.processes.dismiss(GUEST)
        else:
            await self._bureau.start(GUEST)
