"""The loop: fetch, take, commit; and what happens when that fails."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from typing import Final

import asyncpg
from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from kit.clock import Clock
from kit.logs import logger
from kit.metrics import Metrics
from kit.reader import Lost, PartitionReader, Position
from kit.reader import Message as LogMessage
from scoring.ledger.domain.alarms import Window
from scoring.ledger.domain.contributions import WorkingDays
from scoring.ledger.domain.facts import Message, claimed_id
from scoring.ledger.domain.reasons import Reason
from scoring.ledger.handlers.taking import Knowledge, Outcome, SetAside, Source, take
from scoring.ledger.store.knowledge import Outdated, Paused, load, verify
from scoring.ledger.store.sources import is_open, pause, version_of
from scoring.ledger.store.taking import PgFacts, Raced

MOST: Final = 1_000  # messages a batch
FETCH_MS: Final = 200
FEW: Final = 200
WAIT: Final = 0.04  # seconds for more after a small batch: tiny ones saturate the machine at 2,000 events/s
LOOK_EVERY: Final = 1.0  # seconds between looks at what is registered
SHOW_EVERY: Final = 2.0
TRIES: Final = 20  # of one batch against others who write the same rows
BACK_OFF: Final = 1.0

# What may fail outside of us. `InternalClientError`: asyncpg's pool takes back a connection that was cut at that moment.
OUTSIDE: Final = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError, TimeoutError, KafkaError)

Batch = dict[TopicPartition, list[LogMessage]]
REFUSALS: Final = ("22", "23", "54")  # SQLSTATE classes: a value, a constraint, a limit of an index row


class FeedWorker:
    """Takes what lies on the topics of all sources and writes it down exactly once."""

    def __init__(
        self, pool: asyncpg.Pool, reader: PartitionReader, *, clock: Clock, calendar: WorkingDays, metrics: Metrics, prefix: str
    ) -> None:
        self._pool = pool
        self._reader = reader
        self._clock = clock
        self._calendar = calendar
        self._metrics = metrics
        self._prefix = prefix
        self._knowledge: Knowledge | None = None
        self._windows: dict[str, Window] = {}
        self._in_doubt = False
        self._looked = self._shown = float("-inf")
        self._log = logger("scoring.worker")

    async def run(self) -> None:
        """Until cancelled."""
        await self._reader.start(pattern=rf"^{self._prefix.replace('.', '[.]')}feed[.][a-z0-9-]{{1,60}}$")
        try:
            while True:
                await self._turn_or_wait()
        finally:
            await self._reader.stop()

    async def check(self) -> str | None:
        """For readiness: the sources that stand still because of what they sent."""
        paused = {slug: source.paused for slug, source in self._known.sources.items() if source.paused} if self._knowledge else {}
        return "; ".join(f"{slug}: {reason}; kaohe source resume {slug}" for slug, reason in sorted(paused.items())) or None

    @property
    def _known(self) -> Knowledge:
        assert self._knowledge is not None  # noqa: S101 - each turn begins with a look
        return self._knowledge

    async def _turn_or_wait(self) -> None:
        """One turn; whatever fails outside of us is waited out, and everything begins again at the stored positions."""
        try:
            await self._turn()
        except Paused:
            await self._again("paused", LOOK_EVERY / 10)
        except OUTSIDE as error:
            self._log.warning("again", error=type(error).__name__, sqlstate=getattr(error, "sqlstate", None))
            await self._again("failure", BACK_OFF)

    async def _again(self, cause: str, pause_for: float) -> None:
        self._metrics.count("feed_retries_total", cause=cause)
        self._in_doubt = True
        await asyncio.sleep(pause_for)

    async def _turn(self) -> None:
        if not await self._look():
            await asyncio.sleep(LOOK_EVERY / 10)
            return
        if self._in_doubt:
            await self._reader.reset(list(self._reader.consumer.assignment()))
            self._in_doubt = False
        await self._hold_back()
        async with self._reader.batch(most=MOST, wait_ms=FETCH_MS) as fetched:
            batch = {partition: messages for partition, messages in fetched.items() if self._is_wanted(partition)}
            lost = await self._take(batch) if batch else []
        if lost:
            await self._reader.reset(lost)
        await self._show()
        if sum(map(len, batch.values())) < FEW:
            await asyncio.sleep(WAIT)

    async def _look(self) -> bool:
        """Read what is registered when it changed; false while totals are counted anew."""
        if self._knowledge is not None and time.monotonic() - self._looked < LOOK_EVERY:
            return True
        async with self._pool.acquire() as connection:
            if not await is_open(connection):
                return False
            if self._knowledge is None or self._knowledge.version != await version_of(connection):
                await self._learn(connection)
        self._looked = time.monotonic()
        return True

    async def _learn(self, connection: asyncpg.pool.PoolConnectionProxy) -> None:
        self._knowledge = await load(connection, self._calendar)
        for slug, source in self._knowledge.sources.items():
            self._metrics.set("feed_source_paused", 1 if source.paused else 0, source=slug)
            if source.paused:
                self._windows.pop(slug, None)  # whoever paused it, a resumed source starts with a clean window

    def _source(self, topic: str) -> Source | None:
        return self._known.sources.get(topic.removeprefix(f"{self._prefix}feed."))

    def _is_wanted(self, partition: TopicPartition) -> bool:
        source = self._source(partition.topic)
        return source is not None and source.paused is None

    async def _hold_back(self) -> None:
        """Fetch nothing of sources that are paused or not registered; go on with those that are not any more, where they stood."""
        consumer = self._reader.consumer
        unwanted = {partition for partition in consumer.assignment() if not self._is_wanted(partition)}
        held = consumer.paused()
        if unwanted - held:
            consumer.pause(*(unwanted - held))
        if held - unwanted:
            consumer.resume(*(held - unwanted))
            await self._reader.reset(held - unwanted)

    async def _take(self, batch: Batch, refusal: str | None = None) -> list[TopicPartition]:
        """Commit a batch, in smaller parts where PostgreSQL refuses a value; the partitions that turned out not to be ours."""
        began = time.monotonic()
        try:
            outcome = await self._committed(batch, refusal)
        except Lost as lost:
            self._log.warning("lost", reason=str(lost))
            self._metrics.count("feed_retries_total", cause="lost")
            return list(batch)
        except asyncpg.PostgresError as error:
            if refusal is not None or (error.sqlstate or "")[:2] not in REFUSALS:
                raise
            return await self._bisect(batch, error)
        self._metrics.observe("feed_batch_seconds", time.monotonic() - began)
        await self._told(outcome)
        return []

    async def _bisect(self, batch: Batch, error: asyncpg.PostgresError) -> list[TopicPartition]:
        if sum(map(len, batch.values())) == 1:
            return await self._take(batch, f"{error.sqlstate}: {error}".replace("\x00", "")[:500])
        lost: list[TopicPartition] = []
        for half in _halves(batch):
            lost += [] if set(lost) & set(half) else await self._take(half)
        return lost

    async def _committed(self, batch: Batch, refusal: str | None) -> Outcome:
        for _ in range(TRIES):
            try:
                return await self._transacted(batch, refusal)
            except (Raced, asyncpg.DeadlockDetectedError, asyncpg.SerializationError) as error:
                self._metrics.count("feed_retries_total", cause=type(error).__name__)
            except Outdated:
                async with self._pool.acquire() as connection:
                    await self._learn(connection)
        message = f"the same rows were written by others {TRIES} times"
        raise TimeoutError(message)

    async def _transacted(self, batch: Batch, refusal: str | None) -> Outcome:
        """One transaction (I1); positions are advanced here only after its commit."""
        moves = {partition: self._move(partition, messages) for partition, messages in batch.items()}
        sources = {partition.topic: source for partition in batch if (source := self._source(partition.topic))}
        messages = [_message(one) for partition in sorted(batch) for one in batch[partition]]
        now = self._clock.now()
        async with self._pool.acquire() as connection, connection.transaction():
            facts = PgFacts(connection)
            await verify(connection, self._known.version)
            if refusal is None:
                outcome = await take(messages, facts=facts, knowledge=self._known, sources=sources, now=now)
            else:
                outcome = _all_refused(messages, sources, refusal)
            await facts.move(moves, outcome.newest)
            epochs = {(partition.topic, partition.partition): was.epoch for partition, (was, _) in moves.items()}
            zones = {topic: source.zone for topic, source in sources.items()}
            await facts.write(outcome, epochs=epochs, zones=zones, now=now)
        for partition, (_, reached) in moves.items():
            self._reader.advance(partition, reached)
        return outcome

    def _move(self, partition: TopicPartition, messages: Sequence[LogMessage]) -> tuple[Position, Position]:
        was = self._reader.position(partition)
        return was, was.after(messages[-1])

    async def _told(self, outcome: Outcome) -> None:
        for slug, tally in outcome.tallies.items():
            for name in ("applied", "duplicates", "quarantined", "late", "withdrawn"):
                if count := getattr(tally, name):
                    self._metrics.count("feed_messages_total", count, source=slug, outcome=name)
            alarm = self._windows.setdefault(slug, Window()).add(received=tally.received, unusable=tally.quarantined - tally.replayed)
            if alarm:
                await self._pause(slug, alarm)

    async def _pause(self, slug: str, alarm: str) -> None:
        """Only this source, for all workers: they learn it from the version."""
        self._log.error("source paused", source=slug, reason=alarm)
        async with self._pool.acquire() as connection:
            await pause(connection, slug, alarm)
            await self._learn(connection)

    async def _show(self) -> None:
        if time.monotonic() - self._shown < SHOW_EVERY:
            return
        self._shown = time.monotonic()
        await self._reader.heed_stored()
        await self._reader.show_progress()
        behind: dict[str, int] = {}
        for partition, lag in (await self._reader.lag()).items():
            slug = partition.topic.removeprefix(f"{self._prefix}feed.")
            behind[slug] = behind.get(slug, 0) + lag
        for slug, lag in behind.items():
            self._metrics.set("feed_lag_messages", lag, source=slug)


def _message(one: LogMessage) -> Message:
    return Message(one.topic, one.partition, one.offset, one.timestamp, one.key, one.value, tuple((n, c or b"") for n, c in one.headers))


def _halves(batch: Mapping[TopicPartition, list[LogMessage]]) -> tuple[Batch, Batch]:
    """By partition while there are several, so that each partition keeps its order."""
    partitions = sorted(batch)
    if len(partitions) > 1:
        cut = len(partitions) // 2
        return {one: batch[one] for one in partitions[:cut]}, {one: batch[one] for one in partitions[cut:]}
    (partition,) = partitions
    messages = batch[partition]
    return {partition: messages[: len(messages) // 2]}, {partition: messages[len(messages) // 2 :]}


def _all_refused(messages: Sequence[Message], sources: Mapping[str, Source], refusal: str) -> Outcome:
    outcome = Outcome()
    for message in messages:
        slug = sources[message.topic].feed.slug
        tally = outcome.tally(slug)
        tally.received, tally.quarantined = tally.received + 1, tally.quarantined + 1
        outcome.set_aside.append(SetAside(slug, message, Reason.DATABASE_REFUSED, refusal, claimed_id(message)))
    return outcome
