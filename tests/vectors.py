"""The worked examples and the real data that stand beside the checkout."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]


def _beside(variable: str, name: str) -> Path:
    return Path(os.environ.get(variable, str(ROOT.parent / "shared" / name)))  # noqa: TID251 - where the examples lie is said here alone


def cases(name: str) -> list[Any]:
    """The lines of `<name>.jsonl` as pytest parameters, each named by its sentence; one skipped case when the folder is absent."""
    path = _beside("KAOHE_VECTORS", "vectors") / f"{name}.jsonl"
    if not path.exists():
        reason = f"no worked examples at {path.parent}; set KAOHE_VECTORS"
        return [pytest.param(None, marks=[pytest.mark.skip(reason=reason), pytest.mark.vectors])]
    lines = [json.loads(line) for line in path.read_text().splitlines() if line]
    return [pytest.param(case, id=case["name"], marks=pytest.mark.vectors) for case in lines]


def data(name: str) -> Path:
    """A file or folder of the real case data; skips the test when it is absent."""
    path = _beside("KAOHE_DATA", "data") / name
    if not path.exists():
        pytest.skip(f"no real data at {path}; set KAOHE_DATA")
    return path
