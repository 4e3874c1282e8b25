"""Votes by one-time codes: codes as keyed digests, papers sealed, both deleted when the vote ends."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_24_0210"
down_revision = "2026_11_24_0200"
branch_labels = None
depends_on = None


def upgrade() -> None:
    instant = sa.DateTime(timezone=True)
    op.create_table(
        "votes",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("cycle", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("document", postgresql.JSONB(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("lock", sa.LargeBinary(), nullable=False),
        sa.Column("secret", sa.LargeBinary()),
        sa.Column("opened_by", sa.Text(), nullable=False),
        sa.Column("opened_at", instant, nullable=False),
        sa.Column("closes_at", instant, nullable=False),
        sa.Column("ended_by", sa.Text()),
        sa.Column("ended_at", instant),
        sa.Column("reason", sa.Text()),
        sa.Column("result", postgresql.JSONB()),
        sa.PrimaryKeyConstraint("key"),
        schema="ballots",
    )
    op.create_index("ix_ballots_votes_cycle", "votes", ["cycle"], schema="ballots")
    op.create_table(
        "classes",
        sa.Column("vote", sa.Text(), sa.ForeignKey("ballots.votes.key"), nullable=False),
        sa.Column("class", sa.Text(), nullable=False),
        sa.Column("issued", sa.Integer(), nullable=False),
        sa.Column("issued_by", sa.Text(), nullable=False),
        sa.Column("issued_at", instant, nullable=False),
        sa.Column("second", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("vote", "class"),
        schema="ballots",
    )
    op.create_table(
        "codes",
        sa.Column("vote", sa.Text(), sa.ForeignKey("ballots.votes.key"), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("class", sa.Text(), nullable=False),
        sa.Column("used", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("vote", "digest"),
        schema="ballots",
    )
    op.create_table(
        "papers",
        sa.Column("vote", sa.Text(), sa.ForeignKey("ballots.votes.key"), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("class", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("vote", "sealed"),
        schema="ballots",
    )


def downgrade() -> None:
    for table in ("papers", "codes", "classes", "votes"):
        op.drop_table(table, schema="ballots")
