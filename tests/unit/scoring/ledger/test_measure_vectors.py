from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from kit.workdays import Calendar, shipped
from scoring.ledger.domain.contributions import Catalogue, Counted, Cycle
from scoring.ledger.domain.measures import InvalidMeasure, parse_measure
from scoring.ledger.domain.records import Held, Record
from scoring.ledger.domain.recount import recount
from scoring.ledger.domain.values import SCALE, Kind
from tests.vectors import cases

COVERED = (2024, 2025, 2026)
STAMP = (0, "e-1")


def calendar() -> Calendar:
    years = shipped().years
    return Calendar({year: years[year] for year in COVERED})


@pytest.mark.parametrize("case", cases("measures"))
def test_records_come_to_the_totals_of_the_vectors(case: dict[str, Any]) -> None:
    kinds = {name: Kind.of(name, case["schema"]) for name in ("case", "complaint")}
    if "error" in case["expect"]:
        with pytest.raises(InvalidMeasure):
            parse_measure("m", case["measure"], kinds=kinds)
        return
    cycle = Cycle(case["cycle"]["start"], case["cycle"]["end"], ZoneInfo(case["cycle"].get("zone", "Asia/Shanghai")))
    counted = Counted(1, parse_measure("m", case["measure"], kinds=kinds), cycle, calendar())
    records = [record_of(subject, given) for subject, given in case["records"].items()]
    aliases = {("s", record.unit_code): record.unit_code for record in records if record.unit_code}
    totals: dict[str, Any] = {}
    for place, amount in recount(records, Catalogue([counted], aliases)).items():
        totals.setdefault(place.unit, {})[place.month] = {"n": Fraction(amount.n), "total": Fraction(amount.total, SCALE)}
    assert totals == {unit: {month: exact(amount) for month, amount in months.items()} for unit, months in case["expect"]["totals"].items()}


def exact(amount: dict[str, str]) -> dict[str, Fraction]:
    return {name: Fraction(value) for name, value in amount.items()}


def record_of(subject: str, given: dict[str, Any]) -> Record:
    attributes = {name: Held(value, STAMP) for name, value in given["attributes"].items()}
    return Record("s", subject, given["kind"], Held(given["unit"], STAMP), Held(given["withdrawn"], STAMP), attributes)
