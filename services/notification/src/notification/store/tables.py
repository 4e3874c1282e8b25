"""The tables of this service, and what holds them together."""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    func,
    text,
)

from kit.tables import plumbing
from notification.domain.deliveries import Outcome

METADATA: Final = MetaData()
PLUMBING: Final = plumbing(METADATA)

unit = Table("unit", METADATA, Column("code", Text, primary_key=True), Column("name", Text, nullable=False))

person = Table(
    "person",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("email", Text),
)

holding = Table(
    "holding",
    METADATA,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("person", Text, ForeignKey("person.id"), nullable=False),
    Column("duty", Text, nullable=False),
    Column("unit", Text),
    Column("from_on", Date, nullable=False),
    Column("to_on", Date),
    CheckConstraint("to_on is null or to_on >= from_on", name="holding_period"),
)
Index("holding_duty", holding.c.duty, holding.c.unit)
Index("holding_person", holding.c.person)

message = Table(
    "message",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("item", Text),
    Column("unit", Text),
    Column("due_on", Date),
    Column("stage", Text, nullable=False),
    Column("occurrence", Text, nullable=False),
    Column("receiver", Text, ForeignKey("person.id"), nullable=False),
    Column("part", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("told_at", DateTime(timezone=True), nullable=False),
    Column("receipt_asked", Boolean, nullable=False),
    Column("receipt_due_on", Date),
    Column("receipted_at", DateTime(timezone=True)),
    Column("chase", Boolean, nullable=False),
    # The ledger: without it a second scheduler, a replayed topic or a restart would tell again. A stage without a due date
    # is one row too, so nulls are not distinct.
    UniqueConstraint("item", "due_on", "stage", "occurrence", "receiver", name="message_ledger", postgresql_nulls_not_distinct=True),
)
Index("message_receiver", message.c.receiver, message.c.id)
Index("message_chased", message.c.receipt_due_on, postgresql_where=text("chase"))

delivery = Table(
    "delivery",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("message", Uuid, ForeignKey("message.id"), nullable=False),
    Column("channel", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("leaves_at", DateTime(timezone=True), nullable=False),  # business time: quiet hours are the bureau's
    # System time, told by the database alone: pauses and leases are about machines, which live in no business day, and
    # two workers on two machines have to compare one clock.
    Column("next_try_at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()),
    Column("leased_until", DateTime(timezone=True)),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("refusals", Integer, nullable=False, server_default=text("0")),
    Column("code", Integer),
    Column("answer", Text),
    Column("answered_at", DateTime(timezone=True)),
    UniqueConstraint("message", "channel", name="delivery_once_a_channel"),
)
Index("delivery_waiting", delivery.c.channel, delivery.c.next_try_at, postgresql_where=text(f"outcome = '{Outcome.WAITING}'"))
