"""What the ledger must hold after a load whose good events and poison are known."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from contracts.topics import FEED_PARTITIONS
from kit.kafka import LARGEST_MESSAGE
from kit.workdays import shipped
from scoring.ledger.domain.facts import event_of, parse
from scoring.ledger.domain.records import fold
from scoring.ledger.store.proof import PgRecounts
from tests.faults.poison.kinds import Headers, Poison
from tests.integration.scoring.ledger.rooms import Room

Lain = tuple[bytes | None, bytes | None, Headers]


async def must_hold_exactly(room: Room, events: Sequence[Mapping[str, Any]]) -> None:
    """Each of these events once, each record what its facts come to, each total what its records come to."""
    assert await room.count("facts") == len({event["id"] for event in events})
    proof = await PgRecounts(room.url, shipped()).prove()
    assert (proof.wrong_records, proof.wrong_totals) == ([], [])
    folded = fold(event_of(parse(json.dumps(event).encode())) for event in events).records
    held = await room.pool.fetch("select subject, unit_code, withdrawn from ledger.records")
    expected = {(subject, record.unit_code, record.is_withdrawn) for (_, subject), record in folded.items()}
    assert {(row["subject"], row["unit_code"], row["withdrawn"]) for row in held} == expected


async def must_be_set_aside(room: Room, poisons: Iterable[Poison]) -> None:
    """Each with its reason and bytes, and where it says that it lay on the log it does lie."""
    rows = await room.pool.fetch('select topic, partition, "offset", reason, key, value, headers::text from ledger.quarantine')
    expected = Counter((one.reason, one.key, one.value, one.headers) for one in poisons)
    held = Counter((row["reason"], row["key"], row["value"], _headers(row["headers"])) for row in rows)
    assert [one[0] for one in (expected - held)] == []
    assert [one[0] for one in (held - expected)] == []
    log = await lain(room)
    for row in rows:
        assert row["topic"] == room.topic
        assert log[row["partition"], row["offset"]] == (row["key"], row["value"], _headers(row["headers"]))


async def lain(room: Room) -> dict[tuple[int, int], Lain]:
    """The source's topic as it is, by partition and offset."""
    ends = await room.ends()
    probe = AIOKafkaConsumer(
        bootstrap_servers=room.servers.kafka_bootstrap, auto_offset_reset="earliest", max_partition_fetch_bytes=LARGEST_MESSAGE
    )
    await probe.start()
    found: dict[tuple[int, int], Lain] = {}
    try:
        probe.assign([TopicPartition(room.topic, number) for number in range(FEED_PARTITIONS)])
        while len(found) < sum(ends.values()):
            for messages in (await probe.getmany(timeout_ms=1_000)).values():
                found |= {(one.partition, one.offset): (one.key, one.value, tuple(one.headers)) for one in messages}
    finally:
        await probe.stop()
    return found


def _headers(text: str) -> Headers:
    return tuple((name, bytes.fromhex(content)) for name, content in json.loads(text))
