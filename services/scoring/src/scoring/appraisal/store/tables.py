"""The tables of the schema `appraisal`."""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    MetaData,
    Numeric,
    Table,
    Text,
    Uuid,
    false,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from kit.tables import plumbing

SCHEMA: Final = "appraisal"
METADATA: Final = MetaData(schema=SCHEMA)
PLUMBING: Final = plumbing(METADATA, schema=SCHEMA)

_instant: Final = DateTime(timezone=True)

groups = Table(
    "groups",
    METADATA,
    Column("key", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("place", BigInteger, Identity(), nullable=False),  # in the order of registration
)

units = Table(
    "units",
    METADATA,
    Column("code", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("group", Text, ForeignKey(groups.c.key), nullable=False),
)

cycles = Table(
    "cycles",
    METADATA,
    Column("key", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("start", Text, nullable=False),
    Column("end", Text, nullable=False),
)

# A version's text never changes; a correction is the next version.
schemes = Table(
    "schemes",
    METADATA,
    Column("cycle", Text, ForeignKey(cycles.c.key), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("state", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("document", JSONB, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("made_at", _instant, nullable=False),
    Column("activated_at", _instant),
    Column("reckoned_through", Text),
)
Index("schemes_one_active", schemes.c.cycle, unique=True, postgresql_where=text("state = 'active'"))

# That a draft was tried out: nothing else of a trial is kept.
trials = Table(
    "trials",
    METADATA,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("cycle", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("made_at", _instant, nullable=False),
    Column("records", BigInteger, nullable=False),
    Column("milliseconds", BigInteger, nullable=False),
    ForeignKeyConstraint(["cycle", "version"], [schemes.c.cycle, schemes.c.version], name="trials_of_a_scheme"),
)
Index("trials_by_scheme", trials.c.cycle, trials.c.version, trials.c.id)

marks = Table(
    "marks",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("cycle", Text, ForeignKey(cycles.c.key), nullable=False),
    Column("unit", Text, ForeignKey(units.c.code), nullable=False),
    Column("indicator", Text, nullable=False),
    Column("mark", Numeric, nullable=False),
    Column("reason", Text, nullable=False),
    Column("assessor", Text, nullable=False),
    Column("marked_at", _instant, nullable=False),
    Column("counts", Boolean, nullable=False),
    Column("state", Text, nullable=False, server_default="given"),
    Column("evidence", JSONB, nullable=False, server_default="[]"),
    Column("replaces", Uuid),
    Column("decided_by", Text),
    Column("decided_at", _instant),
    Column("decision_reason", Text),
    Column("sample", Text, nullable=False, server_default=""),
    Column("member", Text, nullable=False, server_default=""),
    Column("counts_beside", Boolean, nullable=False, server_default=false()),  # like `counts`, one of several of an indicator
)
Index("marks_that_count", marks.c.cycle, marks.c.unit, marks.c.indicator, unique=True, postgresql_where=marks.c.counts)
Index("marks_of_an_assessor", marks.c.cycle, marks.c.assessor)

assessors = Table(
    "assessors",
    METADATA,
    Column("cycle", Text, ForeignKey(cycles.c.key), primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("trained_on", Date),
    Column("departments", JSONB, nullable=False),
    Column("indicators", JSONB, nullable=False),
    Column("own_unit", Text, ForeignKey(units.c.code)),
)

# What a unit says of itself; the newest one holds.
self_assessments = Table(
    "self_assessments",
    METADATA,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("cycle", Text, ForeignKey(cycles.c.key), nullable=False),
    Column("unit", Text, ForeignKey(units.c.code), nullable=False),
    Column("indicator", Text, nullable=False),
    Column("mark", Numeric, nullable=False),
    Column("reason", Text, nullable=False),
    Column("evidence", JSONB, nullable=False),
    Column("said_by", Text, nullable=False),
    Column("said_at", _instant, nullable=False),
)
Index("self_assessments_of_a_unit", self_assessments.c.cycle, self_assessments.c.unit, self_assessments.c.indicator, self_assessments.c.id)

members = Table(
    "members",
    METADATA,
    Column("unit", Text, ForeignKey(units.c.code), primary_key=True),
    Column("key", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("since", Date, nullable=False),
    Column("until", Date),
)

overrides = Table(
    "overrides",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("cycle", Text, ForeignKey(cycles.c.key), nullable=False),
    Column("unit", Text, ForeignKey(units.c.code), nullable=False),
    Column("indicator", Text, nullable=False),
    Column("points", Numeric, nullable=False),
    Column("reason", Text, nullable=False),
    Column("evidence", JSONB, nullable=False),
    Column("proposed_by", Text, nullable=False),
    Column("proposed_at", _instant, nullable=False),
    Column("state", Text, nullable=False),
    Column("asked_by", Text, nullable=False),
    Column("approved_by", Text),
    Column("approved_at", _instant),
    Column("lifting", Text),
    Column("decided_by", Text),
)
Index(
    "overrides_in_force",
    overrides.c.cycle,
    overrides.c.unit,
    overrides.c.indicator,
    unique=True,
    postgresql_where=text("state in ('in_force', 'lifting')"),
)

scores = Table(
    "scores",
    METADATA,
    Column("cycle", Text, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("unit", Text, ForeignKey(units.c.code), primary_key=True),
    Column("indicator", Text, primary_key=True),
    Column("standing", Text, nullable=False),
    Column("points", Numeric),
    Column("trace", JSONB, nullable=False),
    Column("settled_at", _instant, nullable=False),
    ForeignKeyConstraint(["cycle", "version"], [schemes.c.cycle, schemes.c.version], name="scores_of_a_scheme"),
)

# One line each time that rounded points or standing changed.
score_history = Table(
    "score_history",
    METADATA,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("cycle", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("unit", Text, nullable=False),
    Column("indicator", Text, nullable=False),
    Column("points", Numeric),
    Column("was", Numeric),
    Column("trace", JSONB, nullable=False),
    Column("at", _instant, nullable=False),
)
Index("score_history_of_a_score", score_history.c.cycle, score_history.c.unit, score_history.c.indicator, score_history.c.id)

crossings = Table(
    "crossings",
    METADATA,
    Column("cycle", Text, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("unit", Text, ForeignKey(units.c.code), primary_key=True),
    Column("indicator", Text, primary_key=True),
    Column("line", Integer, primary_key=True),
    Column("crossed_at", _instant, nullable=False),
)

# Of a cycle, whatever version turned it; none is green.
lights = Table(
    "lights",
    METADATA,
    Column("cycle", Text, primary_key=True),
    Column("unit", Text, ForeignKey(units.c.code), primary_key=True),
    Column("indicator", Text, primary_key=True),
    Column("light", Text, nullable=False),
    Column("turned_at", _instant, nullable=False),
)

# Append-only marks of what has to be settled for another reason than moved totals.
unsettled = Table(
    "unsettled",
    METADATA,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("cycle", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("unit", Text, nullable=False),
)

# A month or a quarter that units confirm until a date.
confirmations = Table(
    "confirmations",
    METADATA,
    Column("cycle", Text, ForeignKey(cycles.c.key), primary_key=True),
    Column("period", Text, primary_key=True),
    Column("by", Date, nullable=False),
    Column("opened_by", Text, nullable=False),
    Column("opened_at", _instant, nullable=False),
)

unit_confirmations = Table(
    "unit_confirmations",
    METADATA,
    Column("cycle", Text, primary_key=True),
    Column("period", Text, primary_key=True),
    Column("unit", Text, ForeignKey(units.c.code), primary_key=True),
    Column("state", Text, nullable=False),
    Column("basis", Text),
    Column("changed_by", Text, nullable=False),
    Column("changed_at", _instant, nullable=False),
    ForeignKeyConstraint(["cycle", "period"], [confirmations.c.cycle, confirmations.c.period], name="confirmations_of_units"),
)
Index(
    "unit_confirmations_that_lapse",
    unit_confirmations.c.cycle,
    unit_confirmations.c.period,
    postgresql_where=text("state in ('open', 'decided')"),
)

disputes = Table(
    "disputes",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("cycle", Text, nullable=False),
    Column("period", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("measure", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("raised_by", Text, nullable=False),
    Column("raised_at", _instant, nullable=False),
    Column("outcome", Text),
    Column("decision", Text),
    Column("decided_by", Text),
    Column("decided_at", _instant),
)
Index("disputes_of_a_unit", disputes.c.cycle, disputes.c.period, disputes.c.unit)

# Where the ledger stood when a unit's figures of a period were locked.
locks = Table(
    "locks",
    METADATA,
    Column("cycle", Text, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("unit", Text, ForeignKey(units.c.code), primary_key=True),
    Column("period", Text, primary_key=True),
    Column("positions", JSONB, nullable=False),
    Column("locked_at", _instant, nullable=False),
)

# As they were confirmed, never changed; what counts is this and the adjustments.
locked_figures = Table(
    "locked_figures",
    METADATA,
    Column("cycle", Text, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("unit", Text, primary_key=True),
    Column("measure", Text, primary_key=True),
    Column("month", Text, primary_key=True),
    Column("period", Text, nullable=False),
    Column("n", BigInteger, nullable=False),
    Column("total", Numeric, nullable=False),
)

adjustments = Table(
    "adjustments",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("cycle", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("unit", Text, nullable=False),
    Column("measure", Text, nullable=False),
    Column("month", Text, nullable=False),
    Column("n", BigInteger, nullable=False),
    Column("total", Numeric, nullable=False),
    Column("reason", Text, nullable=False),
    Column("records", JSONB, nullable=False),
    Column("positions", JSONB, nullable=False),
    Column("recorded_by", Text, nullable=False),
    Column("recorded_at", _instant, nullable=False),
)
Index("adjustments_of_a_unit", adjustments.c.cycle, adjustments.c.version, adjustments.c.unit)

statements = Table(
    "statements",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("cycle", Text, nullable=False),
    Column("unit", Text, ForeignKey(units.c.code), nullable=False),
    Column("indicator", Text),
    Column("measures", JSONB, nullable=False),
    Column("records", JSONB, nullable=False),
    Column("evidence", JSONB, nullable=False),
    Column("reason", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("filed_by", Text, nullable=False),
    Column("filed_at", _instant, nullable=False),
    Column("steps", JSONB, nullable=False),
)
Index("statements_of_a_unit", statements.c.cycle, statements.c.unit)

# Bonuses applied for and deductions proposed; numbered by cycle, none is ever deleted.
claims = Table(
    "claims",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("cycle", Text, ForeignKey(cycles.c.key), nullable=False),
    Column("number", Integer, nullable=False),
    Column("unit", Text, ForeignKey(units.c.code), nullable=False),
    Column("indicator", Text, nullable=False),
    Column("number_of_document", Text),
    Column("organ", Text),
    Column("level", Text),
    Column("matter", Text),
    Column("reason", Text, nullable=False),
    Column("evidence", JSONB, nullable=False),
    Column("state", Text, nullable=False),
    Column("applied_by", Text, nullable=False),
    Column("applied_at", _instant, nullable=False),
    Column("steps", JSONB, nullable=False),
)
Index("claims_by_number", claims.c.cycle, claims.c.number, unique=True)
Index("claims_of_a_unit", claims.c.cycle, claims.c.unit)
Index("claims_by_evidence", claims.c.evidence, postgresql_using="gin")

# Revisions of evidence that the evidence service accepted; one that was found damaged is not sound any more.
proofs = Table(
    "proofs",
    METADATA,
    Column("evidence", Text, primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("unit", Text),
    Column("sha256", Text, nullable=False),
    Column("is_sound", Boolean, nullable=False),
)
