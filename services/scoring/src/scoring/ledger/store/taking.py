"""A batch in one transaction: facts, records, totals, dirty marks, quarantine, counters and positions (I1, I7)."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from aiokafka import TopicPartition

from kit.reader import Lost, Position
from scoring.ledger.domain.contributions import Amount, Place
from scoring.ledger.domain.facts import BatchClosed, Message, encode, type_of
from scoring.ledger.domain.records import RecordKey
from scoring.ledger.domain.values import FRACTION_DIGITS, local_date
from scoring.ledger.handlers.taking import FactId, Outcome, SetAside, Taken, Tally, Versioned
from scoring.ledger.store.codec import decoded, encoded
from scoring.ledger.store.frontiers import hold_frontiers, passed
from scoring.ledger.store.knowledge import Connection

MOST_DETAIL: Final = 500  # characters; the message itself is kept whole

Moves = Mapping[TopicPartition, tuple[Position, Position]]


class Raced(Exception):
    """Another transaction wrote one of these facts or records in between: read again."""


class PgFacts:
    """The ledger inside one open transaction of asyncpg.

    Every statement that can collide writes its rows sorted by key: unsorted batches deadlock.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def known(self, ids: Collection[FactId]) -> Mapping[FactId, bytes]:
        rows = await self._connection.fetch(
            "select source, id, digest from ledger.fact_ids join unnest($1::text[], $2::text[]) as asked(source, id) using (source, id)",
            *_columns(ids, 2),
        )
        return {(row["source"], row["id"]): row["digest"] for row in rows}

    async def locked(self, keys: Collection[RecordKey]) -> Mapping[RecordKey, Versioned]:
        rows = await self._connection.fetch(
            "select source, subject, kind, state::text, version from ledger.records"
            " where (source, subject) in (select * from unnest($1::text[], $2::text[])) order by source, subject for update",
            *_columns(keys, 2),
        )
        found = ((row, decoded(row["source"], row["subject"], row["kind"], row["state"])) for row in rows)
        return {record.key: Versioned(record, row["version"]) for row, record in found}

    async def passed(self, keys: Collection[RecordKey], backfills: Collection[int]) -> Mapping[int, Collection[RecordKey]]:
        await hold_frontiers(self._connection)
        return await passed(self._connection, keys, backfills)

    async def newest(self, partitions: Collection[tuple[str, int]]) -> Mapping[tuple[str, int], datetime]:
        rows = await self._connection.fetch(
            "select topic, partition, newest from ledger.positions"
            " where (topic, partition) in (select * from unnest($1::text[], $2::int[])) and newest is not null",
            *_columns(partitions, 2),
        )
        return {(row["topic"], row["partition"]): row["newest"] for row in rows}

    async def move(self, moves: Moves, newest: Mapping[tuple[str, int], datetime]) -> None:
        """Compare and set; raises `Lost` when another reader moved one of these positions."""
        for partition, (was, now) in sorted(moves.items()):
            at = newest.get((partition.topic, partition.partition))
            values = (partition.topic, partition.partition, was.epoch, now.next_offset, now.timestamp, now.digest, at)
            moved = await self._connection.execute(
                "update ledger.positions set next_offset = $4, last_timestamp = $5, last_digest = $6, newest = coalesce($7, newest)"
                " where topic = $1 and partition = $2 and epoch = $3 and next_offset = $8",
                *values,
                was.next_offset,
            )
            if moved != "UPDATE 1" and (was.digest is not None or not await self._first(values)):
                raise Lost(f"{partition.topic}[{partition.partition}] is not at {was.next_offset} any more")

    async def _first(self, values: Sequence[object]) -> bool:
        made = await self._connection.execute(
            "insert into ledger.positions (topic, partition, epoch, next_offset, last_timestamp, last_digest, newest)"
            " values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing",
            *values,
        )
        return made == "INSERT 0 1"

    async def write(self, outcome: Outcome, *, epochs: Mapping[tuple[str, int], int], zones: Mapping[str, ZoneInfo], now: datetime) -> None:
        """All of it but the positions; `zones` are by topic; raises `Raced`."""
        await self._write_ids([*outcome.facts, *outcome.closings])
        await self._write_facts(outcome.facts, epochs, now)
        await self._write_records(outcome.records)
        await self._write_holders(outcome.records)
        await write_totals(self._connection, outcome.totals)
        await mark_moved(self._connection, outcome.totals)
        await write_totals(self._connection, outcome.backfilled)
        await self._write_closings(outcome.closings, now)
        await self._doubt_batches(outcome.facts, zones)
        for source, replayed in await self._replayed(outcome.set_aside):
            outcome.tally(source).replayed = replayed
        await self._quarantine(outcome.set_aside, epochs, now)
        await self._close_replayed([*outcome.facts, *outcome.closings, *outcome.duplicates], now)
        await self._count_copies(outcome.duplicates)
        await self._write_tallies(outcome.tallies, now)
        await self._write_undeclared(outcome.undeclared)

    async def _write_ids(self, taken: Iterable[Taken]) -> None:
        rows = sorted((one.event.source, one.event.id, one.event.digest) for one in taken)
        made = await self._connection.execute(
            "insert into ledger.fact_ids (source, id, digest)"
            " select * from unnest($1::text[], $2::text[], $3::bytea[]) on conflict do nothing",
            *_columns(rows, 3),
        )
        if made != f"INSERT 0 {len(rows)}":
            raise Raced

    async def _write_facts(self, taken: Iterable[Taken], epochs: Mapping[tuple[str, int], int], now: datetime) -> None:
        rows = [
            (
                one.event.source,
                one.event.id,
                type_of(one.event),
                one.event.subject,
                one.event.time,
                encode(one.event.data).decode(),
                one.event.digest,
                epochs[one.message.topic, one.message.partition],
                one.message.partition,
                one.message.offset,
                now,
            )
            for one in taken
        ]
        await self._connection.execute(
            'insert into ledger.facts (source, id, type, subject, time, data, digest, epoch, partition, "offset", received_at)'
            " select s, i, t, r, at, d::jsonb, g, e, p, o, n from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::timestamptz[],"
            " $6::text[], $7::bytea[], $8::int[], $9::int[], $10::bigint[], $11::timestamptz[]) as new(s, i, t, r, at, d, g, e, p, o, n)",
            *_columns(rows, 11),
        )

    async def _write_records(self, records: Sequence[Versioned]) -> None:
        """Versions are compared even under the row lock: nothing may ever be overwritten by what was read before (I7)."""
        written = await self._connection.execute(
            "insert into ledger.records as held (source, subject, kind, unit_code, withdrawn, state, version)"
            " select s, r, k, u, w, d::jsonb, v + 1 from"
            " unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bool[], $6::text[], $7::bigint[]) as new(s, r, k, u, w, d, v)"
            " on conflict (source, subject) do update set kind = excluded.kind, unit_code = excluded.unit_code,"
            " withdrawn = excluded.withdrawn, state = excluded.state, version = excluded.version"
            " where held.version = excluded.version - 1",
            *_columns([_record_row(one) for one in records], 7),
        )
        if written != f"INSERT 0 {len(records)}":
            raise Raced

    async def _write_holders(self, records: Iterable[Versioned]) -> None:
        """A code that a record had is never taken back by a fact, so nothing has to be deleted."""
        rows = sorted({(*one.record.key, code) for one in records if one.record.units for code in one.record.former_codes})
        if rows:
            insert = "insert into ledger.holders select * from unnest($1::text[], $2::text[], $3::text[]) on conflict do nothing"
            await self._connection.execute(insert, *_columns(rows, 3))

    async def _write_closings(self, closings: Iterable[Taken], now: datetime) -> None:
        events = [(one.event, one.message.topic) for one in closings if isinstance(one.event, BatchClosed)]
        await self._connection.executemany(
            "insert into ledger.batches (source, id, day, count, digest, topic, received_at) values ($1, $2, $3, $4, $5, $6, $7)",
            [(event.source, event.id, event.day, event.count, event.ids_digest, topic, now) for event, topic in events],
        )

    async def _doubt_batches(self, taken: Iterable[Taken], zones: Mapping[str, ZoneInfo]) -> None:
        """A day that was compared has to be compared again when facts of it come."""
        days = {(one.event.source, day) for one in taken if (day := local_date(one.event.time, zones[one.message.topic]))}
        await self._connection.execute(
            "update ledger.batches set state = 'waiting' where state <> 'waiting'"
            " and (source, day) in (select * from unnest($1::text[], $2::date[]))",
            *_columns(sorted(days), 2),
        )

    async def _replayed(self, set_aside: Sequence[SetAside]) -> list[tuple[str, int]]:
        """How many of a source's unusable messages come again because somebody asked for it."""
        if not set_aside:
            return []
        prints = sorted((one.message.topic, one.message.fingerprint()) for one in set_aside)
        rows = await self._connection.fetch(
            "select source, count(*) as n from ledger.quarantine where state in ('asked', 'replayed')"
            " and (topic, fingerprint) in (select * from unnest($1::text[], $2::bytea[])) group by source",
            *_columns(prints, 2),
        )
        return [(row["source"], row["n"]) for row in rows]

    async def _quarantine(self, set_aside: Iterable[SetAside], epochs: Mapping[tuple[str, int], int], now: datetime) -> None:
        """The same message is held once, however often it comes."""
        rows = sorted((_quarantined(one, epochs, now) for one in set_aside), key=lambda row: row[:2])
        await self._connection.executemany(
            "insert into ledger.quarantine as held"
            ' (topic, fingerprint, source, epoch, partition, "offset", event, reason, detail, key, value, headers, received_at)'
            " values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)"
            " on conflict (topic, fingerprint) do update set reason = excluded.reason, detail = excluded.detail, epoch = excluded.epoch,"
            ' "offset" = excluded."offset", partition = excluded.partition, times = held.times + 1,'
            " state = case when held.state = 'discarded' then held.state else 'open' end,"
            " closed_at = case when held.state = 'discarded' then held.closed_at end",
            rows,
        )

    async def _close_replayed(self, taken: Sequence[Taken], now: datetime) -> None:
        """A quarantined message is done with when the same bytes were applied, or turned out to be there already."""
        topics = sorted({one.message.topic for one in taken})
        waiting = await self._connection.fetch(
            "select distinct topic from ledger.quarantine where closed_at is null and topic = any($1)", topics
        )
        some = {row["topic"] for row in waiting}
        prints = sorted((one.message.topic, one.message.fingerprint()) for one in taken if one.message.topic in some)
        await self._connection.execute(
            "update ledger.quarantine set state = 'applied', closed_at = $3"
            " where closed_at is null and (topic, fingerprint) in (select * from unnest($1::text[], $2::bytea[]))",
            *_columns(prints, 2),
            now,
        )

    async def _count_copies(self, duplicates: Iterable[Taken]) -> None:
        await self._connection.execute(
            "update ledger.fact_ids set copies = copies + n from (select source, id, count(*) as n from"
            " unnest($1::text[], $2::text[]) as copy(source, id) group by source, id) as copy"
            " where fact_ids.source = copy.source and fact_ids.id = copy.id",
            *_columns(sorted((one.event.source, one.event.id) for one in duplicates), 2),
        )

    async def _write_tallies(self, tallies: Mapping[str, Tally], now: datetime) -> None:
        counts = ("received", "applied", "duplicates", "late", "corrected", "withdrawn", "conflicts", "quarantined")
        rows = [(source, *(getattr(tally, name) for name in counts), tally.newest, now) for source, tally in sorted(tallies.items())]
        added = ", ".join(f"{name} = held.{name} + excluded.{name}" for name in counts)
        await self._connection.executemany(
            f"insert into ledger.counters as held (source, {', '.join(counts)}, newest, received_at)"  # noqa: S608 - names from the line above
            " values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
            f" on conflict (source) do update set {added},"
            " newest = greatest(held.newest, excluded.newest), received_at = excluded.received_at",
            rows,
        )

    async def _write_undeclared(self, undeclared: Mapping[tuple[str, str, str], int]) -> None:
        await self._connection.executemany(
            "insert into ledger.undeclared as held (source, kind, attribute, times) values ($1, $2, $3, $4)"
            " on conflict (source, kind, attribute) do update set times = held.times + $4",
            [(*where, times) for where, times in sorted(undeclared.items())],
        )


async def write_totals(connection: Connection, changes: Mapping[Place, Amount]) -> None:
    """Add the changes to the totals."""
    some = {place: amount for place, amount in sorted(changes.items()) if amount}
    rows = [(place.measure, place.unit, place.month, amount.n, unscaled(amount.total)) for place, amount in some.items()]
    await connection.execute(
        "insert into ledger.totals as held (measure, unit, month, n, total)"
        " select * from unnest($1::int[], $2::text[], $3::text[], $4::bigint[], $5::numeric[])"
        " on conflict (measure, unit, month) do update set n = held.n + excluded.n, total = held.total + excluded.total",
        *_columns(rows, 5),
    )


async def mark_moved(connection: Connection, changes: Mapping[Place, Amount]) -> None:
    """Note what has to be settled; what is not counted whole yet is not."""
    marks = sorted({(place.measure, place.unit) for place, amount in changes.items() if amount})
    insert = "insert into ledger.dirty (measure, unit) select * from unnest($1::int[], $2::text[])"
    await connection.execute(insert, *_columns(marks, 2))


def unscaled(billionths: int) -> Decimal:
    """Built from digits: no operation that could round at 28 digits."""
    sign, digits = (1, -billionths) if billionths < 0 else (0, billionths)
    return Decimal((sign, tuple(map(int, str(digits))), -FRACTION_DIGITS))


def _record_row(one: Versioned) -> tuple[object, ...]:
    record = one.record
    return (*record.key, record.kind, record.unit_code, record.is_withdrawn, encoded(record), one.version)


def _quarantined(one: SetAside, epochs: Mapping[tuple[str, int], int], now: datetime) -> tuple[object, ...]:
    message: Message = one.message
    place = (epochs[message.topic, message.partition], message.partition, message.offset)
    headers = encode([[name, content.hex()] for name, content in message.headers]).decode()
    said = (one.event, one.reason.value, one.detail[:MOST_DETAIL])
    return (message.topic, message.fingerprint(), one.source, *place, *said, message.key, message.value, headers, now)


def _columns(rows: Collection[Sequence[object]], width: int) -> list[list[object]]:
    """Rows as columns, for `unnest`."""
    return [list(column) for column in zip(*rows, strict=True)] if rows else [[] for _ in range(width)]
