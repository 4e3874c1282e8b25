import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import InvalidReplicationFactorError

from kit.kafka import ensure_topics
from kit.testing import Servers, topic_prefix


async def partitions_of(servers: Servers, topic: str) -> int:
    admin = AIOKafkaAdminClient(bootstrap_servers=servers.kafka_bootstrap)
    await admin.start()
    try:
        (found,) = await admin.describe_topics([topic])
    finally:
        await admin.close()
    return len(found["partitions"])


async def test_a_topic_that_is_there_stays_as_it_is(servers: Servers) -> None:
    topic = topic_prefix() + "kept"
    await ensure_topics(servers.kafka_bootstrap, [topic], partitions=2)
    await ensure_topics(servers.kafka_bootstrap, [topic, f"{topic}-2"], partitions=3)
    assert [await partitions_of(servers, name) for name in (topic, f"{topic}-2")] == [2, 3]


async def test_more_copies_than_there_are_brokers_are_refused_aloud(servers: Servers) -> None:
    with pytest.raises(InvalidReplicationFactorError, match="was not made"):
        await ensure_topics(servers.kafka_bootstrap, [topic_prefix() + "copied"], partitions=1, replicas=3)
