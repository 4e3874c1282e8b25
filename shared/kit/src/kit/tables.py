"""The tables that every service keeps beside its own: outbox, inbox, positions."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    Uuid,
    func,
    text,
)

VIRTUAL_PARTITIONS: Final = 16  # shares of the outbox; one relay owns a share at a time


@dataclass(frozen=True, slots=True)
class Plumbing:
    outbox: Table
    inbox: Table
    positions: Table


def plumbing(metadata: MetaData, *, schema: str | None = None) -> Plumbing:
    """Declare the three tables in a service's metadata; its migrations make them."""
    return Plumbing(outbox=_outbox(metadata, schema), inbox=_inbox(metadata, schema), positions=_positions(metadata, schema))


def _outbox(metadata: MetaData, schema: str | None) -> Table:
    table = Table(
        "outbox",
        metadata,
        Column("id", BigInteger, Identity(always=True), primary_key=True),
        Column("share", SmallInteger, nullable=False),
        Column("topic", Text, nullable=False),
        Column("key", Text, nullable=False),
        Column("value", LargeBinary, nullable=False),
        Column("added_at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()),
        Column("sent_at", DateTime(timezone=True)),
        schema=schema,
    )
    Index("outbox_unsent", table.c.id, postgresql_where=text("sent_at is null"))
    return table


def _inbox(metadata: MetaData, schema: str | None) -> Table:
    return Table(
        "inbox",
        metadata,
        Column("event", Uuid, primary_key=True),
        Column("handled_at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()),
        schema=schema,
    )


def _positions(metadata: MetaData, schema: str | None) -> Table:
    return Table(
        "positions",
        metadata,
        Column("topic", Text, primary_key=True),
        Column("partition", Integer, primary_key=True),
        Column("epoch", Integer, nullable=False, server_default=text("0")),
        Column("next_offset", BigInteger, nullable=False),
        Column("last_timestamp", BigInteger),
        Column("last_digest", LargeBinary),
        schema=schema,
    )
