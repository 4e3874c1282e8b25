"""Assessors are appointed; marks have states, evidence and a mark that they replace; units assess themselves."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_24_0211"
down_revision = "2026_11_24_0210"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("marks", sa.Column("state", sa.Text(), server_default="given", nullable=False), schema="appraisal")
    op.add_column("marks", sa.Column("evidence", postgresql.JSONB(), server_default="[]", nullable=False), schema="appraisal")
    op.add_column("marks", sa.Column("replaces", sa.Uuid(), nullable=True), schema="appraisal")
    op.add_column("marks", sa.Column("decided_by", sa.Text(), nullable=True), schema="appraisal")
    op.add_column("marks", sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True), schema="appraisal")
    op.add_column("marks", sa.Column("decision_reason", sa.Text(), nullable=True), schema="appraisal")
    op.execute("update appraisal.marks set state = 'replaced' where not counts")
    op.create_table(
        "assessors",
        sa.Column("cycle", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("trained_on", sa.Date(), nullable=True),
        sa.Column("departments", postgresql.JSONB(), nullable=False),
        sa.Column("indicators", postgresql.JSONB(), nullable=False),
        sa.Column("own_unit", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["cycle"], ["appraisal.cycles.key"]),
        sa.ForeignKeyConstraint(["own_unit"], ["appraisal.units.code"]),
        sa.PrimaryKeyConstraint("cycle", "subject"),
        schema="appraisal",
    )
    op.create_table(
        "self_assessments",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("cycle", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("indicator", sa.Text(), nullable=False),
        sa.Column("mark", sa.Numeric(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("evidence", postgresql.JSONB(), nullable=False),
        sa.Column("said_by", sa.Text(), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["cycle"], ["appraisal.cycles.key"]),
        sa.ForeignKeyConstraint(["unit"], ["appraisal.units.code"]),
        sa.PrimaryKeyConstraint("id"),
        schema="appraisal",
    )
    op.create_index("self_assessments_of_a_unit", "self_assessments", ["cycle", "unit", "indicator", "id"], schema="appraisal")


def downgrade() -> None:
    op.drop_table("self_assessments", schema="appraisal")
    op.drop_table("assessors", schema="appraisal")
    for name in ("decision_reason", "decided_at", "decided_by", "replaces", "evidence", "state"):
        op.drop_column("marks", name, schema="appraisal")
