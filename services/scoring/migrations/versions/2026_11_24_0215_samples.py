"""Several samples of an indicator count beside one another."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_24_0215"
down_revision = "2026_11_24_0212"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("marks", sa.Column("sample", sa.Text(), server_default="", nullable=False), schema="appraisal")
    op.add_column("marks", sa.Column("counts_beside", sa.Boolean(), server_default=sa.false(), nullable=False), schema="appraisal")


def downgrade() -> None:
    op.drop_column("marks", "counts_beside", schema="appraisal")
    op.drop_column("marks", "sample", schema="appraisal")
