"""Inbox and consumer (I1, I5): each event is handled once with all that it says, however often it comes and whoever dies."""

from collections import Counter
from functools import partial
from random import Random
from typing import ClassVar, Final
from uuid import UUID

from sqlalchemy import Column, Integer, MetaData, Table, Text, insert
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

from contracts.envelope import Contract, Envelope
from kit.db import async_url
from kit.inbox import Consumer
from kit.metrics import Metrics
from kit.outbox import Cause, Raw, SqlOutbox
from kit.tables import plumbing
from kit.testing import FixedClock
from kit.waking import Bell
from tests.faults.simulation.broker import Broker
from tests.faults.simulation.database import Desk
from tests.faults.simulation.histories.letters import BEGIN
from tests.faults.simulation.scheduler import myself
from tests.faults.simulation.stage import Play, Stage, same

TOPIC: Final = "room.events"
PARTITIONS: Final = 3
METADATA = MetaData()
TABLES = plumbing(METADATA)
HEARD = Table("heard", METADATA, Column("room", Text), Column("number", Integer))
CLEAN: Final = "delete from outbox; delete from inbox; delete from positions; delete from heard"


class CountedV1(Contract):
    TYPE: ClassVar = "room.counted.v1"
    TOPIC: ClassVar = TOPIC
    KEY: ClassVar = "room"

    room: str
    number: int


class Room:
    """The work of one transaction: a line of its own, and a word about it."""

    def __init__(self, session: AsyncSession, outbox: SqlOutbox[CountedV1]) -> None:
        self._session = session
        self._outbox = outbox

    async def hear(self, said: CountedV1) -> None:
        await self._session.execute(insert(HEARD).values(room=said.room, number=said.number))
        await self._outbox.add_raw(Raw("room.heard", said.room, str(said.number).encode()))


async def on_counted(said: CountedV1, room: Room) -> None:
    await room.hear(said)


class InboxHistory:
    names = ("consumer-0", "consumer-1", "consumer-2", "speaker")

    def __init__(self) -> None:
        self._broker: Broker
        self._numbers: list[int] = []

    async def begin(self, stage: Stage) -> None:
        engine = create_async_engine(async_url(stage.url))
        async with engine.begin() as connection:
            await connection.run_sync(METADATA.create_all)
        await engine.dispose()

    async def clean(self, stage: Stage) -> None:
        await stage.referee.execute(CLEAN)

    def cast(self, play: Play) -> None:
        self._broker = Broker(play.dice, {TOPIC: PARTITIONS})
        self._numbers = list(range(play.dice.randint(3, 12)))
        for number in range(play.dice.choice([1, 2, 2, 3])):
            play.process(f"consumer-{number}", self._consume)
        play.errand("speaker", partial(self._speak, play, _copies(self._numbers, play.dice)))
        play.scheduler.mischief.append(self._broker.evict)

    async def is_quiet(self, play: Play) -> bool:
        rows = await play.stage.referee.fetch("select partition, next_offset from positions")
        held = {row["partition"]: row["next_offset"] for row in rows}
        return all(held.get(partition.partition, 0) == end for partition, end in self._broker.ends().items())

    async def verdict(self, play: Play) -> list[str]:
        heard = await play.stage.referee.fetch("select number from heard")
        said = await play.stage.referee.fetch("select value from outbox")
        once = Counter(self._numbers)
        return [
            *same("handled", Counter(row["number"] for row in heard), once),
            *same("said", Counter(int(row["value"]) for row in said), once),
        ]

    async def _consume(self, desk: Desk) -> None:
        def outbox(session: AsyncSession, cause: Cause) -> SqlOutbox[CountedV1]:
            return SqlOutbox(
                session, TABLES.outbox, service="room", contract_of=lambda said: said, clock=FixedClock(BEGIN), cause=cause, bell=Bell()
            )

        await Consumer[Room](
            desk.database,
            TABLES,
            subscriptions={CountedV1: on_counted},
            outbox=outbox,
            open_work=lambda session, cause: Room(session, outbox(session, cause)),
            bootstrap="",
            service="room",
            prefix="",
            metrics=Metrics(),
            client=self._broker.client,
        ).run()

    async def _speak(self, play: Play, numbers: list[int], _desk: Desk) -> None:
        """What was sent twice lies in the log twice, also in two partitions."""
        actor = myself()
        while numbers:
            await play.scheduler.turn(actor, "say", ())
            number = numbers.pop(0)
            partition = actor.dice.randrange(PARTITIONS) if actor.dice.random() < 0.3 else None
            self._broker.append(TOPIC, key=b"r%d" % (number % 3), value=_envelope(number), partition=partition)


def _copies(numbers: list[int], dice: Random) -> list[int]:
    return [again for number in numbers for again in [number] * dice.choice([1, 1, 2])]


def _envelope(number: int) -> bytes:
    said = CountedV1(room=f"r{number % 3}", number=number)
    envelope = Envelope.around(said, id=UUID(int=number), source="room", time=BEGIN, correlationid="c", causationid=None)
    return envelope.model_dump_json().encode()
