"""Statements: records that a unit explains, and who accepted and approved them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_24_0151"
down_revision = "2026_11_24_0150"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "statements",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cycle", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), sa.ForeignKey("appraisal.units.code"), nullable=False),
        sa.Column("indicator", sa.Text()),
        sa.Column("measures", postgresql.JSONB(), nullable=False),
        sa.Column("records", postgresql.JSONB(), nullable=False),
        sa.Column("evidence", postgresql.JSONB(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("filed_by", sa.Text(), nullable=False),
        sa.Column("filed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("steps", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        schema="appraisal",
    )
    op.create_index("statements_of_a_unit", "statements", ["cycle", "unit"], schema="appraisal")


def downgrade() -> None:
    op.drop_table("statements", schema="appraisal")
