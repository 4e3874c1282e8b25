"""What an administrator does to topics, groups and databases, on purpose or not; and the commands that go on from there."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from uuid import uuid4

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic, RecordsToDelete

from kit.kafka import LARGEST_MESSAGE
from kit.testing import administer, beside, eventually


@asynccontextmanager
async def administrator(bootstrap: str) -> AsyncIterator[AIOKafkaAdminClient]:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        yield admin
    finally:
        await admin.close()


async def make_anew(bootstrap: str, topic: str, *, partitions: int) -> None:
    """Deleted and made again under the same name."""
    async with administrator(bootstrap) as admin:
        await admin.delete_topics([topic])

        async def made() -> bool:
            settings = {"max.message.bytes": str(LARGEST_MESSAGE)}
            answer = await admin.create_topics([NewTopic(topic, partitions, 1, topic_configs=settings)])
            return bool(answer.topic_errors[0][1] == 0)

        await eventually(made)


async def trim(bootstrap: str, topic: str, before: Mapping[int, int]) -> None:
    """As retention does: the records below these offsets are gone."""
    async with administrator(bootstrap) as admin:
        await admin.delete_records({TopicPartition(topic, partition): RecordsToDelete(offset) for partition, offset in before.items()})


async def reset_group(bootstrap: str, group: str, topic: str, *, partitions: int, to: int) -> None:
    """What `kafka-consumer-groups --reset-offsets` does: other committed offsets, while no member is there."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, group_id=group, enable_auto_commit=False)
    await consumer.start()
    try:
        places = [TopicPartition(topic, number) for number in range(partitions)]
        consumer.assign(places)
        await consumer.commit(dict.fromkeys(places, to))
    finally:
        await consumer.stop()


async def command(service: str, *words: str, told: Mapping[str, str]) -> tuple[int, str]:
    """`python -m SERVICE WORDS`: its status, and what it said."""
    running = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        service,
        *words,
        env={**told, "PATH": os.defpath},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await running.communicate()
    return running.returncode or 0, said.decode()


@asynccontextmanager
async def a_backup(url: str) -> AsyncIterator[str]:
    """A copy of the database as it is now; whoever is connected is cut off."""
    server, name, copy = _server(url), url.rsplit("/", 1)[1], f"test_{uuid4().hex[:16]}"
    await _alone(server, name, f'create database "{copy}" template "{name}"')
    try:
        yield beside(server, copy)
    finally:
        await administer(server, f'drop database if exists "{copy}" with (force)')


async def restore(url: str, backup: str) -> None:
    """The database is what it was at the backup."""
    server, name, copy = _server(url), url.rsplit("/", 1)[1], backup.rsplit("/", 1)[1]
    await administer(server, f'drop database "{name}" with (force)')
    await _alone(server, copy, f'create database "{name}" template "{copy}"')


async def _alone(server: str, name: str, statement: str) -> None:
    """While nobody can be connected: PostgreSQL copies no database that is in use. Pools connect again afterwards by themselves."""
    await administer(server, f'alter database "{name}" with allow_connections false')
    await administer(server, f"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}'")  # noqa: S608 - a test's own name
    await administer(server, statement)
    await administer(server, f'alter database "{name}" with allow_connections true')


def _server(url: str) -> str:
    return beside(url, "postgres")
