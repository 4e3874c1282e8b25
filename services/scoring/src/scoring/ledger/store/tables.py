"""The tables of the schema `ledger`."""

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
    LargeBinary,
    MetaData,
    Numeric,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

SCHEMA = "ledger"
metadata = MetaData(schema=SCHEMA)

NONE_YET = text("0")


def _now() -> Column[object]:
    return Column("at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp())


# One row: worker transactions hold it `for share`, whoever changes what is counted writes it. `paused` is heeded by releases that
# know no backfills: for them every count stops the feed; here only an open row of `countings` does.
control = Table(
    "control",
    metadata,
    Column("one", SmallInteger, CheckConstraint("one = 1", name="control_has_one_row"), primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("paused", Text),
)

sources = Table(
    "sources",
    metadata,
    Column("slug", Text, primary_key=True),
    Column("uri", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("zone", Text, nullable=False),
    Column("paused", Text),
    _now(),
)

kinds = Table(
    "kinds",
    metadata,
    Column("key", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("attributes", JSONB, nullable=False),
    _now(),
)

aliases = Table(
    "aliases",
    metadata,
    Column("source", Text, ForeignKey(sources.c.slug), primary_key=True),
    Column("code", Text, primary_key=True),
    Column("unit", Text, nullable=False),
)

measures = Table(
    "measures",
    metadata,
    Column("number", Integer, Identity(always=True), primary_key=True),
    Column("scheme", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("document", JSONB, nullable=False),
    Column("cycle_start", Text, nullable=False),
    Column("cycle_end", Text, nullable=False),
    Column("zone", Text, nullable=False),
    Column("state", Text, nullable=False),
    UniqueConstraint("scheme", "key", name="measures_once_a_scheme"),
)

# A count with the feed stopped: over a source's records after its aliases changed (and over all of them, where a release without
# backfills asked for a scheme); `source` and `subject` say how far it came.
countings = Table(
    "countings",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("scheme", Text),
    Column("alias_source", Text),
    Column("aliases_before", JSONB),
    Column("source", Text, nullable=False, server_default=text("''")),
    Column("subject", Text, nullable=False, server_default=text("''")),
    Column("records", BigInteger, nullable=False, server_default=NONE_YET),
    Column("finished_at", DateTime(timezone=True)),
    _now(),
)
Index("countings_open", countings.c.id, postgresql_where=countings.c.finished_at.is_(None))

# A count of a scheme's measures beside the running feed. Records up to (`source`, `subject`) are counted, all of them once it is
# `at_end`; `expected` is an estimate.
backfills = Table(
    "backfills",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("scheme", Text, nullable=False),
    Column("source", Text, nullable=False, server_default=text("''")),
    Column("subject", Text, nullable=False, server_default=text("''")),
    Column("at_end", Boolean, nullable=False, server_default=text("false")),
    Column("records", BigInteger, nullable=False, server_default=NONE_YET),
    Column("expected", BigInteger, nullable=False),
    _now(),
    Column("began_at", DateTime(timezone=True)),
    Column("moved_at", DateTime(timezone=True)),
    Column("finished_at", DateTime(timezone=True)),
)
Index("backfills_open", backfills.c.id, postgresql_where=backfills.c.finished_at.is_(None))

# Ids stand apart from facts, so that facts can be cut by month later.
fact_ids = Table(
    "fact_ids",
    metadata,
    Column("source", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("digest", LargeBinary, nullable=False),
    Column("copies", Integer, nullable=False, server_default=NONE_YET),
)

facts = Table(
    "facts",
    metadata,
    Column("source", Text, nullable=False),
    Column("id", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("time", DateTime(timezone=True), nullable=False),
    Column("data", JSONB, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("partition", Integer, nullable=False),
    Column("offset", BigInteger, nullable=False),
    Column("received_at", DateTime(timezone=True), nullable=False),
)
Index("facts_of_a_record", facts.c.source, facts.c.subject)
Index("facts_of_a_day", facts.c.source, facts.c.time)

records = Table(
    "records",
    metadata,
    Column("source", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("kind", Text),
    Column("unit_code", Text),
    Column("withdrawn", Boolean, nullable=False),
    Column("state", JSONB, nullable=False),
    Column("version", BigInteger, nullable=False, server_default=text("1")),
)
Index("records_of_a_unit", records.c.source, records.c.unit_code, records.c.kind)

# The codes of records that had more than one, where their kind keeps history: whom such a record may count for beside its present unit.
holders = Table(
    "holders",
    metadata,
    Column("source", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("code", Text, primary_key=True),
)
Index("holders_of_a_code", holders.c.source, holders.c.code)

# Records of a kind are folded again from their facts after what they keep of histories changed; `source` and `subject` say how far it came.
refolds = Table(
    "refolds",
    metadata,
    Column("kind", Text, ForeignKey(kinds.c.key), primary_key=True),
    Column("source", Text, nullable=False, server_default=text("''")),
    Column("subject", Text, nullable=False, server_default=text("''")),
    Column("records", BigInteger, nullable=False, server_default=NONE_YET),
    _now(),
)

totals = Table(
    "totals",
    metadata,
    Column("measure", Integer, ForeignKey(measures.c.number), primary_key=True),
    Column("unit", Text, primary_key=True),
    Column("month", Text, primary_key=True),
    Column("n", BigInteger, nullable=False),
    Column("total", Numeric, nullable=False),
)

dirty = Table(
    "dirty",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("measure", Integer, nullable=False),
    Column("unit", Text, nullable=False),
)

positions = Table(
    "positions",
    metadata,
    Column("topic", Text, primary_key=True),
    Column("partition", Integer, primary_key=True),
    Column("epoch", Integer, nullable=False, server_default=NONE_YET),
    Column("next_offset", BigInteger, nullable=False),
    Column("last_timestamp", BigInteger),
    Column("last_digest", LargeBinary),
    Column("newest", DateTime(timezone=True)),
)

# What became of a quarantined message so far; `applied` and `discarded` are closed.
OPEN, ASKED, REPLAYED = "open", "asked", "replayed"

quarantine = Table(
    "quarantine",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("source", Text, nullable=False),
    Column("topic", Text, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("partition", Integer, nullable=False),
    Column("offset", BigInteger, nullable=False),
    Column("fingerprint", LargeBinary, nullable=False),
    Column("event", Text),
    Column("reason", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("key", LargeBinary),
    Column("value", LargeBinary),
    Column("headers", JSONB, nullable=False),
    Column("state", Text, nullable=False, server_default=text("'open'")),
    Column("times", Integer, nullable=False, server_default=text("1")),
    Column("received_at", DateTime(timezone=True), nullable=False),
    Column("closed_at", DateTime(timezone=True)),
    UniqueConstraint("topic", "fingerprint", name="quarantine_holds_a_message_once"),
)
Index("quarantine_open", quarantine.c.source, quarantine.c.id, postgresql_where=quarantine.c.closed_at.is_(None))
Index("quarantine_asked", quarantine.c.id, postgresql_where=quarantine.c.state == ASKED)
Index("quarantine_by_event", quarantine.c.source, quarantine.c.event)

counters = Table(
    "counters",
    metadata,
    Column("source", Text, primary_key=True),
    *(
        Column(name, BigInteger, nullable=False, server_default=NONE_YET)
        for name in ("received", "applied", "duplicates", "late", "corrected", "withdrawn", "conflicts", "quarantined")
    ),
    Column("newest", DateTime(timezone=True)),
    Column("received_at", DateTime(timezone=True)),
)

undeclared = Table(
    "undeclared",
    metadata,
    Column("source", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("attribute", Text, primary_key=True),
    Column("times", BigInteger, nullable=False),
)

batches = Table(
    "batches",
    metadata,
    Column("source", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("day", Date, nullable=False),
    Column("count", BigInteger, nullable=False),
    Column("digest", Text, nullable=False),
    Column("topic", Text, nullable=False),
    Column("ends", JSONB),
    Column("state", Text, nullable=False, server_default=text("'waiting'")),
    Column("held_count", BigInteger),
    Column("held_digest", Text),
    Column("compared_at", DateTime(timezone=True)),
    Column("received_at", DateTime(timezone=True), nullable=False),
)
Index("batches_of_a_day", batches.c.source, batches.c.day)
