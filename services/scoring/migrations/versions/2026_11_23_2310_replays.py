"""An index of what was asked to be replayed."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_23_2310"
down_revision = "2026_11_23_1915"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("quarantine_asked", "quarantine", ["id"], unique=False, schema="ledger", postgresql_where=sa.text("state = 'asked'"))


def downgrade() -> None:
    op.drop_index("quarantine_asked", table_name="quarantine", schema="ledger")
