"""Mappings, runs with their rejects, registers with their rows."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_23_1915"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "mapping",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("added_by", sa.Text, nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "run",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("mapping", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("slug", sa.Text, nullable=False),
        sa.Column("file", sa.Text, nullable=False),
        sa.Column("day", sa.Date),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("rows", sa.BigInteger, nullable=False),
        sa.Column("observed", sa.BigInteger, nullable=False),
        sa.Column("withdrawn", sa.BigInteger, nullable=False),
        sa.Column("skipped", sa.BigInteger, nullable=False),
        sa.Column("rejected", sa.BigInteger, nullable=False),
        sa.Column("units", postgresql.JSONB, nullable=False),
        sa.Column("started_by", sa.Text, nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("clock_timestamp()")),
    )
    op.create_index("run_latest", "run", ["started_at"])
    op.create_index("run_one_a_source", "run", ["slug"], unique=True, postgresql_where=sa.text("state = 'running'"))
    op.create_table(
        "reject",
        sa.Column("run", sa.Uuid, sa.ForeignKey("run.id"), primary_key=True),
        sa.Column("number", sa.BigInteger, primary_key=True),
        sa.Column("place", sa.BigInteger, nullable=False),
        sa.Column("case", sa.Text),
        sa.Column("key", sa.Text),
        sa.Column("reason", sa.Text, nullable=False),
    )
    op.create_table(
        "register",
        sa.Column("slug", sa.Text, primary_key=True),
        sa.Column("run", sa.Uuid, sa.ForeignKey("run.id")),
        sa.Column("day", sa.Date),
        sa.Column("edition", sa.Integer),
        sa.Column("rows", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("pending_run", sa.Uuid, sa.ForeignKey("run.id")),
        sa.Column("pending_day", sa.Date),
        sa.Column("pending_edition", sa.Integer),
    )
    op.create_table(
        "register_row",
        sa.Column("run", sa.Uuid, sa.ForeignKey("run.id"), primary_key=True),
        sa.Column("key", sa.Text(collation="C"), primary_key=True),
        sa.Column("digest", sa.Text),
        sa.Column("unit", sa.Text),
        sa.Column("values", postgresql.JSONB),
        sa.Column("updated", sa.DateTime(timezone=True)),
        sa.Column("number", sa.BigInteger, nullable=False),
    )


def downgrade() -> None:
    for table in ("register_row", "register", "reject", "run", "mapping"):
        op.drop_table(table)
