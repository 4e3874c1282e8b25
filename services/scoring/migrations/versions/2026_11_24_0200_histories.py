"""Histories: the codes that a record had, and kinds whose records are being folded again."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_24_0200"
down_revision = "2026_11_24_0151"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "holders",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("source", "subject", "code", name=op.f("holders_pkey")),
        schema="ledger",
    )
    op.create_index("holders_of_a_code", "holders", ["source", "code"], unique=False, schema="ledger")
    op.create_table(
        "refolds",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("subject", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("records", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.ForeignKeyConstraint(["kind"], ["ledger.kinds.key"], name=op.f("refolds_kind_fkey")),
        sa.PrimaryKeyConstraint("kind", name=op.f("refolds_pkey")),
        schema="ledger",
    )


def downgrade() -> None:
    op.drop_table("refolds", schema="ledger")
    op.drop_index("holders_of_a_code", table_name="holders", schema="ledger")
    op.drop_table("holders", schema="ledger")
