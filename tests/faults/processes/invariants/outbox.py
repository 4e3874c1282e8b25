"""Every row of every outbox is in Kafka's log, in the order of ids per key, and nothing else is there (I6)."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from contracts.topics import DEAD_LETTERS, INTERNAL
from tests.faults.processes.bureau import Bureau
from tests.faults.processes.quiet import OUTBOXES
from tests.faults.processes.words import some

Line = tuple[str, str]
"""A topic and a key: what keeps its order."""


async def holds(bureau: Bureau) -> list[str]:
    written: dict[Line, list[bytes]] = defaultdict(list)
    for service, table in OUTBOXES.items():
        async with bureau.database(service) as database:
            for row in await database.fetch(f"select topic, key, value from {table} order by id"):  # noqa: S608 - own words
                written[row["topic"], row["key"]].append(row["value"])
    heard = _heard(bureau, {topic for topic, _ in written} | {*INTERNAL})
    return [
        *some("rows that are not in the log", _missing(written, heard)),
        *some("messages in the log that no transaction wrote", _missing(heard, written)),
        *some("keys whose messages are out of order", [line for line, values in written.items() if heard.get(line) != values]),
        *some("dead letters", bureau.logs.said[DEAD_LETTERS]),
    ]


def _heard(bureau: Bureau, topics: Iterable[str]) -> dict[Line, list[bytes]]:
    """Each message once, at its first place: after a crash the relay may send a row again."""
    found: dict[Line, dict[bytes, None]] = defaultdict(dict)
    for topic in topics:
        for said in bureau.logs.said[topic]:
            found[topic, said.key].setdefault(said.value)
    return {line: list(values) for line, values in found.items()}


def _missing(some_lines: dict[Line, list[bytes]], others: dict[Line, list[bytes]]) -> Sequence[tuple[Line, bytes]]:
    return [(line, value[:200]) for line, values in some_lines.items() for value in {*values} - {*others.get(line, ())}]
