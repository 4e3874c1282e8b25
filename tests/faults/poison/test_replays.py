"""A replay is asked for in one transaction and sent outside of any: whoever dies in between loses and doubles nothing."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from functools import partial

import pytest

from kit.testing import eventually
from scoring.ledger.events import KafkaFeed
from scoring.ledger.handlers.work import Outgoing
from scoring.ledger.replaying import MOST, Replayer
from scoring.ledger.store.replays import replays
from tests.faults.budget import dice
from tests.faults.poison.kinds import event, written
from tests.integration.scoring.ledger.edges import Callers, an_edge
from tests.integration.scoring.ledger.rooms import SLUG, Room
from tests.unit.scoring.ledger.events import observed


@pytest.fixture
async def callers(room: Room) -> AsyncIterator[Callers]:
    """Of a service whose replayer the test runs itself."""
    async with an_edge(room, replaying=False) as made:
        yield made


class Killed(Exception):
    """The process is gone: nothing after this point happens."""


@dataclass(slots=True)
class Mortal(KafkaFeed):
    """Kafka, and a death after or before its acknowledgement; sees which transactions are open meanwhile."""

    room: Room
    dies: str = ""
    open_transactions: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        KafkaFeed.__init__(self, bootstrap=self.room.servers.kafka_bootstrap, prefix=self.room.prefix)

    async def send(self, messages: Sequence[Outgoing]) -> None:
        standing = (
            "select count(*) from pg_stat_activity where datname = current_database()"
            " and state like 'idle in transaction%' and application_name = 'test'"  # the service's, not the worker's
        )
        self.open_transactions.append(await self.room.pool.fetchval(standing))
        if self.dies == "before":
            raise Killed
        await KafkaFeed.send(self, messages)
        if self.dies == "after":
            raise Killed


async def a_dossier_in_quarantine(room: Room, callers: Callers) -> None:
    dossier = event(0, "replay", data={"kind": "dossier", "unit": "east", "set": {"opened_on": "2026-03-01"}})
    await room.send_raw([(b"case-1", written(dossier))])
    await room.until("quarantine", 1)
    await callers.office("PUT", "/kinds/dossier", json={"name": "卷宗", "attributes": {"opened_on": "date"}})


@pytest.mark.parametrize("dies", ["before", "after"])
async def test_a_replay_survives_a_death_on_either_side_of_the_acknowledgement(room: Room, callers: Callers, dies: str) -> None:
    async with room.worker():
        await a_dossier_in_quarantine(room, callers)
        assert (await callers.office("POST", "/feed/quarantine/replay", json={"source": SLUG})).json() == {"replayed": 1}
        feed = Mortal(room, dies)
        async with feed.connected():
            with pytest.raises(Killed):
                await Replayer(partial(replays, room.database), feed).send_some()
            assert await room.count("quarantine", "state = 'asked'") + await room.count("quarantine", "state = 'applied'") == 1
            feed.dies = ""
            await Replayer(partial(replays, room.database), feed).send_some()
        await room.until("quarantine", 1, "state = 'applied'")
        await room.until_taken()
    assert set(feed.open_transactions) == {0}
    assert await room.count("facts") == 1
    assert await room.count("quarantine") == 1


async def test_a_replay_of_many_that_are_still_unusable_does_not_pause_their_source(room: Room, callers: Callers) -> None:
    good = [observed(f"good-{n}", subject=f"good-{n}", unit="east") for n in range(900)]
    bad = [observed(f"bad-{n}", subject=f"bad-{n}", kind="dossier") for n in range(150)]
    dice("still unusable").shuffle(both := [*good, *bad])
    async with room.worker():
        await room.send(both)
        await room.until_taken()
        await callers.office("POST", "/feed/quarantine/replay", json={"source": SLUG})
        feed = Mortal(room)
        async with feed.connected():
            assert await Replayer(partial(replays, room.database), feed).send_some() == MOST
            assert await Replayer(partial(replays, room.database), feed).send_some() == len(bad) - MOST
        await room.until("quarantine", len(bad), "times = 2 and state = 'open'")
        await room.send([observed("last", unit="east")])
        await room.until("facts", len(good) + 1)
    assert (await callers.office("GET", f"/sources/{SLUG}")).json()["paused"] is None


async def test_of_several_replayers_each_message_is_sent_by_one(room: Room, callers: Callers) -> None:
    number = 40
    async with room.worker():
        await room.send_raw((b"case-1", written(event(index, "many", data={"kind": "dossier", "set": {}}))) for index in range(number))
        await room.until("quarantine", number)
    await callers.office("POST", "/feed/quarantine/replay", json={"source": SLUG})
    feeds = [Mortal(room), Mortal(room)]
    async with feeds[0].connected(), feeds[1].connected():
        running = [asyncio.create_task(Replayer(partial(replays, room.database), feed).run()) for feed in feeds]

        async def sent() -> bool:
            return await room.count("quarantine", "state = 'replayed'") == number

        await eventually(sent)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
    assert sum((await room.ends()).values()) == 2 * number
