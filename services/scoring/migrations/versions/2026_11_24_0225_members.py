"""Members of leadership teams, marked one by one."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_24_0225"
down_revision = "2026_11_24_0215"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("marks", sa.Column("member", sa.Text(), server_default="", nullable=False), schema="appraisal")
    op.create_table(
        "members",
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["unit"], ["appraisal.units.code"]),
        sa.PrimaryKeyConstraint("unit", "key"),
        schema="appraisal",
    )


def downgrade() -> None:
    op.drop_table("members", schema="appraisal")
    op.drop_column("marks", "member", schema="appraisal")
