"""Versions that differ from the present one by a migration that a test planted."""

from pathlib import Path
from typing import Final

from alembic.script import ScriptDirectory

from tests.faults.upgrade.sources import PRESENT, Source, copied

TABLES: Final = {
    "collection": ("run", None),
    "evidence": ("revision", None),
    "feedback": ("rectification", None),
    "notification": ("message", None),
    "scoring": ("records", "ledger"),
}


def with_added_column(service: str, folder: Path) -> Source:
    table, schema = TABLES[service]
    body = f'op.add_column("{table}", sa.Column("planted", sa.Text(), server_default="x", nullable=False), schema={schema!r})'
    return with_migration(service, folder, body)


def with_renamed_column(service: str, folder: Path, column: str) -> Source:
    table, schema = TABLES[service]
    return with_migration(service, folder, f'op.alter_column("{table}", "{column}", new_column_name="planted", schema={schema!r})')


def with_migration(service: str, folder: Path, body: str) -> Source:
    planted = copied(PRESENT, folder)
    (head,) = ScriptDirectory(str(planted.migrations(service))).get_heads()
    names = f"revision = 'planted'\ndown_revision = {head!r}\n"
    text = f"import sqlalchemy as sa\nfrom alembic import op\n\n{names}\n\ndef upgrade():\n    {body}\n"
    (planted.migrations(service) / "versions" / "planted.py").write_text(text)
    return planted
