"""Saying the facts: cases by Kafka, calls by HTTP, each said again until it was acknowledged."""

import asyncio
import json
import random
from collections.abc import Sequence
from typing import Final

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from contracts.topics import feed_topic
from demo.callers import Refusal
from kit.kafka import producer
from tests.faults.processes.bureau import Bureau
from tests.faults.processes.facts import Fact
from tests.faults.processes.world import CALLS, CASES, feed_of

CASES_AT_ONCE: Final = 25
CALLS_AT_ONCE: Final = 8
TWICE: Final = 0.05  # of the facts are said twice
PACE: Final = 0.25  # seconds between two shares
AGAIN_AFTER: Final = 0.5
ACKNOWLEDGED_WITHIN: Final = 10.0
BATCH: Final = "application/cloudevents-batch+json"
STRUCTURED: Final = [("content-type", b"application/cloudevents+json")]


async def feed_cases(bureau: Bureau, dice: random.Random, stop: asyncio.Event) -> None:
    """By a producer of its own, a new one after each failure: what is then said again is a duplicate, what is lost is lost."""
    waiting: list[Fact] = []
    while waiting or not stop.is_set():
        try:
            async with producer(bureau.logs.bootstrap, client="case-system") as kafka:
                while waiting or not stop.is_set():
                    waiting = waiting or _with_copies(bureau.systems.cases(CASES_AT_ONCE, bureau.today), dice)
                    await _acknowledged(kafka, waiting)
                    waiting = []
                    await asyncio.sleep(PACE)
        except (KafkaError, OSError, TimeoutError):
            await asyncio.sleep(AGAIN_AFTER)


async def feed_calls(bureau: Bureau, dice: random.Random, stop: asyncio.Event) -> None:
    while not stop.is_set():
        await say_by_http(bureau, _with_copies(bureau.systems.calls(CALLS_AT_ONCE, bureau.today), dice))
        await asyncio.sleep(PACE)


def _with_copies(facts: Sequence[Fact], dice: random.Random) -> list[Fact]:
    said = [again for fact in facts for again in [fact] * (1 + (dice.random() < TWICE))]
    dice.shuffle(said)
    return said


async def _acknowledged(kafka: AIOKafkaProducer, facts: Sequence[Fact]) -> None:
    topic = feed_topic(CASES.slug)
    async with asyncio.timeout(ACKNOWLEDGED_WITHIN):
        sending = [
            await kafka.send(topic, json.dumps(fact.event()).encode(), key=fact.subject.encode(), headers=STRUCTURED) for fact in facts
        ]
        await asyncio.gather(*sending)


async def say_by_http(bureau: Bureau, facts: Sequence[Fact]) -> None:
    batch = json.dumps([fact.event() for fact in facts])
    while True:
        try:
            await bureau.callers.call(
                feed_of(CALLS), "POST", f"{bureau.url('scoring')}/feed/events", content=batch, headers={"content-type": BATCH}
            )
        except (TimeoutError, Refusal):
            await asyncio.sleep(AGAIN_AFTER)
        else:
            return
