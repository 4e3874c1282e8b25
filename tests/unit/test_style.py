"""What no tool knows: how long a file and a function may be, and which names explain nothing."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = ("services", "shared", "cli", "deploy", "tests", "bench")
LONGEST_FILE = 400
LONGEST_FUNCTION = 50
SILENT_NAMES = {"utils", "helpers", "common", "base", "constants", "types", "managers"}

FILES = sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py") if "migrations" not in path.parts)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_stays_short_and_well_named(path: Path) -> None:
    text = path.read_text()
    assert len(text.splitlines()) <= LONGEST_FILE
    assert path.stem not in SILENT_NAMES
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert (node.end_lineno or node.lineno) - node.lineno < LONGEST_FUNCTION, node.name
