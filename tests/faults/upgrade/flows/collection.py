"""Collection at work: files become facts on the feed, whichever version reads them."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import cycle
from typing import Final

from contracts.topics import FEED_PARTITIONS, feed_topic
from kit.kafka import ensure_topics
from tests.faults.upgrade.said import lying_in
from tests.faults.upgrade.sides import Ground, Side
from tests.faults.upgrade.sources import Source
from tests.unit.collection.samples import EVENTS

HEADER: Final = "no,office,at,status,amount\n"
ROWS: Final = 50  # of each file
SHARES: Final = 4


@dataclass(slots=True)
class CollectionFlow:
    ground: Ground
    words = ("serve",)
    more: dict[str, str] = field(default_factory=dict)

    async def furnish(self, side: Side) -> None:
        await ensure_topics(self.ground.servers.kafka_bootstrap, [self._topic], partitions=FEED_PARTITIONS)
        await side.ask("PUT", "/mappings/cases", "office", content=EVENTS.encode(), headers={"content-type": "application/toml"})

    @property
    def _topic(self) -> str:
        return self.ground.prefix + feed_topic("cases")

    async def share(self, number: int, sides: Sequence[Side]) -> None:
        rows = "".join(f"{number}-{row},A,2026-03-02 09:30,open,{row}\n" for row in range(ROWS))
        desks = cycle(sides)
        for _ in range(2):  # the second run states the same bytes
            sent = {"mapping": "cases", "file": f"share-{number}.csv"}
            run = await next(desks).ask("POST", "/collections", "office", params=sent, content=(HEADER + rows).encode())
            assert (run["state"], run["observed"]) == ("done", ROWS)

    async def must_hold(self, side: Side, source: Source) -> None:  # noqa: ARG002 - the Protocol's
        """A fact a row in the log, and every run in the books."""
        assert len(await side.ask("GET", "/collections", "office")) == SHARES * 2
        stated = await lying_in(self.ground.servers.kafka_bootstrap, self._topic, partitions=FEED_PARTITIONS)
        assert {key: len(facts) for key, facts in stated.items()} == {f"{n}-{row}": 1 for n in range(SHARES) for row in range(ROWS)}


@asynccontextmanager
async def collection_flow(ground: Ground) -> AsyncIterator[CollectionFlow]:
    ground.day(datetime(2026, 3, 10, 1, tzinfo=UTC))
    yield CollectionFlow(ground)
