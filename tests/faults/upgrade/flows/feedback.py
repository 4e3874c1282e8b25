"""Feedback at work: lines are crossed, notices signed, days pass and the ladder climbs, whichever version does it."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import cycle
from typing import Any, Final
from zoneinfo import ZoneInfo

from contracts import scoring
from contracts.envelope import Envelope
from contracts.topics import FEEDBACK, SCORING
from kit.ids import uuid7
from kit.kafka import producer
from kit.testing import eventually
from tests.faults.upgrade.said import lying_in, must_be_said
from tests.faults.upgrade.sides import Ground, Side
from tests.faults.upgrade.sources import Source

MONDAY: Final = date(2026, 3, 2)  # no holiday in the weeks after it
ITEMS: Final = 4  # of each share
DAYS: Final = 7  # that pass in each share
LADDER: Final = ("before_due", "due_today", "overdue_notice", "criticism", "interview")
CLIMBED: Final = (5, 4, 3, 2)  # stages of an item of each share, due five working days after it was signed, when the last share is over


@dataclass(slots=True)
class FeedbackFlow:
    ground: Ground
    words = ("serve",)
    more: dict[str, str] = field(default_factory=lambda: {"days_major": "5"})

    def morning(self, day: int) -> None:
        self.ground.day(datetime.combine(MONDAY + timedelta(days=day), time(9), ZoneInfo("Asia/Shanghai")).astimezone(UTC))

    async def furnish(self, side: Side) -> None:
        """Nothing: problems are all that it needs."""

    async def share(self, number: int, sides: Sequence[Side]) -> None:
        await self._cross(number)
        desks = cycle(sides)
        noticed = await self._until_noticed((number + 1) * ITEMS, next(desks))
        for item in noticed:
            await next(desks).ask("POST", f"/items/{item['id']}/sign", "unit", ["wanglan"])
        for day in range(DAYS):
            self.morning(number * DAYS + day + 1)
            await self._until_worked(MONDAY + timedelta(days=number * DAYS + day + 1), next(desks))

    async def _cross(self, number: int) -> None:
        said_at = datetime.combine(MONDAY, time(9), UTC)
        async with producer(self.ground.servers.kafka_bootstrap, client="upgrade") as kafka:
            for item in range(ITEMS):
                payload = crossed(f"cause {number}/{item}")
                event = Envelope.around(payload, id=uuid7(), source="scoring", time=said_at, correlationid="c-1", causationid=None)
                value = event.model_dump_json().encode()
                for _ in range(2):  # the second is a duplicate
                    await kafka.send_and_wait(self.ground.prefix + SCORING, key=f"{payload.key}/{item}".encode(), value=value)

    async def _until_noticed(self, items: int, side: Side) -> list[dict[str, Any]]:
        async def noticed() -> list[dict[str, Any]]:
            found = (await side.ask("GET", "/items?limit=200", "office"))["items"]
            return [item for item in found if item["state"] == "noticed"] if len(found) == items else []

        return await eventually(noticed, within=30)

    async def _until_worked(self, day: date, side: Side) -> None:
        async def worked() -> bool:
            return bool((await side.ask("GET", "/timers", "office"))["through"] == str(day))

        await eventually(worked, within=30)

    async def must_hold(self, side: Side, source: Source) -> None:  # noqa: ARG002 - the Protocol's
        """One item a line, numbers without a gap, each stage of each item once in the ledger and in the log."""
        items = (await side.ask("GET", "/items?limit=200", "office"))["items"]
        assert sorted(item["number"] for item in items) == list(range(1, len(CLIMBED) * ITEMS + 1))
        stories = await asyncio.gather(*(side.ask("GET", f"/items/{item['id']}", "office") for item in items))
        held = {story["item"]["id"]: sorted((line["stage"], line["skipped"]) for line in story["stages"]) for story in stories}
        by_number = sorted(items, key=lambda item: item["number"])
        expected = {item["id"]: sorted((stage, False) for stage in LADDER[: CLIMBED[n // ITEMS]]) for n, item in enumerate(by_number)}
        assert held == expected
        await must_be_said(self.ground)
        log = await lying_in(self.ground.servers.kafka_bootstrap, self.ground.prefix + FEEDBACK)
        events = [json.loads(value) for values in log.values() for value in values]
        told = Counter((event["data"]["item"], event["data"]["stage"]) for event in events if event["type"] == "feedback.stage_reached.v1")
        assert told == Counter((item, stage) for item, stages in expected.items() for stage, _ in stages)


def crossed(cause: str) -> scoring.LineCrossedV1:
    return scoring.LineCrossedV1.model_validate(
        {
            "cycle": "2026",
            "unit": "wanglan",
            "indicator": "hotline_in_time",
            "indicator_name": "12345按期办结率",
            "department": "",
            "line": "red",
            "direction": "fell",
            "cause": cause,
            "value": "0.80",
            "n": "40",
            "threshold": "0.85",
            "finding": "按期办结率0.80，低于红线0.85",
        }
    )


@asynccontextmanager
async def feedback_flow(ground: Ground) -> AsyncIterator[FeedbackFlow]:
    flow = FeedbackFlow(ground)
    flow.morning(0)
    yield flow
