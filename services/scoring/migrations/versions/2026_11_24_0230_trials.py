"""Trials of drafts: that one was made, when and by whom."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_24_0230"
down_revision = "2026_11_24_0225"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "trials",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("cycle", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("records", sa.BigInteger(), nullable=False),
        sa.Column("milliseconds", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.ForeignKeyConstraint(["cycle", "version"], ["appraisal.schemes.cycle", "appraisal.schemes.version"], name="trials_of_a_scheme"),
        schema="appraisal",
    )
    op.create_index("trials_by_scheme", "trials", ["cycle", "version", "id"], schema="appraisal")


def downgrade() -> None:
    op.drop_table("trials", schema="appraisal")
