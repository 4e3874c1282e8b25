"""Outbox and relay (I6): nothing is lost, and a key's rows lie in the log in the order of their commits."""

import asyncio
from collections import Counter, defaultdict
from functools import partial
from typing import Final

from sqlalchemy import MetaData
from sqlalchemy.ext.asyncio import create_async_engine

from contracts.envelope import Contract
from kit.db import async_url
from kit.metrics import Metrics
from kit.outbox import Cause, Raw, Relay, SqlOutbox, rows_of
from kit.tables import plumbing
from kit.testing import FixedClock
from kit.waking import Bell
from tests.faults.simulation.broker import Broker
from tests.faults.simulation.database import Desk
from tests.faults.simulation.histories.letters import BEGIN
from tests.faults.simulation.scheduler import myself
from tests.faults.simulation.stage import Play, Stage

TOPIC: Final = "room.events"
KEYS: Final = ("a", "b", "c")
METADATA = MetaData()
TABLES = plumbing(METADATA)
Said = tuple[str, bytes]


def _no_contract(_: None) -> Contract:
    raise AssertionError


class RelayHistory:
    names = ("relay-0", "relay-1", "writer-0", "writer-1", "writer-2")

    def __init__(self) -> None:
        self._broker: Broker
        self._said = 0

    async def begin(self, stage: Stage) -> None:
        engine = create_async_engine(async_url(stage.url))
        async with engine.begin() as connection:
            await connection.run_sync(METADATA.create_all)
        await engine.dispose()

    async def clean(self, stage: Stage) -> None:
        await stage.referee.execute("delete from outbox")

    def cast(self, play: Play) -> None:
        self._broker = Broker(play.dice, {TOPIC: 2})
        self._said = 0
        for number in range(play.dice.choice([1, 2, 2])):
            play.process(f"relay-{number}", self._relay)
        for number in range(play.dice.choice([1, 2, 3])):
            work = [play.dice.sample(KEYS, play.dice.choice([1, 1, 2])) for _ in range(play.dice.randint(1, 4))]
            play.errand(f"writer-{number}", partial(self._write, work))

    async def is_quiet(self, play: Play) -> bool:
        return not await play.stage.referee.fetch("select from outbox where sent_at is null limit 1")

    async def verdict(self, play: Play) -> list[str]:
        committed: dict[str, list[bytes]] = defaultdict(list)
        for said in play.scheduler.commits:
            for key, value in said:
                committed[key].append(value)
        logged: dict[str, list[bytes]] = defaultdict(list)
        for record in self._broker.records(TOPIC):
            logged[(record.key or b"").decode()].append(record.value or b"")
        held = await play.stage.referee.fetch("select key, value from outbox order by id")
        return [
            *_compared(committed, {key: list(dict.fromkeys(values)) for key, values in logged.items()}),
            *_copies(logged, most=1 + play.scheduler.faults.total()),
            *([] if len(held) == sum(map(len, committed.values())) else ["the harness missed a commit"]),
        ]

    async def _relay(self, desk: Desk) -> None:
        bell = Bell()
        open_rows = partial(rows_of, desk.database, TABLES)
        await Relay(open_rows, self._broker.producer, service="room", metrics=Metrics(), bell=bell).run()

    async def _write(self, work: list[list[str]], desk: Desk) -> None:
        actor = myself()
        while work:
            said = [(key, self._next(key)) for key in sorted(work[0])]
            actor.says = said
            async with desk.database.transaction() as session:
                outbox = SqlOutbox[None](
                    session,
                    TABLES.outbox,
                    service="room",
                    contract_of=_no_contract,
                    clock=FixedClock(BEGIN),
                    cause=Cause("c"),
                    bell=Bell(),
                )
                for key, value in said:
                    await outbox.add_raw(Raw(TOPIC, key, value))
            work.pop(0)
            await asyncio.sleep(actor.dice.choice([0, 0.1, 0.6]))

    def _next(self, key: str) -> bytes:
        self._said += 1
        return f"{key}{self._said}".encode()


def _compared(committed: dict[str, list[bytes]], logged: dict[str, list[bytes]]) -> list[str]:
    broken = []
    for key in sorted({*committed, *logged}):
        said, heard = committed.get(key, []), logged.get(key, [])
        if missing := [value for value in said if value not in heard]:
            broken.append(f"lost: {missing}")
        elif extra := [value for value in heard if value not in said]:
            broken.append(f"sent and never committed: {extra}")
        elif said != heard:
            broken.append(f"committed in the order {said}, sent in the order {heard}")
    return broken


def _copies(logged: dict[str, list[bytes]], *, most: int) -> list[str]:
    counted = Counter(value for values in logged.values() for value in values)
    return [f"{value!r} was sent {count} times with {most - 1} faults" for value, count in counted.items() if count > most]
