"""Going on after a restore, or with a log that is not the known one: commands that every service offers in one way.

`adopt TOPIC`, at the one who hears it: take the log that is there now for the known one, from its beginning. What was handled
before is found in the inbox, and nothing is done for it again (I5).

`refill`, at the one who says it: make the own topics anew and say again what the outbox keeps. Its order per key is the old one,
since nobody sends meanwhile, and whoever adopts the topics then hears what was never handled and nothing else.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Collection, Mapping
from functools import partial
from typing import Final, TypeVar

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, NoError, TopicAlreadyExistsError, UnknownTopicOrPartitionError, for_code
from sqlalchemy import CursorResult, Table, func, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from kit.commands import Command
from kit.db import Database
from kit.errors import Refused
from kit.outbox import LOCK_SPACE
from kit.settings import ServiceSettings
from kit.tables import VIRTUAL_PARTITIONS, Plumbing

TOPIC_PATIENCE: Final = 30.0  # seconds until a deleted topic is gone
LOOK_EVERY: Final = 0.2
FAILED: Final = 1

Settings = TypeVar("Settings", bound=ServiceSettings)


async def adopt(database: Database, positions: Table, *, bootstrap: str, topic: str) -> int:
    """Go on at the beginning of the topic's present log, in a new epoch; how many partitions. Raises `Refused`."""
    begins = await beginnings(bootstrap, topic)
    adopted = 0
    async with database.transaction() as session:
        for partition, begin in sorted(begins.items()):
            here = update(positions).where(positions.c.topic == topic, positions.c.partition == partition)
            fresh = {"epoch": positions.c.epoch + 1, "next_offset": begin, "last_timestamp": None, "last_digest": None}
            found = await session.execute(here.values(fresh))
            adopted += found.rowcount if isinstance(found, CursorResult) else 0
    if not adopted:
        raise Refused(f"本服务没有读过主题“{topic}”，请核对名称", f"this service has never read {topic!r}: check the name")
    return adopted


async def beginnings(bootstrap: str, topic: str) -> Mapping[int, int]:
    """The first offset of each partition of a topic; raises `Refused` when there is no such topic."""
    probe = AIOKafkaConsumer(bootstrap_servers=bootstrap, group_id=None, enable_auto_commit=False)
    await probe.start()
    try:
        numbers = await _partitions(bootstrap, topic)
        found = await probe.beginning_offsets([TopicPartition(topic, number) for number in numbers])
    finally:
        await probe.stop()
    return {partition.partition: offset for partition, offset in found.items()}


async def refill(database: Database, outbox: Table, *, bootstrap: str, topics: Mapping[str, int], replicas: int = 1) -> int:
    """Make these topics (name: partitions) anew and have all kept rows for them sent again by the next relay; how many.

    Refused while a relay runs: what it sends meanwhile would come before what is older. The rows come first: breaking off
    leaves a topic with copies, which do no harm, and doing it again makes it whole.
    """
    async with database.engine.connect() as pooled:
        connection = await pooled.execution_options(isolation_level="AUTOCOMMIT")
        try:
            await _hold_all_shares(connection)
            unsent = await _unsend(connection, outbox, list(topics))
            for topic, partitions in sorted(topics.items()):
                await _make_anew(bootstrap, NewTopic(topic, partitions, replicas))
        finally:
            await pooled.invalidate()  # the locks of the shares end with the connection
    return unsent


async def _hold_all_shares(connection: AsyncConnection) -> None:
    """So that no relay sends; raises `Refused` when one does."""
    taking = text("select count(*) from generate_series(0, :last) share where pg_try_advisory_lock(:space, share)")
    held = (await connection.execute(taking, {"last": VIRTUAL_PARTITIONS - 1, "space": LOCK_SPACE})).scalar_one()
    if held < VIRTUAL_PARTITIONS:
        raise Refused("本服务仍在运行，请先停止后再执行 refill", "the service is running: stop it first, then refill")


async def _unsend(connection: AsyncConnection, outbox: Table, topics: Collection[str]) -> int:
    """All in one statement: a part of the rows could be sent before what is older. No relay and no service waits for it."""
    mine = outbox.c.topic.in_(topics)
    await connection.execute(text("set statement_timeout = 0"))
    await connection.execute(update(outbox).where(mine, outbox.c.sent_at.is_not(None)).values(sent_at=None))
    unsent = select(func.count()).select_from(outbox).where(mine, outbox.c.sent_at.is_(None))
    return int((await connection.execute(unsent)).scalar_one())


async def _make_anew(bootstrap: str, topic: NewTopic) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        (_, code), *_ = (await admin.delete_topics([topic.name])).topic_error_codes
        _raise(code, but=UnknownTopicOrPartitionError)
        async with asyncio.timeout(TOPIC_PATIENCE):
            code = await _created(admin, topic)
            while code == TopicAlreadyExistsError.errno:  # its old log is still being deleted
                await asyncio.sleep(LOOK_EVERY)
                code = await _created(admin, topic)
        _raise(code)
    finally:
        await admin.close()


async def _created(admin: AIOKafkaAdminClient, topic: NewTopic) -> int:
    """Kafka's error code; 0 is well."""
    (_, code, *_), *_ = (await admin.create_topics([topic])).topic_errors
    return int(code)


def _raise(code: int, *, but: type[KafkaError] = NoError) -> None:
    if code not in (NoError.errno, but.errno):
        raise for_code(code)


async def _partitions(bootstrap: str, topic: str) -> list[int]:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        (found,) = await admin.describe_topics([topic])
    finally:
        await admin.close()
    if found["error_code"]:
        raise Refused(f"没有主题“{topic}”，请核对名称", f"there is no topic {topic!r}: check the name")
    return sorted(one["partition"] for one in found["partitions"])


def restoring_commands(
    settings: type[Settings], tables: Plumbing, *, says: Mapping[str, int], hears: Collection[str] = ()
) -> dict[str, Command]:
    """`refill` of the topics (name: partitions) that this service alone says, and `adopt TOPIC` when it hears others."""
    commands = {"refill": Command(settings, partial(_refill_all, tables=tables, says=says))}
    if hears:
        commands["adopt"] = Command(settings, partial(adopt_topic, tables=tables), takes=("TOPIC",))
    return commands


async def adopt_topic(told: ServiceSettings, topic: str, *, tables: Plumbing) -> int:
    """The name with or without the deployment's prefix, as errors show it."""
    name = told.topic_prefix + topic.removeprefix(told.topic_prefix)

    async def adopted(database: Database) -> str:
        count = await adopt(database, tables.positions, bootstrap=told.kafka_bootstrap, topic=name)
        return f"{name}: {count} partitions will be read from their beginnings / 已认可新日志，将从头读取，已处理的不会重复"

    return await carried_out(told, adopted)


async def _refill_all(told: ServiceSettings, *, tables: Plumbing, says: Mapping[str, int]) -> int:
    topics = {told.topic_prefix + topic: partitions for topic, partitions in says.items()}

    async def refilled(database: Database) -> str:
        count = await refill(database, tables.outbox, bootstrap=told.kafka_bootstrap, topics=topics)
        names = ", ".join(sorted(topics))
        return f"{names}: made anew, {count} messages to send at the next start / 主题已重建，服务启动后重新发送 {count} 条"

    return await carried_out(told, refilled)


async def carried_out(told: ServiceSettings, command: Callable[[Database], Awaitable[str]]) -> int:
    """Do it, say what came of it, and give the process's status; a refusal says what to do."""
    database = Database(told.database_url.get_secret_value(), application="restoring")
    try:
        sys.stdout.write(f"{await command(database)}\n")
    except Refused as refused:
        sys.stderr.write(f"{refused.zh} / {refused.en}\n")
        return FAILED
    except (KafkaError, DBAPIError, OSError, TimeoutError) as error:
        sys.stderr.write(f"消息系统或数据库暂不可用，请稍后再次执行 / a server is out of reach, do it again: {type(error).__name__}\n")
        return FAILED
    finally:
        await database.close()
    return 0
