import asyncio
from contextlib import suppress

from aiokafka import AIOKafkaConsumer

from contracts.envelope import Envelope
from contracts.evidence import AcceptedV1
from contracts.topics import EVIDENCE
from kit.kafka import ensure_topics
from tests.integration.evidence.rooms import PDF, Room, sha256


async def test_acceptance_is_heard_on_the_topic_under_the_evidences_own_key(room: Room) -> None:
    topic = room.settings.topic_prefix + EVIDENCE
    await ensure_topics(room.settings.kafka_bootstrap, [topic], partitions=1)
    ticket = await room.accepted()
    relaying = asyncio.ensure_future(room.service.siblings()["relay"]())
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=room.settings.kafka_bootstrap, auto_offset_reset="earliest")
    await consumer.start()
    try:
        message = await asyncio.wait_for(consumer.getone(), 60)
    finally:
        await consumer.stop()
        relaying.cancel()
        with suppress(asyncio.CancelledError):
            await relaying
    envelope = Envelope.model_validate_json(message.value)
    said = AcceptedV1.model_validate(envelope.data)
    assert (message.key.decode(), envelope.type) == (ticket["evidence"], AcceptedV1.TYPE)
    assert (said.unit, said.sha256, said.uploader, said.subjects[0].id) == ("wanglan", sha256(PDF), "contact-wanglan", "item-1")
    assert envelope.time == room.clock.now()
