"""Groups have an order: as they were registered."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_23_2345"
down_revision = "2026_11_23_2310"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("groups", sa.Column("place", sa.BigInteger(), sa.Identity(), nullable=False), schema="appraisal")


def downgrade() -> None:
    op.drop_column("groups", "place", schema="appraisal")
