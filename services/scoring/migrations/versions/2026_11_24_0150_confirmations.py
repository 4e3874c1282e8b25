"""Data confirmation: periods that are opened, where units stand, disputes, locked figures and adjustments."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_24_0150"
down_revision = "2026_11_24_0130"
branch_labels = None
depends_on = None

SCHEMA = "appraisal"
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "confirmations",
        sa.Column("cycle", sa.Text(), sa.ForeignKey("appraisal.cycles.key"), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("by", sa.Date(), nullable=False),
        sa.Column("opened_by", sa.Text(), nullable=False),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("cycle", "period"),
        schema=SCHEMA,
    )
    op.create_table(
        "unit_confirmations",
        sa.Column("cycle", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), sa.ForeignKey("appraisal.units.code"), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("basis", sa.Text()),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("cycle", "period", "unit"),
        sa.ForeignKeyConstraint(
            ["cycle", "period"], ["appraisal.confirmations.cycle", "appraisal.confirmations.period"], name="confirmations_of_units"
        ),
        schema=SCHEMA,
    )
    op.create_index(
        "unit_confirmations_that_lapse",
        "unit_confirmations",
        ["cycle", "period"],
        schema=SCHEMA,
        postgresql_where=sa.text("state in ('open', 'decided')"),
    )
    op.create_table(
        "disputes",
        sa.Column("id", sa.Uuid(), nullable=False),
        *(
            sa.Column(name, sa.Text(), nullable=False)
            for name in ("cycle", "period", "unit", "source", "subject", "measure", "reason", "raised_by")
        ),
        sa.Column("raised_at", INSTANT, nullable=False),
        sa.Column("outcome", sa.Text()),
        sa.Column("decision", sa.Text()),
        sa.Column("decided_by", sa.Text()),
        sa.Column("decided_at", INSTANT),
        sa.PrimaryKeyConstraint("id"),
        schema=SCHEMA,
    )
    op.create_index("disputes_of_a_unit", "disputes", ["cycle", "period", "unit"], schema=SCHEMA)
    op.create_table(
        "locks",
        sa.Column("cycle", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("unit", sa.Text(), sa.ForeignKey("appraisal.units.code"), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("positions", postgresql.JSONB(), nullable=False),
        sa.Column("locked_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("cycle", "version", "unit", "period"),
        schema=SCHEMA,
    )
    op.create_table(
        "locked_figures",
        *_place(),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.Numeric(), nullable=False),
        sa.PrimaryKeyConstraint("cycle", "version", "unit", "measure", "month"),
        schema=SCHEMA,
    )
    op.create_table(
        "adjustments",
        sa.Column("id", sa.Uuid(), nullable=False),
        *_place(),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.Numeric(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("records", postgresql.JSONB(), nullable=False),
        sa.Column("positions", postgresql.JSONB(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id"),
        schema=SCHEMA,
    )
    op.create_index("adjustments_of_a_unit", "adjustments", ["cycle", "version", "unit"], schema=SCHEMA)


def downgrade() -> None:
    for table in ("adjustments", "locked_figures", "locks", "disputes", "unit_confirmations", "confirmations"):
        op.drop_table(table, schema=SCHEMA)


def _place() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("cycle", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("measure", sa.Text(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
    )
