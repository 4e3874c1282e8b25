from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.upgrade.expanding import Chain, chain_of

ROOT = Path(__file__).parents[3]
SERVICES = sorted(path.parent.name for path in (ROOT / "services").glob("*/migrations"))
FIRST = ("2026_01_10_0900", None, 'op.create_table("item", sa.Column("id", sa.Text(), primary_key=True), sa.Column("old", sa.Text()))', "")
TWO_RELEASES = "# Changelog\n\n## 0.3.0 (2026-03-01)\n\nnews\n\n## 0.2.0 (2026-01-10)\n"
DROP = 'op.drop_column("item", "old")'


def written(folder: Path, *migrations: tuple[str, str | None, str, str], changelog: str = "") -> Chain:
    versions = folder / "versions"
    versions.mkdir()
    for revision, before, body, more in migrations:
        head = f"import sqlalchemy as sa\nfrom alembic import op\nrevision = {revision!r}\ndown_revision = {before!r}\n{more}\n"
        (versions / f"{revision}_planted.py").write_text(f"{head}\ndef upgrade():\n    {body}\n")
    return chain_of(folder, changelog)


def all_refusals() -> Iterator[str]:
    for service in SERVICES:
        chain = chain_of(ROOT / "services" / service / "migrations", (ROOT / "CHANGELOG.md").read_text())
        for script in chain.scripts:
            yield from chain.refusals(script)


def test_no_migration_takes_away_what_the_running_version_uses() -> None:
    assert list(all_refusals()) == []


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (DROP, "drops"),
        ('op.drop_table("item")', "drops"),
        ('op.drop_constraint("item_pkey", "item")', "drops"),
        ('op.alter_column("item", "old", new_column_name="new")', "renames"),
        ('op.rename_table("item", "thing")', "renames"),
        ('op.alter_column("item", "old", type_=sa.Integer())', "changes a type"),
        ('op.alter_column("item", "old", nullable=False)', "forbids null"),
        ('op.add_column("item", sa.Column("must", sa.Text(), nullable=False))', "demands a value"),
        ('op.create_unique_constraint("once", "item", ["old"])', "adds a rule"),
        ('op.create_index("once", "item", ["old"], unique=True)', "adds a rule"),
        ('op.create_check_constraint("short", "item", "length(old) < 9")', "adds a rule"),
        ('op.execute("ALTER TABLE item\\n  RENAME old TO new")', "renames"),
        ('op.execute("select 1; truncate item")', "empties"),
    ],
)
def test_a_migration_that_takes_away_is_refused(tmp_path: Path, body: str, said: str) -> None:
    chain = written(tmp_path, FIRST, ("2026_02_10_0900", "2026_01_10_0900", body, ""))
    (refusal,) = chain.refusals(chain.scripts[-1])
    assert said in refusal
    assert "docs/operations/upgrading.md" in refusal


@pytest.mark.parametrize(
    "body",
    [
        'op.add_column("item", sa.Column("new", sa.Text()))',
        'op.add_column("item", sa.Column("new", sa.Integer(), nullable=False, server_default="0"))',
        'op.add_column("item", sa.Column("new", sa.BigInteger(), sa.Identity(always=True), nullable=False))',
        'op.create_index("item_old", "item", ["old"])',
        'op.alter_column("item", "old", nullable=True)',
        'op.create_table("more", sa.Column("id", sa.Text(), nullable=False)); op.create_index("once", "more", ["id"], unique=True)',
        'op.create_table("more", sa.Column("id", sa.Text())); op.create_unique_constraint("once", "more", ["id"])',
        "op.execute(\"insert into item (id) values ('drop table')\")",
    ],
)
def test_a_migration_that_only_adds_is_accepted(tmp_path: Path, body: str) -> None:
    chain = written(tmp_path, FIRST, ("2026_02_10_0900", "2026_01_10_0900", body, ""))
    assert chain.refusals(chain.scripts[-1]) == []


@pytest.mark.parametrize(
    ("contracts", "changelog", "said"),
    [
        ("2026_02_10_0900", TWO_RELEASES, None),
        ("2026_02_10_0900", "# Changelog\n\n## Unreleased\n", "no release lies after"),
        ("2026_02_10_0900", "# Changelog\n\n## 0.2.0 (2026-01-10)\n", "no release lies after"),
        ("2026_04_10_0900", TWO_RELEASES, "no earlier migration"),
        ("2025_04_10_0900", TWO_RELEASES, "no earlier migration"),
    ],
)
def test_what_an_earlier_release_stopped_using_may_go(tmp_path: Path, contracts: str, changelog: str, said: str | None) -> None:
    expands = ("2026_02_10_0900", "2026_01_10_0900", 'op.add_column("item", sa.Column("new", sa.Text()))', "")
    drops = ("2026_04_10_0900", "2026_02_10_0900", DROP, f"contracts = {contracts!r}")
    chain = written(tmp_path, FIRST, expands, drops, changelog=changelog)
    refusals = chain.refusals(chain.scripts[-1])
    assert [each for each in refusals if said is None or said not in each] == []
    assert bool(refusals) is (said is not None)
