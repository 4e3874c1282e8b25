"""How far a count of records has come."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Of a scheme's measures; how many records are `expected` is an estimate until the end is reached."""

    count: str
    records: int
    expected: int
    per_second: int
