"""Which migrations are tried against the commit before them: on a planted history, since the real one may be cut off."""

from pathlib import Path

import pytest

from tests.faults.upgrade.history import must_be_whole, steps
from tests.faults.upgrade.planting import with_added_column
from tests.faults.upgrade.sources import PRESENT, Source, copied, git, of_commit

AUTHOR = ("-c", "user.name=somebody", "-c", "user.email=somebody@example.org", "-c", "commit.gpgsign=false")


async def committed(source: Source, subject: str) -> str:
    await git(source.root, "add", "-A")
    await git(source.root, *AUTHOR, "commit", "-q", "-m", subject)
    return (await git(source.root, "rev-parse", "HEAD")).decode().strip()


async def test_a_migration_that_was_added_is_tried_against_its_parents_source(tmp_path: Path) -> None:
    source = with_added_column("feedback", tmp_path / "tree")
    planted = source.migrations("feedback") / "versions" / "planted.py"
    text = planted.read_text()
    planted.unlink()
    await git(source.root, "init", "-q")
    before = await committed(source, "a release")
    assert await steps(source) == [], "migrations that came with their service met nothing that ran"
    planted.write_text(text)
    (waiting,) = await steps(source)
    assert (waiting.revision, waiting.before) == ("planted", "HEAD")
    await committed(source, "a migration")
    (step,) = await steps(source)
    assert (step.service, step.revision, step.before) == ("feedback", "planted", before)
    old = await of_commit(source.root, step.before, tmp_path / "old")
    assert not (old.migrations("feedback") / "versions" / "planted.py").exists()


async def test_what_a_later_contraction_gave_up_is_not_tried(tmp_path: Path) -> None:
    source = with_added_column("feedback", tmp_path / "tree")
    folder = source.migrations("feedback") / "versions"
    kept = {path: path.read_text() for path in folder.glob("*.py")}
    contraction = "revision = 'contraction'\ndown_revision = 'planted'\ncontracts = 'planted'\n\n\ndef upgrade():\n    pass\n"
    (folder / "planted.py").unlink()
    await git(source.root, "init", "-q")
    await committed(source, "a release")
    (folder / "planted.py").write_text(kept[folder / "planted.py"])
    await committed(source, "an expansion")
    (folder / "contraction.py").write_text(contraction)
    await committed(source, "a contraction")
    assert [step.revision for step in await steps(source)] == ["contraction"]


async def test_a_tree_without_its_history_says_so(tmp_path: Path) -> None:
    exported = copied(PRESENT, tmp_path / "exported")
    with pytest.raises(LookupError, match="git"):
        await must_be_whole(exported.root)
    await git(exported.root, "init", "-q")
    await committed(exported, "first")
    await committed_again(exported)
    await git(tmp_path, "clone", "-q", "--depth", "1", f"file://{exported.root}", "shallow")
    with pytest.raises(LookupError, match="shallow"):
        await must_be_whole(tmp_path / "shallow")


async def committed_again(source: Source) -> None:
    (source.root / "more").write_text("more")
    await committed(source, "second")
