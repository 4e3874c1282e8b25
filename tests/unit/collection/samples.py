"""Small mappings and rows that the tests share."""

from collection.domain.building import mapping_from
from collection.domain.mappings import FileMapping
from collection.domain.rows import Place, Row

EVENTS = """
name = "cases"
title = "案件"
mode = "events"
[source]
uri = "urn:test:cases"
slug = "cases"
[input]
format = "csv"
[record]
kind = "case"
key = ["no"]
unit = "office"
time = { from = "at", formats = ["YYYY-MM-DD hh:mm"] }
[attributes]
status = { type = "text", from = "status" }
amount = { type = "number", from = "amount", thousands = "," }
"""

REGISTER = """
name = "register"
title = "登记簿"
mode = "snapshots"
[source]
uri = "urn:test:register"
slug = "register"
[input]
format = "jsonl"
[record]
kind = "penalty"
key = ["office", "no"]
unit = "office"
[snapshot]
updated = { from = "updated", formats = ["YYYY/MM/DD hh:mm"] }
day_in_name = "YYYY-MM-DD"
[attributes]
on = { type = "date", from = "on", formats = ["YYYY/MM/DD"], required = true }
revoked = { type = "boolean", from = "revoked", yes = ["是"], no = ["否"] }
"""


def events(**changed: str) -> FileMapping:
    return mapping_from(_changed(EVENTS, changed))


def register(**changed: str) -> FileMapping:
    return mapping_from(_changed(REGISTER, changed))


def _changed(text: str, changed: dict[str, str]) -> str:
    """Each `name="line"` takes the place of the line of the document that begins with the name; an empty line takes it away."""
    lines = text.splitlines()
    for name, line in changed.items():
        lines = [line if one.split(" ")[0] == name else one for one in lines]
    return "\n".join(lines)


def row(number: int = 2, case: str | None = None, /, **fields: str) -> Row:
    return Row(Place(number, case), fields)


CASE = {"no": "7", "office": "A", "at": "2026-03-02 09:30", "status": "open", "amount": "1,200.50"}
PENALTY = {"office": "A", "no": "1", "on": "2026/03/02", "revoked": "否", "updated": "2026/03/05 01:00"}
