"""Whether readiness is true to the state, asked of every process twice a second for as long as the bureau lives.

It lies when it is green while there is work and nothing has moved for longer than the stated patience, and when it is red though
nothing was broken for a while and the machine has time for it.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final

import asyncpg
from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from stack.probe import ask
from tests.faults.processes.bureau import DATABASES, GUEST, WORKERS, Bureau
from tests.faults.processes.logs import ends_of
from tests.faults.processes.machine import is_overloaded
from tests.faults.processes.progress import AWAY
from tests.faults.processes.quiet import HEARD, OUTBOXES, lag

ASK_EVERY: Final = 0.5
LOOK_EVERY: Final = 2.0
LOOK_WITHIN: Final = 10.0
PATIENCE: Final = 30.0  # seconds: kit.reader.STALLED_AFTER, and the age of an unsent event that readiness admits
SLACK: Final = 14.0  # seconds that a look of ours may take, and the pause before the next
WELL_AFTER: Final = 20.0  # seconds without a blow
RED_FOR: Final = 5.0  # seconds: one answer that was late is no lie on a busy machine


@dataclass(frozen=True, slots=True)
class Movement:
    """What is left to do, and a number that grows with whatever is done."""

    left: int
    done: int

    def __add__(self, other: "Movement") -> "Movement":
        return Movement(self.left + other.left, self.done + other.done)


@dataclass(slots=True)
class Watcher:
    bureau: Bureau
    asked: Counter[str] = field(default_factory=Counter)
    lies: list[str] = field(default_factory=list)
    _seen: dict[str, Movement] = field(default_factory=dict)
    _moved: dict[str, float] = field(default_factory=dict)
    _green: dict[str, float] = field(default_factory=dict)

    async def watch(self) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._ask_for_ever())
            group.create_task(self._look_for_ever())

    async def _ask_for_ever(self) -> None:
        while True:
            began = time.monotonic()
            await asyncio.gather(*(self._ask(name) for name in list(self.bureau.processes.children)))
            await asyncio.sleep(max(0.0, began + ASK_EVERY - time.monotonic()))

    async def _ask(self, process: str) -> None:
        began = time.monotonic()
        answer = await ask(self.bureau.ports[process], "/readyz")
        status, said = answer or (0, "no answer")
        is_green = status == HTTPStatus.OK
        self.asked["green" if is_green else "red" if answer else "silent"] += 1
        standing = time.monotonic() - self._moved.get(_reader(process), time.monotonic())
        if is_green and standing > PATIENCE + SLACK:
            self.lies.append(f"{process} is green and nothing has moved for {standing:.0f} s")
        if is_green or is_overloaded() or not self._is_well(process, began):
            self._green[process] = time.monotonic()
        elif (red := time.monotonic() - self._green.get(process, began)) > RED_FOR:
            self.lies.append(f"{process} has been red for {red:.0f} s though nothing was broken: {said[:500]}")

    def _is_well(self, process: str, at: float) -> bool:
        started = self.bureau.processes.started.get(process, at)
        return at - max(self.bureau.last_blow, started) > WELL_AFTER and process in self.bureau.processes.children

    async def _look_for_ever(self) -> None:
        while True:
            try:
                async with asyncio.timeout(LOOK_WITHIN):
                    await self._look()
            except (KafkaError, *AWAY):
                self._moved.clear()  # nobody can know what moves while a server is away
            await asyncio.sleep(LOOK_EVERY)

    async def _look(self) -> None:
        """What has not moved since the last look, though there is work, keeps the time of its last movement."""
        for name, movement in (await _movements(self.bureau)).items():
            if movement.left == 0 or movement.done != self._seen.get(name, Movement(0, -1)).done:
                self._moved[name] = time.monotonic()
            self._moved.setdefault(name, time.monotonic())
            self._seen[name] = movement


def _reader(process: str) -> str:
    return "worker" if process in (*WORKERS, GUEST) else process


async def _movements(bureau: Bureau) -> Mapping[str, Movement]:
    """Each service's events to hear and to send; and the workers' feed."""
    ends = await ends_of(bureau.logs.bootstrap)
    found: dict[str, Movement] = {name: Movement(0, 0) for name in ("worker", *DATABASES)}
    for name in DATABASES:
        async with bureau.database(name) as database:
            found[name] += await _sending(database, OUTBOXES[name])
            for (service, table), topics in HEARD.items():
                if service == name:
                    found["worker" if table == "ledger.positions" else name] += await _hearing(database, table, topics, ends)
    return found


async def _sending(database: asyncpg.Connection, table: str) -> Movement:
    unsent = await database.fetchval(f"select count(*) from {table} where sent_at is null")  # noqa: S608 - own words
    return Movement(unsent, await database.fetchval(f"select count(sent_at) from {table}"))  # noqa: S608 - own words


async def _hearing(database: asyncpg.Connection, table: str, topics: tuple[str, ...], ends: Mapping[TopicPartition, int]) -> Movement:
    taken = await database.fetchval(f"select coalesce(sum(next_offset), 0)::bigint from {table}")  # noqa: S608 - own words
    return Movement(await lag(database, table, topics, ends), taken)
