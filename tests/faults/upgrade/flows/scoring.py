"""Scoring at work: cases come in over HTTP, workers count them, the settle loop scores them, whichever version does it."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fractions import Fraction
from itertools import cycle
from typing import Any, Final

import asyncpg

from kit.testing import eventually
from tests.faults.upgrade.said import must_be_said
from tests.faults.upgrade.sides import Ground, Side, command
from tests.faults.upgrade.sources import Source
from tests.integration.scoring.appraisal.rooms import SLUG, SOURCE, cases
from tests.unit.scoring.appraisal.bureau import CASE, DOCUMENT, REVIEW, UNITS

JUNE: Final = datetime(2026, 6, 15, 2, tzinfo=UTC)
MONTHS: Final = ("2026-02", "2026-03", "2026-04", "2026-05")  # one a share
IN_TIME, LATE = 40, 10
BATCH: Final = 20  # facts of one request
HEADERS: Final = {"content-type": "application/cloudevents-batch+json"}


@dataclass(slots=True)
class ScoringFlow:
    ground: Ground
    words = ("serve", "worker")
    more: dict[str, str] = field(default_factory=dict)

    async def furnish(self, side: Side) -> None:
        await side.ask("PUT", "/groups/branch", "office", json={"name": "甲组"})
        await side.ask("PUT", "/groups/brigade", "office", json={"name": "乙组"})
        for unit in UNITS:
            await side.ask("PUT", f"/units/{unit.code}", "office", json={"name": unit.name, "group": unit.group})
        await side.ask("PUT", "/cycles/2026", "office", json={"name": "2026 年度", "start": "2026-01", "end": "2026-12"})
        await side.ask("PUT", f"/sources/{SLUG}", "office", json={"uri": SOURCE, "name": "案件系统"})
        for kind in (CASE, REVIEW):
            attributes = {name: of.value for name, of in kind.attributes.items()}
            await side.ask("PUT", f"/kinds/{kind.key}", "office", json={"name": kind.key, "attributes": attributes})
        await side.ask("PUT", f"/sources/{SLUG}/aliases", "office", json={"aliases": {unit.code: unit.code for unit in UNITS}})
        made = await side.ask("POST", "/schemes", "office", content=DOCUMENT.encode())
        await side.ask("POST", f"/schemes/2026/{made['version']}/activate", "office")

    def facts(self, number: int) -> Sequence[Mapping[str, Any]]:
        """Of one share, each twice."""
        return cases("east", in_time=IN_TIME, late=LATE, month=MONTHS[number]) * 2

    async def share(self, number: int, sides: Sequence[Side]) -> None:
        desks, facts = cycle(sides), self.facts(number)
        for start in range(0, len(facts), BATCH):
            content = json.dumps(facts[start : start + BATCH])
            await next(desks).ask("POST", "/feed/events", "feed", [SLUG], content=content, headers=HEADERS)
        await eventually(lambda: self._settled(number + 1, next(desks)), within=60)

    async def _settled(self, shares: int, side: Side) -> bool:
        received = (await side.ask("GET", "/feed/summary", "office"))["totals"]["received"]
        settled = await side.ask("GET", "/settlement", "office")
        return received == shares * 2 * (IN_TIME + LATE) and not settled["waiting"] and not settled["counting"]

    async def must_hold(self, side: Side, source: Source) -> None:
        """Every fact once, totals as their recount, the score as domain.md §5 computes it."""
        await command(self.ground, source, "scoring", "recount", self.more)
        connection = await asyncpg.connect(self.ground.database_url)
        try:
            assert await connection.fetchval("select count(*) from ledger.facts") == len(MONTHS) * (IN_TIME + LATE)
        finally:
            await connection.close()
        scores = (await side.ask("GET", "/scores/2026/east", "office"))["scores"]
        points = next(score["points"] for score in scores if score["indicator"] == "closed_in_time")
        exact = Fraction(IN_TIME, IN_TIME + LATE) / Fraction(95, 100) * 10
        assert abs(Fraction(points) - exact) <= Fraction(1, 200)
        await must_be_said(self.ground, outbox="appraisal.outbox")


@asynccontextmanager
async def scoring_flow(ground: Ground) -> AsyncIterator[ScoringFlow]:
    ground.day(JUNE)
    yield ScoringFlow(ground)
