"""The appraisal's first tables: registry, schemes, marks, scores, crossed lines, and the plumbing."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_23_1915"
down_revision = "2026_11_23_1910"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "cycles",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("start", sa.Text(), nullable=False),
        sa.Column("end", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
        schema="appraisal",
    )
    op.create_table(
        "groups",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
        schema="appraisal",
    )
    op.create_table(
        "inbox",
        sa.Column("event", sa.Uuid(), nullable=False),
        sa.Column("handled_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.PrimaryKeyConstraint("event"),
        schema="appraisal",
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("share", sa.SmallInteger(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        schema="appraisal",
    )
    op.create_index("outbox_unsent", "outbox", ["id"], unique=False, schema="appraisal", postgresql_where=sa.text("sent_at is null"))
    op.create_table(
        "positions",
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("partition", sa.Integer(), nullable=False),
        sa.Column("epoch", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("next_offset", sa.BigInteger(), nullable=False),
        sa.Column("last_timestamp", sa.BigInteger(), nullable=True),
        sa.Column("last_digest", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("topic", "partition"),
        schema="appraisal",
    )
    op.create_table(
        "score_history",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("cycle", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("indicator", sa.Text(), nullable=False),
        sa.Column("points", sa.Numeric(), nullable=True),
        sa.Column("was", sa.Numeric(), nullable=True),
        sa.Column("trace", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        schema="appraisal",
    )
    op.create_index("score_history_of_a_score", "score_history", ["cycle", "unit", "indicator", "id"], unique=False, schema="appraisal")
    op.create_table(
        "unsettled",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("cycle", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        schema="appraisal",
    )
    op.create_table(
        "schemes",
        sa.Column("cycle", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("document", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("activated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reckoned_through", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["cycle"],
            ["appraisal.cycles.key"],
        ),
        sa.PrimaryKeyConstraint("cycle", "version"),
        schema="appraisal",
    )
    op.create_index(
        "schemes_one_active", "schemes", ["cycle"], unique=True, schema="appraisal", postgresql_where=sa.text("state = 'active'")
    )
    op.create_table(
        "units",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("group", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["group"],
            ["appraisal.groups.key"],
        ),
        sa.PrimaryKeyConstraint("code"),
        schema="appraisal",
    )
    op.create_table(
        "crossings",
        sa.Column("cycle", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("indicator", sa.Text(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("crossed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["unit"],
            ["appraisal.units.code"],
        ),
        sa.PrimaryKeyConstraint("cycle", "version", "unit", "indicator", "line"),
        schema="appraisal",
    )
    op.create_table(
        "marks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cycle", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("indicator", sa.Text(), nullable=False),
        sa.Column("mark", sa.Numeric(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("assessor", sa.Text(), nullable=False),
        sa.Column("marked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("counts", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["cycle"],
            ["appraisal.cycles.key"],
        ),
        sa.ForeignKeyConstraint(
            ["unit"],
            ["appraisal.units.code"],
        ),
        sa.PrimaryKeyConstraint("id"),
        schema="appraisal",
    )
    op.create_index("marks_of_an_assessor", "marks", ["cycle", "assessor"], unique=False, schema="appraisal")
    op.create_index("marks_that_count", "marks", ["cycle", "unit", "indicator"], unique=True, schema="appraisal", postgresql_where="counts")
    op.create_table(
        "scores",
        sa.Column("cycle", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("indicator", sa.Text(), nullable=False),
        sa.Column("standing", sa.Text(), nullable=False),
        sa.Column("points", sa.Numeric(), nullable=True),
        sa.Column("trace", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["cycle", "version"], ["appraisal.schemes.cycle", "appraisal.schemes.version"], name="scores_of_a_scheme"),
        sa.ForeignKeyConstraint(
            ["unit"],
            ["appraisal.units.code"],
        ),
        sa.PrimaryKeyConstraint("cycle", "version", "unit", "indicator"),
        schema="appraisal",
    )


def downgrade() -> None:
    op.execute("drop schema appraisal cascade")
