from pathlib import Path

import pytest

from stack.folder import Folder, forget_abandoned, write_private
from stack.problems import AlreadyRunning


def test_keys_are_made_once_and_kept(tmp_path: Path) -> None:
    first = Folder(tmp_path / "stack").secrets()
    assert Folder(tmp_path / "stack").secrets() == first
    assert len(set(first.values())) == len(first)


def test_two_folders_have_different_keys(tmp_path: Path) -> None:
    one, other = Folder(tmp_path / "one").secrets(), Folder(tmp_path / "other").secrets()
    assert not set(one.values()) & set(other.values())


def test_a_secret_asked_for_later_joins_the_others(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "stack")
    made = folder.secret("role feedback")
    assert folder.secret("role feedback") == made
    assert folder.secrets()["role feedback"] == made


def test_nobody_else_may_read_what_is_private(tmp_path: Path) -> None:
    path = tmp_path / "key"
    write_private(path, "x")
    assert path.stat().st_mode & 0o077 == 0


def test_a_folder_has_one_owner_at_a_time(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "stack")
    with folder.owned(), pytest.raises(AlreadyRunning, match="make stop"), folder.owned():
        pytest.fail("owned twice")
    with folder.owned():
        pass


def test_abandoned_folders_are_removed_and_owned_ones_stay(tmp_path: Path) -> None:
    owned, abandoned = Folder(tmp_path / "test-1"), Folder(tmp_path / "test-2")
    with owned.owned():
        forget_abandoned(tmp_path, "test-*")
    assert owned.root.exists()
    assert not abandoned.root.exists()
