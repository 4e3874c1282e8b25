"""Tables: mappings, runs and their rejects, registers and their rows."""

from sqlalchemy import BigInteger, Column, Date, DateTime, ForeignKey, Index, Integer, MetaData, Table, Text, Uuid, func, text
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData()

mapping = Table(
    "mapping",
    metadata,
    Column("name", Text, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("text", Text, nullable=False),
    Column("added_by", Text, nullable=False),
    Column("added_at", DateTime(timezone=True), nullable=False),
)

run = Table(
    "run",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("mapping", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("slug", Text, nullable=False),
    Column("file", Text, nullable=False),
    Column("day", Date),
    Column("state", Text, nullable=False),
    Column("reason", Text),
    Column("rows", BigInteger, nullable=False),
    Column("observed", BigInteger, nullable=False),
    Column("withdrawn", BigInteger, nullable=False),
    Column("skipped", BigInteger, nullable=False),
    Column("rejected", BigInteger, nullable=False),
    Column("units", JSONB, nullable=False),
    Column("started_by", Text, nullable=False),
    Column("started_at", DateTime(timezone=True), nullable=False),
    Column("ended_at", DateTime(timezone=True)),
    Column("seen_at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()),
)
Index("run_one_a_source", run.c.slug, unique=True, postgresql_where=text("state = 'running'"))
Index("run_latest", run.c.started_at)

reject = Table(
    "reject",
    metadata,
    Column("run", Uuid, ForeignKey("run.id"), primary_key=True),
    Column("number", BigInteger, primary_key=True),
    Column("place", BigInteger, nullable=False),
    Column("case", Text),
    Column("key", Text),
    Column("reason", Text, nullable=False),
)

register = Table(
    "register",
    metadata,
    Column("slug", Text, primary_key=True),
    Column("run", Uuid, ForeignKey("run.id")),
    Column("day", Date),
    Column("edition", Integer),
    Column("rows", BigInteger, nullable=False, server_default=text("0")),
    Column("pending_run", Uuid, ForeignKey("run.id")),
    Column("pending_day", Date),
    Column("pending_edition", Integer),
)

register_row = Table(
    "register_row",
    metadata,
    Column("run", Uuid, ForeignKey("run.id"), primary_key=True),
    Column("key", Text(collation="C"), primary_key=True),
    Column("digest", Text),
    Column("unit", Text),
    Column("values", JSONB),
    Column("updated", DateTime(timezone=True)),
    Column("number", BigInteger, nullable=False),
)
