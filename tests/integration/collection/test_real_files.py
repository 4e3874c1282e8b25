"""What the shipped mappings make of the real files, against a count that uses nothing of the platform."""

import tracemalloc
from collections import Counter
from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from collection.domain.building import mapping_from
from collection.domain.facts import Fact, Observed, Withdrawn
from collection.domain.mappings import FileMapping, Line
from collection.domain.rows import Reject, Row
from collection.domain.snapshots import Entry, Register, entries
from collection.readers import FileRows
from tests.integration.collection import raw
from tests.vectors import data

LOG = "traffic-fines/Road_Traffic_Fine_Management_Process.xes.gz"
UPLOAD = 64 * 1024
MOST_MEMORY = 16 * 1024 * 1024  # of Python's own objects; the unpacked log has 185 MB
MANY = 10_000  # events of the log that are enough to see memory grow, if it did

Records = dict[str, dict[str, Any]]


def shipped(name: str) -> FileMapping:
    return mapping_from((resources.files("collection") / "shipped" / f"{name}.toml").read_text("utf-8"))


def rows_of(mapping: FileMapping, path: Path) -> Iterator[Row | Reject]:
    rows = FileRows(mapping)
    with path.open("rb") as file:
        while piece := file.read(UPLOAD):
            yield from rows.feed(piece)
    yield from rows.close()


def merge(records: Records, fact: Fact) -> None:
    """Facts come in the order of their stamps here, so the last one simply wins."""
    if isinstance(fact, Withdrawn):
        del records[fact.subject]
        return
    record = records.setdefault(fact.subject, {})
    record.update(fact.values)
    if fact.unit is not None:
        record["unit"] = fact.unit


@pytest.mark.no_cover  # tracing would double the minutes
@pytest.mark.timeout(900)
def test_the_fines_of_the_whole_log_agree_with_an_independent_count() -> None:
    path, mapping = data(LOG), shipped("traffic-fines")
    counted, records, outcomes = raw.fine_figures(raw.fines(path)), Records(), Counter[str]()
    for row in rows_of(mapping, path):
        assert isinstance(row, Row)
        fact = mapping.observed(row, file=path.name)
        outcomes[type(fact).__name__] += 1
        assert isinstance(fact, Observed)
        merge(records, fact)
    assert outcomes == {"Observed": 561_470}
    paid = [one for one in records.values() if "paid_on" in one]
    days = sum((date.fromisoformat(one["paid_on"]) - date.fromisoformat(one["created_on"])).days for one in paid)
    assert counted == {
        "fines": len(records),
        "paid": len(paid),
        "mean_days_to_payment": Fraction(days, len(paid)),
        "appeals": sum("appealed_on" in one for one in records.values()),
        "judge_appeals": sum("judge_appeal_on" in one for one in records.values()),
    }
    assert (counted["fines"], counted["appeals"]) == (150_370, 4_188)
    assert len({one["unit"] for one in records.values()}) == 147


def test_a_log_is_read_in_constant_memory() -> None:
    path, mapping = data(LOG), shipped("traffic-fines")
    rows = rows_of(mapping, path)
    next(rows)
    tracemalloc.start()
    try:
        for number, row in enumerate(rows):
            assert isinstance(row, Row)
            mapping.observed(row, file=path.name)
            if number == MANY:
                break
        assert tracemalloc.get_traced_memory()[1] < MOST_MEMORY
    finally:
        tracemalloc.stop()


@pytest.mark.no_cover  # tracing would double the minutes
@pytest.mark.timeout(900)
def test_the_authorities_agree_with_an_independent_count_after_each_register() -> None:
    mapping, before, records = shipped("environment-penalties"), dict[str, Entry](), Records()
    for path in sorted(data("environment-penalties").glob("*.xz")):
        day = mapping.day_of(path.name)
        assert day is not None
        assert day.isoformat() in path.name
        lines = [mapping.line(row) for row in rows_of(mapping, path) if isinstance(row, Row)]
        after = entries(line for line in lines if isinstance(line, Line))
        assert not [line for line in lines if isinstance(line, Reject)]
        for fact in Register(mapping=mapping, day=day, edition=1).difference(before, after):
            merge(records, fact)
        assert figures(records) == raw.penalty_figures(raw.penalties(path))
        before = after
    assert len(figures(records)) == 24


def figures(records: Records) -> dict[str, tuple[int, int, int]]:
    counts = Counter(one["unit"] for one in records.values())
    petitions = Counter(one["unit"] for one in records.values() if one["petition"])
    revoked = Counter(one["unit"] for one in records.values() if one["revoked"])
    return {unit: (count, petitions[unit], revoked[unit]) for unit, count in counts.items()}
