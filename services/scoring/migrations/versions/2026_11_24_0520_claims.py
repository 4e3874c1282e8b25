"""Bonuses and deductions are claimed, and rest on accepted evidence."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_24_0520"
down_revision = "2026_11_24_0235"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "claims",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cycle", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("indicator", sa.Text(), nullable=False),
        sa.Column("number_of_document", sa.Text()),
        sa.Column("organ", sa.Text()),
        sa.Column("level", sa.Text()),
        sa.Column("matter", sa.Text()),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("evidence", postgresql.JSONB(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("applied_by", sa.Text(), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("steps", postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(["cycle"], ["appraisal.cycles.key"]),
        sa.ForeignKeyConstraint(["unit"], ["appraisal.units.code"]),
        sa.PrimaryKeyConstraint("id"),
        schema="appraisal",
    )
    op.create_index("claims_by_number", "claims", ["cycle", "number"], unique=True, schema="appraisal")
    op.create_index("claims_of_a_unit", "claims", ["cycle", "unit"], schema="appraisal")
    op.create_index("claims_by_evidence", "claims", ["evidence"], schema="appraisal", postgresql_using="gin")
    op.create_table(
        "proofs",
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("unit", sa.Text()),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("is_sound", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("evidence", "revision"),
        schema="appraisal",
    )


def downgrade() -> None:
    op.drop_table("proofs", schema="appraisal")
    op.drop_table("claims", schema="appraisal")
