"""The hot path (I1, I2, I3, I7): whatever the workers suffer, each fact counts once and the totals are what the facts come to."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from fractions import Fraction
from functools import partial
from typing import Any, Final

from kit.metrics import Metrics
from kit.reader import PartitionReader
from kit.testing import FixedClock
from kit.workdays import shipped
from scoring.ledger.domain.values import Kind
from scoring.ledger.handlers.refusals import CountingUnderWay
from scoring.ledger.handlers.registering import KindEntry, SourceEntry
from scoring.ledger.store.backfilling import Backfiller, Stride
from scoring.ledger.store.catalogue import SqlCatalogue
from scoring.ledger.store.scheme_counting import count_scheme
from scoring.ledger.store.sources import PgPositions
from scoring.ledger.worker.besides import backfill_for_ever, compare_for_ever, count_for_ever, refold_for_ever
from scoring.ledger.worker.feed import FeedWorker
from scoring.ledger.worker.metrics import METRICS
from tests.faults.simulation import models
from tests.faults.simulation.broker import Broker
from tests.faults.simulation.database import Desk
from tests.faults.simulation.histories.letters import TOPIC, Letters
from tests.faults.simulation.scheduler import myself
from tests.faults.simulation.stage import Play, Stage, same

NOW: Final = datetime(2026, 6, 15, 4, tzinfo=UTC)
PARTITIONS: Final = 3
ALIASES: Final = {"east": "u-east", "west": "u-west"}
MEASURES: Final[Mapping[str, Any]] = {
    "closed": {"kind": "case", "at": "closed_on"},
    "amount": {"kind": "case", "at": "closed_on", "where": [["status", "=", "closed"]], "take": {"sum": "amount"}},
}
ATTRIBUTES: Final = {"status": "text", "amount": "number", "closed_on": "date"}
KEPT: Final[Mapping[str, Any]] = {**ATTRIBUTES, "status": {"type": "text", "history": True}}
STRIDE: Final = 2  # records that a count or a backfill passes at once: so that most histories have something on both sides
CYCLE: Final = {"cycle_start": models.FIRST, "cycle_end": models.LAST, "zone": "Asia/Shanghai"}
CLEAN: Final = """
delete from ledger.positions; delete from ledger.facts; delete from ledger.fact_ids; delete from ledger.records;
delete from ledger.totals; delete from ledger.dirty; delete from ledger.quarantine; delete from ledger.counters;
delete from ledger.undeclared; delete from ledger.batches; delete from ledger.aliases; delete from ledger.kinds where key <> 'case';
delete from ledger.measures where scheme <> 'first'; delete from ledger.countings;
delete from ledger.backfills; delete from ledger.holders; delete from ledger.refolds;
update ledger.kinds set attributes = jsonb_set(attributes, '{status}', '"text"') where key = 'case';
insert into ledger.aliases (source, code, unit) values ('case-system', 'east', 'u-east'), ('case-system', 'west', 'u-west');
update ledger.sources set paused = null; update ledger.control set paused = null, version = version + 1
"""


AT_REST: Final = """
select partition, next_offset from ledger.positions
union all select -1, count(*) from ledger.countings where finished_at is null
union all select -1, count(*) from ledger.backfills where finished_at is null
union all select -1, count(*) from ledger.refolds
union all select -1, count(*) from ledger.batches where state = 'waiting'
"""
ARE_KEPT: Final = "select from ledger.kinds where key = 'case' and jsonb_typeof(attributes->'status') = 'object'"
HISTORIES: Final = """
select subject, pair->>2 as id, pair->>0 as status from ledger.records, jsonb_array_elements(state->'histories'->'status') as pair
"""
TOTALS: Final = """
select scheme, key, unit, month, n, total from ledger.totals join ledger.measures on number = measure where n <> 0 or total <> 0
"""


KEYS: Final = {"ledger.fact_ids": 2, "ledger.records": 2, "ledger.totals": 3}  # columns of the key of rows that two workers may write


class FeedHistory:
    names = ("worker-0", "worker-1", "worker-2", "source", "office")

    def __init__(self) -> None:
        self._broker: Broker
        self._letters: Letters
        self._aliases: dict[str, str] = {}
        self._wanted: dict[str, str] = {}

    async def begin(self, stage: Stage) -> None:
        desk = stage.desk("office")
        async with desk.database.transaction() as session:
            catalogue = SqlCatalogue(session)
            await catalogue.put_source(SourceEntry(slug="case-system", uri="urn:source:case-system", name="案件系统"))
            await catalogue.put_kind(KindEntry(kind=Kind.of("case", ATTRIBUTES), name="案件"))
            await catalogue.put_aliases("case-system", ALIASES)
        await count_scheme(desk.database, shipped(), scheme="first", documents=MEASURES, **CYCLE)

    async def clean(self, stage: Stage) -> None:
        await stage.referee.execute(CLEAN)

    def cast(self, play: Play) -> None:
        self._broker = Broker(play.dice, {TOPIC: PARTITIONS})
        self._letters = Letters.drawn(play.dice)
        self._aliases = dict(ALIASES)
        self._wanted = ALIASES | play.dice.choice([{"north": "u-north"}, {"east": "u-west"}, {"east": "u-west", "west": "u-east"}])
        for number in range(play.dice.choice([1, 2, 2, 3])):
            play.process(f"worker-{number}", self._worker)
        play.errand("source", partial(self._send, play))
        if play.dice.random() < 0.5:
            play.errand("office", self._register)
        play.scheduler.mischief.append(self._broker.evict)
        play.scheduler.watch = _unsorted

    async def is_quiet(self, play: Play) -> bool:
        rows = await play.stage.referee.fetch(AT_REST)
        held = {row["partition"]: row["next_offset"] for row in rows if row["partition"] >= 0}
        idle = not any(row["next_offset"] for row in rows if row["partition"] < 0)
        return idle and all(held.get(partition.partition, 0) == end for partition, end in self._broker.ends().items())

    async def _worker(self, desk: Desk) -> None:
        pool, metrics, clock = await desk.pool(), Metrics(METRICS), FixedClock(NOW)
        reader = PartitionReader(bootstrap="", group="worker", positions=PgPositions(pool), client=self._broker.client)
        worker = FeedWorker(pool, reader, clock=clock, calendar=shipped(), metrics=metrics, prefix="")
        actor = myself()
        actor.spawn(count_for_ever(pool, shipped(), chunk=STRIDE))
        actor.spawn(backfill_for_ever(pool, Backfiller(shipped(), Stride(records=STRIDE, most=STRIDE)), metrics=metrics))
        actor.spawn(refold_for_ever(pool, shipped(), clock))
        actor.spawn(compare_for_ever(pool, reader, clock=clock, metrics=metrics))
        await worker.run()

    async def _send(self, play: Play, _desk: Desk) -> None:
        actor, waiting = myself(), list(self._letters.posted)
        while waiting:
            await play.scheduler.turn(actor, "post", ())
            some = actor.dice.randint(1, 6)
            for letter in waiting[:some]:
                self._broker.append(TOPIC, key=letter.key, value=letter.value, partition=letter.partition)
            waiting = waiting[some:]
            await asyncio.sleep(actor.dice.choice([0, 0.05, 0.5]))

    async def _register(self, desk: Desk) -> None:
        """Aliases, a kind, schemes in the middle of the feed, sometimes in the opposite order; each again until it is done."""
        actor = myself()
        for aliases in actor.dice.choice(
            [(self._aliases,), (self._wanted,), (self._wanted, ALIASES), (self._wanted, ALIASES, self._wanted)]
        ):
            await asyncio.sleep(actor.dice.choice([0, 0.1, 0.5]))
            await self._rename(desk, aliases)
        async with desk.database.transaction() as session:
            await SqlCatalogue(session).put_kind(KindEntry(kind=Kind.of("review", {"status": "text"}), name="复查"))
        if actor.dice.random() < 0.5:
            async with desk.database.transaction() as session:
                await SqlCatalogue(session).put_kind(KindEntry(kind=Kind.of("case", KEPT), name="案件"))
        for scheme in actor.dice.choice([(), ("second",), ("second",), ("second", "third")]):
            await self._ask_count(desk, scheme)
            await asyncio.sleep(actor.dice.choice([0, 0.1]))

    async def _rename(self, desk: Desk, aliases: Mapping[str, str]) -> None:
        while self._aliases != aliases:
            try:
                async with desk.database.transaction() as session:
                    await SqlCatalogue(session).put_aliases("case-system", aliases)
                self._aliases = dict(aliases)
            except CountingUnderWay:
                await asyncio.sleep(0.5)

    async def _ask_count(self, desk: Desk, scheme: str) -> None:
        while True:
            try:
                async with desk.database.transaction() as session:
                    return await SqlCatalogue(session).ask_count(scheme, MEASURES, **CYCLE)
            except CountingUnderWay:
                await asyncio.sleep(0.5)

    async def verdict(self, play: Play) -> list[str]:
        referee, posted = play.stage.referee, self._letters
        taken = {row["id"]: row["copies"] for row in await referee.fetch("select id, copies from ledger.fact_ids")}
        facts = sorted(row["id"] for row in await referee.fetch("select id from ledger.facts"))
        aside = {row["event"] for row in await referee.fetch("select event from ledger.quarantine where closed_at is null")}
        wanted = sorted(event["id"] for event in posted.events if event["id"] not in aside)
        counts = await referee.fetch("select received, applied, duplicates, quarantined from ledger.counters")
        return [
            *same("facts", facts, sorted(set(wanted) - posted.controls)),
            *same("ids", sorted(taken), wanted),
            *same("set aside", sorted(aside - posted.strange), []),
            *same("copies", {id_: posted.copies[id_] - 1 for id_ in taken}, taken),
            *same("counted", [tuple(row) for row in counts], posted.counted(aside)),
            *await self._totals(play, [event for event in posted.facts if event["id"] not in aside]),
            *await self._histories(play, [event for event in posted.facts if event["id"] not in aside]),
            *await self._closings(play, aside),
        ]

    async def _histories(self, play: Play, events: list[dict[str, Any]]) -> list[str]:
        """Where they are kept: every status with its fact's id, as the facts say."""
        if not await play.stage.referee.fetch(ARE_KEPT):
            return []
        rows = await play.stage.referee.fetch(HISTORIES)
        told = [event for event in events if "status" in event["data"].get("set", {}) and event["data"]["kind"] == "case"]
        wanted = sorted((event["subject"], event["id"], event["data"]["set"]["status"]) for event in told)
        return same("histories", sorted(tuple(row) for row in rows), wanted)

    async def _totals(self, play: Play, events: list[dict[str, Any]]) -> list[str]:
        rows = await play.stage.referee.fetch(TOTALS)
        schemes = await play.stage.referee.fetch("select distinct scheme from ledger.measures")
        found = models.cases(event for event in events if event["data"].get("kind") != "review")
        wanted = models.totals(found.values(), self._aliases)
        broken = []
        for scheme in sorted(row["scheme"] for row in schemes):
            held = {(row["key"], row["unit"], row["month"]): (row["n"], Fraction(row["total"])) for row in rows if row["scheme"] == scheme}
            broken += same(f"totals of {scheme}", held, wanted)
        return broken

    async def _closings(self, play: Play, aside: set[str]) -> list[str]:
        rows = await play.stage.referee.fetch("select id, state from ledger.batches order by id")
        wanted = {id_: "equal" if self._letters.is_right(id_, aside) else "different" for id_ in self._letters.controls}
        return same("closings", {row["id"]: row["state"] for row in rows}, wanted)


def _unsorted(query: str, values: Sequence[Any]) -> str | None:
    """Statements run one after the other here, so that two of them can't meet halfway: that rows come sorted is asked of each."""
    table = query.removeprefix("insert into ").split(" ", 1)[0]
    width = KEYS.get(table)
    if width is None or not query.startswith("insert"):
        return None
    rows = list(zip(*values[:width], strict=True))
    return None if rows == sorted(rows) else f"rows of {table} are written in the order {rows}"
