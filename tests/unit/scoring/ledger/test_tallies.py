from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.ledger.domain.contributions import Amount, Catalogue, Place, add_up
from scoring.ledger.domain.records import Held, Record, fold
from scoring.ledger.domain.tallies import Tally
from tests.unit.scoring.ledger.events import CASES, KEEPING, counted, event, observed

DAYS = ["2026-03-09", "2026-04-01", "2025-12-31", "soon", None]
VALUES: Mapping[str, st.SearchStrategy[Any]] = {
    "status": st.sampled_from(["open", "closed", None, True, 1, ["closed"], {}]),
    "amount": st.sampled_from(["1", "1.0", 1, Decimal("1.0"), Decimal("1.00"), True, False, 0, None, [1]]),
    "urgent": st.sampled_from([True, False, 1, 0, "true", None]),
    "filed_on": st.sampled_from(DAYS),
    "closed_on": st.sampled_from(DAYS),
    "due_on": st.sampled_from(DAYS),
}
MEASURES: tuple[dict[str, Any], ...] = (
    {},
    {"where": [["status", "=", "closed"]]},
    {"where": [["status", "present"]], "take": {"sum": "amount"}},
    {"where": [["urgent", "!=", True]], "source": "hotline"},
    {"at": "due_on", "where": [["closed_on", "<=", {"attribute": "due_on", "plus_days": 3}]]},
    {"take": {"working_days": ["filed_on", "closed_on"]}},
)
STAMP = (0, "e-1")
RECORDS = st.builds(
    lambda source, unit, withdrawn, kind, values: Record(
        source, "case-1", kind, Held(unit, STAMP), Held(withdrawn, STAMP), {name: Held(value, STAMP) for name, value in values.items()}
    ),
    st.sampled_from(["case-system", "hotline"]),
    st.sampled_from(["east", "west", "nowhere", None]),
    st.booleans(),
    st.sampled_from(["case", "case", "case", "complaint", None]),
    st.fixed_dictionaries({}, optional=VALUES),
)
ALIASES = {("case-system", "east"): "u-east", ("hotline", "east"): "u-hot", ("case-system", "west"): "u-west"}


@given(st.lists(RECORDS, max_size=40))
def test_a_tally_is_the_sum_of_the_contributions_whatever_was_remembered(records: list[Record]) -> None:
    catalogue = Catalogue([counted(number, **document) for number, document in enumerate(MEASURES)], ALIASES)
    tally = Tally(catalogue)
    sums: dict[Place, Amount] = {}
    wanted: dict[Place, Amount] = {}
    for record in records:
        tally.add(sums, record)
        add_up(wanted, catalogue.contributions(record))
    assert sums == wanted


@pytest.mark.parametrize(
    "document",
    [{"at": {"attribute": "due_on", "take": "first"}}, {"unit_on": "due_on"}, {"where": [["status", "ever", "closed"]]}],
    ids=str,
)
def test_what_a_record_was_counts_though_it_reads_the_same_now(document: dict[str, Any]) -> None:
    catalogue = Catalogue([counted(1, KEEPING, **document)], {(CASES.uri, "east"): "u-east", (CASES.uri, "west"): "u-west"})
    now: dict[str, Any] = {"unit": "west", "set": {"due_on": "2026-03-10", "closed_on": "2026-03-15", "status": "open"}}
    before: dict[str, Any] = {"unit": "east", "set": {"due_on": "2026-02-01", "closed_on": "2026-03-15", "status": "closed"}}
    sums: dict[Place, Amount] = {}
    wanted: dict[Place, Amount] = {}
    tally = Tally(catalogue)
    for observations in ([now], [before, now | {"minute": 30 * 24 * 60}]):
        facts = [event(observed(f"e-{number}", **one)) for number, one in enumerate(observations)]
        (record,) = fold(facts, KEEPING).records.values()
        tally.add(sums, record)
        add_up(wanted, catalogue.contributions(record))
    assert sums == wanted
    assert sum(amount.n for amount in sums.values()) == (1 if "where" in document else 2)
