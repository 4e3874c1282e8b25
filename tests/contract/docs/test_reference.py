import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

DOCS = Path(__file__).parents[3] / "docs"
PAGES = ("topics.md", "metrics.md", "settings.md", "permissions.md")


@pytest.fixture(scope="module")
def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", DOCS / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", PAGES)
def test_the_page_says_what_the_code_says(generator: ModuleType, name: str) -> None:
    assert (DOCS / "reference" / name).read_text() == generator.pages()[name], "run: make docs"


def test_every_route_declares_who_may_call_it(generator: ModuleType) -> None:
    """A route of any service that forgets its roles would be open to everybody."""
    assert "UNDECLARED" not in generator.permissions_page()
