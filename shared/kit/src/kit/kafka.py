"""Kafka's producers with a time limit, and topics."""

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any, Final

from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, NoError, TopicAlreadyExistsError, for_code

SEND_PATIENCE: Final = 30.0  # seconds; with a leader down an idempotent producer would wait for ever
LARGEST_MESSAGE: Final = 12 * 1024 * 1024  # feed topics admit what the platform then quarantines with its reason


@asynccontextmanager
async def producer(bootstrap: str, *, client: str) -> AsyncIterator[AIOKafkaProducer]:
    """An idempotent producer that waits for all replicas."""
    made = AIOKafkaProducer(
        bootstrap_servers=bootstrap,
        client_id=client,
        acks="all",
        enable_idempotence=True,
        linger_ms=5,
        max_request_size=LARGEST_MESSAGE,
        request_timeout_ms=15_000,
    )
    try:
        await made.start()
        yield made
    finally:  # also of one that found no broker: the relay begins anew until it does
        with suppress(TimeoutError, KafkaError):
            async with asyncio.timeout(SEND_PATIENCE):
                await made.stop()


async def ensure_topics(
    bootstrap: str, names: Collection[str], *, partitions: int, replicas: int = 1, settings: Mapping[str, str] | None = None
) -> None:
    """Make the topics that are missing; those that are there stay as they are. Raises `KafkaError` when the broker refuses one.

    With three copies a write is acknowledged by two: the loss of one machine neither loses nor stops anything.
    """
    configured = {"min.insync.replicas": str(max(1, replicas - 1)), **(settings or {})}
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        missing = sorted(set(names) - set(await admin.list_topics()))
        wanted = [NewTopic(name, partitions, replicas, topic_configs=configured) for name in missing]
        if wanted:
            _heed_refusals(await admin.create_topics(wanted))
    finally:
        await admin.close()


def _heed_refusals(answer: Any) -> None:  # noqa: ANN401 - aiokafka ships no types
    """The client gives the broker's refusals back and raises none; that somebody else was quicker is no refusal."""
    for name, code, *message in answer.topic_errors:
        if code not in {NoError.errno, TopicAlreadyExistsError.errno}:
            raise for_code(code)(f"topic {name} was not made: {' '.join(filter(None, message))}")
