"""state(shuffle(facts) + duplicates) == state(facts), and so for everything that is computed from it."""

from collections.abc import Mapping
from dataclasses import replace
from functools import reduce
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.ledger.domain.contributions import Amount, Catalogue, Place, deltas
from scoring.ledger.domain.facts import BatchClosed, Event
from scoring.ledger.domain.records import Record, RecordKey, fold, merge, record_key
from scoring.ledger.domain.recount import changed, differences, recount
from scoring.ledger.domain.values import Kind
from scoring.ledger.store.codec import decoded, encoded
from tests.unit.scoring.ledger.events import CASES, KEEPING, KINDS, counted, event, observed, withdrawn

UNITS = ("a", "b", None)
ALIASES = {(CASES.uri, unit): f"unit-{unit}" for unit in UNITS if unit}
PLAIN = [
    counted(1),
    counted(2, where=[["status", "=", "closed"]], take={"sum": "amount"}),
    counted(3, take={"days": ["filed_on", "closed_on"]}),
]
FIRST = {"attribute": "due_on", "take": "first"}
HISTORIC = [
    counted(4, KEEPING, at=FIRST, take={"sum": {"attribute": "due_on", "take": "changes"}}),
    counted(5, KEEPING, at="due_on", unit_on=FIRST, where=[["status", "ever", "closed"]]),
    counted(6, KEEPING, at="due_on", unit_on="due_on", where=[["status", "never", "closed"]]),
]
Kinds = Mapping[str, Kind]
both = pytest.mark.parametrize("kinds", [KINDS, KEEPING], ids=["plain", "with histories"])


def catalogue(kinds: Kinds) -> Catalogue:
    return Catalogue([*PLAIN, *HISTORIC] if kinds is KEEPING else PLAIN, ALIASES)


DAYS = st.sampled_from(["2026-02-27", "2026-03-02", "2026-03-31", "2026-04-01", "soon", None])
SETS = st.fixed_dictionaries(
    {},
    optional={
        "status": st.sampled_from(["open", "closed"]),
        "amount": st.sampled_from(["1.5", "99999999999999999.99", 7, None]),
        "filed_on": DAYS,
        "closed_on": DAYS,
        "due_on": DAYS,
    },
)


@st.composite
def facts(draw: st.DrawFn) -> list[Event]:
    """Facts without conflicts: each id is used once."""
    return [event(draw(documents(f"e-{number}"))) for number in range(draw(st.integers(0, 12)))]


@st.composite
def documents(draw: st.DrawFn, id_: str) -> dict[str, Any]:
    subject, minute = draw(st.sampled_from(["case-1", "case-2", "case-3"])), draw(st.sampled_from([0, 1, 2, 1_440]))
    if draw(st.integers(0, 4)) == 0:
        return withdrawn(id_, subject=subject, minute=minute)
    unit = draw(st.sampled_from([*UNITS, "silent"]))
    return observed(id_, subject=subject, minute=minute, set=draw(SETS), **({} if unit == "silent" else {"unit": unit}))


@both
@given(given_facts=facts(), data=st.data())
def test_order_and_duplicates_change_nothing(given_facts: list[Event], data: st.DataObject, kinds: Kinds) -> None:
    again = data.draw(st.lists(st.sampled_from(given_facts))) if given_facts else []
    shuffled = data.draw(st.permutations([*given_facts, *again]))
    assert changed(fold(given_facts, kinds).records, fold(shuffled, kinds).records) == []
    assert fold(shuffled, kinds).conflicts == []


@both
@given(given_facts=facts(), data=st.data())
def test_totals_kept_batch_by_batch_are_those_of_a_recount(given_facts: list[Event], data: st.DataObject, kinds: Kinds) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(given_facts)))))
    records: dict[RecordKey, Record] = {}
    totals: dict[Place, Amount] = {}
    for begin, end in zip([0, *cuts], [*cuts, len(given_facts)], strict=True):
        take(given_facts[begin:end], records, totals, kinds)
    assert differences(totals, recount(fold(given_facts, kinds).records.values(), catalogue(kinds))) == []


@given(given_facts=facts())
def test_keeping_histories_changes_nothing_else_about_a_record(given_facts: list[Event]) -> None:
    keeping = fold(given_facts, KEEPING).records
    assert {key: replace(record, histories={}, units=()) for key, record in keeping.items()} == fold(given_facts).records


@given(given_facts=facts())
def test_a_record_with_history_is_stored_and_read_back_as_it_was(given_facts: list[Event]) -> None:
    for record in fold(given_facts, KEEPING).records.values():
        assert decoded(record.source, record.subject, record.kind, encoded(record)) == record


def take(batch: list[Event], records: dict[RecordKey, Record], totals: dict[Place, Amount], kinds: Kinds) -> None:
    before = {record_key(fact): records.get(record_key(fact), Record(*record_key(fact))) for fact in batch}
    after = reduce(lambda held, fact: merged(held, fact, kinds), batch, dict(before))
    counting = catalogue(kinds)
    for key, record in after.items():
        for place, amount in deltas(counting.contributions(before[key]), counting.contributions(record)).items():
            totals[place] = totals.get(place, Amount(0, 0)) + amount
    records.update(after)


def merged(records: dict[RecordKey, Record], fact: Event, kinds: Kinds) -> dict[RecordKey, Record]:
    assert not isinstance(fact, BatchClosed)
    return records | {record_key(fact): merge(records[record_key(fact)], fact, kinds)}
