"""Points that people set by hand."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_24_0212"
down_revision = "2026_11_24_0211"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "overrides",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cycle", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("indicator", sa.Text(), nullable=False),
        sa.Column("points", sa.Numeric(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("evidence", postgresql.JSONB(), nullable=False),
        sa.Column("proposed_by", sa.Text(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("approved_by", sa.Text(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lifting", sa.Text(), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["cycle"], ["appraisal.cycles.key"]),
        sa.ForeignKeyConstraint(["unit"], ["appraisal.units.code"]),
        sa.PrimaryKeyConstraint("id"),
        schema="appraisal",
    )
    op.create_index(
        "overrides_in_force",
        "overrides",
        ["cycle", "unit", "indicator"],
        unique=True,
        schema="appraisal",
        postgresql_where=sa.text("state in ('in_force', 'lifting')"),
    )


def downgrade() -> None:
    op.drop_table("overrides", schema="appraisal")
