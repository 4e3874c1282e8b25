"""Answers as tables on a terminal, or as JSON for other programs."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.table import Table

from cli.client import console

Rows = Iterable[Mapping[str, Any]]
ADDRESSING = ("id", "source", "code", "unit")  # what the next command takes is never cut


def show(rows: Rows, columns: Sequence[str], *, as_json: bool) -> None:
    """The named columns of each row; `as_json` prints the rows whole."""
    found = list(rows)
    if as_json:
        print(json.dumps(found, ensure_ascii=False, indent=1))
        return
    table = Table()
    for name in columns:
        table.add_column(name, overflow="fold", no_wrap=name in ADDRESSING)
    for row in found:
        table.add_row(*(cell(row.get(name)) for name in columns))
    console.print(table)


def cell(value: object) -> str:
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return "" if value is None else str(value)


def tell(answer: object) -> None:
    """An answer as it came, one field a line."""
    if isinstance(answer, dict):
        for name, value in answer.items():
            console.print(f"{name}: {cell(value)}", markup=False, highlight=False)
    elif answer is not None:
        console.print(cell(answer), markup=False)
