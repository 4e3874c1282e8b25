"""The tables of feedback; the migrations make them."""

from sqlalchemy import ARRAY, BigInteger, Boolean, Column, Date, DateTime, Identity, Index, Integer, MetaData, Table, Text, text

from kit.tables import plumbing

METADATA = MetaData()
PLUMBING = plumbing(METADATA)

rectification = Table(
    "rectification",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("cycle", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("indicator", Text, nullable=False),
    Column("indicator_name", Text, nullable=False),
    Column("cause", Text, nullable=False),
    Column("finding", Text, nullable=False),
    Column("requirement", Text, nullable=False),
    Column("department", Text),
    Column("severity", Text, nullable=False),
    Column("raised_by", Text, nullable=False),
    Column("raised_on", Date, nullable=False),
    Column("state", Text, nullable=False),
    Column("exact_on", Date),
    Column("number", Integer),
    Column("sent_on", Date),
    Column("signed_on", Date),
    Column("deemed", Boolean, nullable=False),
    Column("due_on", Date),
    Column("submitted_by", Text),
    Column("submitted_on", Date),
    Column("returns", Integer, nullable=False),
    Column("extensions", Integer, nullable=False),
    Column("extension_by", Text),
    Column("extension_reason", Text),
    Column("extension_until", Date),
    Column("cancellation_by", Text),
    Column("cancellation_reason", Text),
    Column("excused", Boolean, nullable=False),
    Column("was_overdue", Boolean, nullable=False),
    Column("verified_on", Date),
    Column("ended_on", Date),
    Column("looked_on", Date),  # the last business day on which the timers looked at it; null: something changed since
    Column("blocked", Text),  # why the timers could do nothing with it on that day
)
Index("rectification_number", rectification.c.cycle, rectification.c.number, unique=True)
Index(
    "rectification_open_matter",
    rectification.c.unit,
    rectification.c.indicator,
    rectification.c.cause,
    unique=True,
    postgresql_where=text("state not in ('closed', 'cancelled')"),
)
Index("rectification_timed", rectification.c.looked_on, postgresql_where=text("state in ('noticed', 'signed', 'in_progress', 'returned')"))

finding = Table(
    "finding",
    METADATA,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("item", Text, nullable=False, index=True),
    Column("text", Text, nullable=False),
    Column("severity", Text, nullable=False),
    Column("found_by", Text, nullable=False),
    Column("found_on", Date, nullable=False),
)

history = Table(
    "history",
    METADATA,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("item", Text, nullable=False, index=True),
    Column("what", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("on", Date, nullable=False),
    Column("note", Text, nullable=False),
)

stage = Table(  # the ladder's ledger: what was told or skipped for a due date, once
    "stage",
    METADATA,
    Column("item", Text, primary_key=True),
    Column("due_on", Date, primary_key=True),
    Column("stage", Text, primary_key=True),
    Column("skipped", Boolean, nullable=False),
    Column("on", Date, nullable=False),
)

proof = Table(
    "proof",
    METADATA,
    Column("item", Text, primary_key=True),
    Column("evidence", Text, primary_key=True),
    Column("unit", Text),
    Column("revision", Integer, nullable=False),
    Column("accepted_on", Date, nullable=False),
)

deduction = Table(
    "deduction",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("matter", Text, nullable=False, unique=True),
    Column("item", Text, nullable=False),
    Column("cycle", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("indicator", Text, nullable=False),
    Column("level", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("proposed_by", Text, nullable=False),
    Column("proposed_on", Date, nullable=False),
    Column("decision", Text, nullable=False),
    Column("decided_by", Text),
    Column("decided_on", Date),
)

notice_number = Table(
    "notice_number",
    METADATA,
    Column("cycle", Text, primary_key=True),
    Column("last", Integer, nullable=False),
)

calendar_year = Table(
    "calendar_year",
    METADATA,
    Column("year", Integer, primary_key=True, autoincrement=False),
    Column("holidays", ARRAY(Date), nullable=False),
    Column("workdays", ARRAY(Date), nullable=False),
    Column("entered_by", Text, nullable=False),
    Column("entered_at", DateTime(timezone=True), nullable=False),
)
