import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[3]
LOCK = """# made by a tool
alpha==1.0 \\
    --hash=sha256:aa \\
    --hash=sha256:ab
beta==1.9 ; python_full_version < '3.12' \\
    --hash=sha256:ba
beta==2.0 ; python_full_version >= '3.12' \\
    --hash=sha256:bb
"""


@pytest.fixture(scope="module")
def locked() -> ModuleType:
    spec = importlib.util.spec_from_file_location("locked", ROOT / "deploy/images/locked.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_needed_package_comes_with_all_its_hashes_and_the_others_stay_out(locked: ModuleType) -> None:
    assert locked.needed_of(LOCK, "alpha==1.0\n") == "alpha==1.0 \\\n    --hash=sha256:aa \\\n    --hash=sha256:ab\n"


def test_a_package_whose_version_depends_on_the_platform_comes_with_all_its_versions(locked: ModuleType) -> None:
    assert locked.needed_of(LOCK, "beta==1.9\n").count("beta==") == 2


def test_a_package_that_is_not_in_the_lock_is_an_error_that_says_what_to_run(locked: ModuleType) -> None:
    with pytest.raises(LookupError, match=r"gamma.*make lock"):
        locked.needed_of(LOCK, "gamma==1.0\n")


def test_every_package_of_the_real_lock_has_hashes(locked: ModuleType) -> None:
    found = locked.blocks((ROOT / "requirements.lock").read_text())
    assert len(found) > 50
    assert [name for name, blocks in found.items() if not all("--hash=sha256:" in block for block in blocks)] == []
