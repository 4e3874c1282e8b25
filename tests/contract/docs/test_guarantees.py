import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "guarantees.md").read_text(encoding="utf-8")
ROWS = [line for line in PAGE.splitlines() if line.startswith("|") and not line.startswith(("| promised", "|---"))]


def named(row: str) -> list[tuple[Path, str]]:
    """The tests of a row; `::test` alone means the file named before it."""
    found: list[tuple[Path, str]] = []
    for path, test in re.findall(r"`(tests/[\w/.]+)?::(\w+)`", row):
        found.append((ROOT / path if path else found[-1][0], test))
    return found


def names_in(path: Path) -> set[str]:
    return {node.name for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.split("|")[1].strip()[:60])
def test_every_promise_is_shown_by_tests_that_are_there(row: str) -> None:
    assert named(row), "a promise without a test"
    assert [f"{path.name}::{test}" for path, test in named(row) if test not in names_in(path)] == []
