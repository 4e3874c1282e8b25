"""An indicator's light is kept for the cycle: a repaired red stays yellow."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_24_0235"
down_revision = "2026_11_24_0230"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "lights",
        sa.Column("cycle", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("indicator", sa.Text(), nullable=False),
        sa.Column("light", sa.Text(), nullable=False),
        sa.Column("turned_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["unit"], ["appraisal.units.code"]),
        sa.PrimaryKeyConstraint("cycle", "unit", "indicator"),
        schema="appraisal",
    )


def downgrade() -> None:
    op.drop_table("lights", schema="appraisal")
