"""The same histories on PostgreSQL with real concurrency: three schedulers, people and a clock that jumps, on many connections."""

import asyncio
import pickle
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from random import Random
from typing import Final

import pytest
from sqlalchemy import bindparam, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from contracts.envelope import Envelope
from contracts.feedback import StageReachedV1
from feedback.domain import facts
from feedback.domain.rectification import Rectification
from feedback.domain.words import PLATFORM, Person
from feedback.handlers import Outbox, Work
from feedback.store.items import SqlWaiting, to_rectification
from feedback.store.tables import rectification
from feedback.timers import Timers
from kit import migrations
from kit.clock import today
from kit.testing import FixedClock, Servers, fresh_database
from notification.domain.occasions import TOLD
from notification.handlers import hearing
from notification.handlers.hearing import STAGES
from tests.faults.budget import SEED, dice, either
from tests.faults.time.histories import HOLIDAY, SCHEDULERS, ZONE, person, time_passes
from tests.faults.time.model import Book
from tests.integration.feedback.rooms import Room, a_room
from tests.integration.notification.rooms import MIGRATIONS
from tests.integration.notification.rooms import Room as PostRoom
from tests.integration.notification.rooms import a_room as a_post_room

HISTORIES: Final = either(short=3, long=300)
ROUNDS: Final = 25
PEOPLE: Final = 3
DEATH: Final = 0.15  # the chance that a scheduler is cut off somewhere in a round
MOST_TICKS: Final = 50
WITNESS: Final = "create table witness (id bigint generated always as identity, fact bytea not null)"


@dataclass(frozen=True, slots=True)
class Witnessed:
    """Writes each fact down in the transaction that says it: what is committed is seen, in the order of each item's commits."""

    outbox: Outbox
    session: AsyncSession

    async def add(self, fact: facts.Fact) -> None:
        await self.outbox.add(fact)
        await self.session.execute(text("insert into witness (fact) values (:fact)"), {"fact": pickle.dumps(fact)})


@dataclass(slots=True)
class RealBureau:
    room: Room
    dice: Random
    did: Counter[str]
    book: Book = field(default_factory=Book)
    known: Sequence[Rectification] = ()
    taken: int = 0

    @property
    def clock(self) -> FixedClock:
        return self.room.clock

    def items(self) -> Sequence[Rectification]:
        return self.known

    @asynccontextmanager
    async def opened(self, who: Person = PLATFORM) -> AsyncIterator[tuple[Work, SqlWaiting]]:
        workshop = self.room.service.workshop
        async with workshop.messaging.transaction() as (session, cause):
            work = workshop.open_work(session, cause, who=who)
            yield replace(work, outbox=Witnessed(work.outbox, session)), SqlWaiting(session)

    def timers(self) -> Timers:
        shop = self.room.service.workshop
        return Timers(self.opened, self.room.service.metrics, today=shop.today, changed=shop.changed)

    async def check(self) -> None:
        """The model takes what was committed; the table of stages holds just what was told and skipped."""
        async with self.room.service.database.transaction() as session:
            witnessed = text("select id, fact from witness where id > :taken order by id").bindparams(bindparam("taken", self.taken))
            for row in await session.execute(witnessed):
                fact = pickle.loads(row.fact)  # noqa: S301 - written by this test itself
                self.book.take(fact)
                self.did[type(fact).__name__] += 1
                self.taken = row.id
            stages = await session.execute(text("select item, due_on, stage, skipped from stage"))
            assert {(row.item, row.due_on, row.stage): row.skipped for row in stages} == self.book.ledger()
            self.known = [to_rectification(row) for row in await session.execute(select(rectification).order_by(rectification.c.id))]

    async def settle(self) -> None:
        timers = self.timers()
        for _ in range(MOST_TICKS):
            if not await timers.tick():
                break
        else:
            raise AssertionError("the schedulers find the same work again and again")
        await self.check()
        self.book.must_be_complete(today(self.clock, ZONE))
        self.did["days settled"] += 1


async def somebody(bureau: RealBureau) -> None:
    with suppress(DBAPIError):  # an answer of 500: nothing was done
        await person(bureau)


async def scheduler(bureau: RealBureau) -> None:
    """Two ticks, cut off somewhere in the middle now and then."""
    cut = bureau.dice.randrange(40) if bureau.dice.random() < DEATH else None
    ticking = asyncio.ensure_future(two_ticks(bureau))
    if cut is not None:
        for _ in range(cut):
            await asyncio.sleep(0)
        ticking.cancel()
        bureau.did["deaths"] += 1
    await asyncio.gather(ticking, return_exceptions=True)
    error = None if ticking.cancelled() else ticking.exception()
    if error is not None and not isinstance(error, DBAPIError):
        raise error


async def two_ticks(bureau: RealBureau) -> None:
    timers = bureau.timers()
    for _ in range(2):
        await timers.tick()


async def a_turn() -> None:
    await asyncio.sleep(0)


async def history(bureau: RealBureau) -> None:
    for _ in range(ROUNDS):
        is_down = HOLIDAY[0] <= today(bureau.clock, ZONE) <= HOLIDAY[1]
        people = [somebody(bureau) for _ in range(bureau.dice.randrange(PEOPLE + 1))]
        timers = [scheduler(bureau) for _ in range(0 if is_down else SCHEDULERS)]
        await asyncio.gather(time_passes(bureau, a_turn), *people, *timers)
        await bureau.check()
        bureau.did["rounds of downtime"] += is_down
        if not is_down and bureau.dice.random() < 0.4:
            await bureau.settle()
    await bureau.settle()


async def must_be_heard_once(post: PostRoom, said: Sequence[StageReachedV1], shuffled: Random) -> None:
    """Two consumers hear everything, each twice and in its own order; each receiver of each stage has one message."""

    async def hear(events: Sequence[StageReachedV1]) -> None:
        for event in events:
            async with post.service.workshop.transactions() as (work, _):
                await hearing.on_stage_reached(event, work)

    await asyncio.gather(*(hear(shuffled.sample([*said, *said], 2 * len(said))) for _ in range(2)))
    async with post.service.database.transaction() as session:
        rows = await session.execute(text("select item, due_on, stage, receiver from message where item is not null"))
        items = {event.item for event in said}
        told = Counter((row.item, row.due_on, row.stage, row.receiver) for row in rows if row.item in items)
    receivers = [(event, TOLD[STAGES[event.stage]]) for event in said]
    assert told == Counter((event.item, event.due_on, event.stage, duty) for event, row in receivers for duty in (*row.to, *row.copy))


@pytest.fixture
async def post(servers: Servers) -> AsyncIterator[PostRoom]:
    """Notification with one person a duty."""
    async with fresh_database(servers.postgres_url) as url:
        await asyncio.to_thread(migrations.upgrade, MIGRATIONS, url)
        async with a_post_room(servers, url.rpartition("/")[2]) as made:
            yield made


@asynccontextmanager
async def a_bureau(servers: Servers, chance: Random, did: Counter[str]) -> AsyncIterator[RealBureau]:
    async with a_room(servers) as room:
        async with room.service.database.transaction() as session:
            await session.execute(text(WITNESS))
        room.clock.instant = datetime(2026, 9, chance.randrange(15, 29), 9, tzinfo=ZONE)
        yield RealBureau(room, chance, did)


async def stages_said(room: Room) -> list[StageReachedV1]:
    rows = await room.rows("select value from outbox order by id")
    events = [Envelope.model_validate_json(row[0]) for row in rows]
    return [StageReachedV1.model_validate(event.data) for event in events if event.type == StageReachedV1.TYPE]


@pytest.mark.timeout(either(short=900, long=7200))
async def test_on_postgresql_each_stage_is_told_once_or_recorded_as_skipped_and_each_receiver_hears_it_once(
    servers: Servers, post: PostRoom
) -> None:
    did: Counter[str] = Counter()
    for index in range(HISTORIES):
        chance = dice(f"time on postgresql/{index}")
        async with a_bureau(servers, chance, did) as bureau:
            try:
                await history(bureau)
            except AssertionError as error:
                error.add_note(f"history {index} of seed {SEED}")
                raise
            said = await stages_said(bureau.room)
        await must_be_heard_once(post, said, chance)
    print(f"{HISTORIES} histories: {dict(sorted(did.items()))}")
    assert [event for event in ("StageReached", "NoticeSigned", "deaths", "refusals", "days settled") if not did[event]] == []
