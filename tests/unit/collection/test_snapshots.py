from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collection.domain.facts import Fact, Observed, Withdrawn
from collection.domain.mappings import Line
from collection.domain.snapshots import Entry, OlderSnapshot, Register, Taken, TooManyWithdrawals, check_withdrawals, edition_of, entries
from tests.unit.collection.samples import PENALTY, register, row

DAY = date(2016, 3, 9)
registers = st.dictionaries(st.sampled_from("abcdef"), st.sampled_from(["open", "paid", None]), max_size=6)


def line(number: int, **fields: str) -> Line:
    found = register().line(row(number, **PENALTY | fields))
    assert isinstance(found, Line)
    return found


def entries_of(values: dict[str, str | None]) -> dict[str, Entry]:
    return {key: Entry(key, "A", {"status": value}) for key, value in values.items()}


def test_of_several_rows_with_one_key_the_latest_update_wins() -> None:
    rows = [line(1, updated="2026/03/06 01:00", revoked="是"), line(2, updated="2026/03/05 01:00", revoked="否")]
    assert entries(rows)["A/1"].values["revoked"] is True


def test_of_rows_updated_at_once_the_last_line_wins() -> None:
    assert entries([line(1, revoked="否"), line(2, revoked="是")])["A/1"].values["revoked"] is True


def test_without_update_times_the_last_line_wins() -> None:
    plain = register(updated="")
    rows = [plain.line(row(number, **PENALTY | {"revoked": word})) for number, word in ((1, "是"), (2, "否"))]
    assert entries(one for one in rows if isinstance(one, Line))["A/1"].values["revoked"] is False


def test_an_entry_is_the_same_whatever_the_order_of_its_attributes() -> None:
    assert Entry("k", "A", {"a": "1", "b": None}).digest == Entry("k", "A", {"b": None, "a": "1"}).digest
    assert Entry("k", "A", {"a": "1"}).digest != Entry("k", "B", {"a": "1"}).digest
    assert Entry("k", "A", {"a": True}).digest != Entry("k", "A", {"a": "true"}).digest


def test_what_appears_changes_and_disappears_becomes_facts_of_that_day() -> None:
    facts = Register(mapping=register(), day=DAY, edition=1).difference(
        entries_of({"stays": "open", "changes": "open", "goes": "open"}),
        entries_of({"stays": "open", "changes": "paid", "comes": None}),
    )
    assert [(type(one), one.subject) for one in facts] == [(Observed, "changes"), (Observed, "comes"), (Withdrawn, "goes")]
    assert {one.id for one in facts} == {f"{key}/2016-03-09/001" for key in ("changes", "comes", "goes")}
    assert {one.time.isoformat() for one in facts} == {"2016-03-09T00:00:00+08:00"}


@given(st.lists(registers, min_size=1, max_size=5))
def test_the_facts_of_all_registers_fold_to_the_last_one(history: list[dict[str, str | None]]) -> None:
    facts: list[Fact] = []
    before: dict[str, Entry] = {}
    for number, values in enumerate(history):
        after = entries_of(values)
        facts += Register(mapping=register(), day=DAY + timedelta(days=number), edition=1).difference(before, after)
        before = after
    held: dict[str, str | None] = {}
    for one in sorted(facts, key=lambda fact: (fact.time, fact.id)):
        if isinstance(one, Withdrawn):
            del held[one.subject]
        else:
            held[one.subject] = str(one.values["status"])
    assert held == {key: str(value) for key, value in history[-1].items()}


def test_an_older_register_is_refused_and_one_of_the_same_day_is_its_next_edition() -> None:
    last = Taken(DAY, 2)
    assert edition_of(DAY, None) == 1
    assert edition_of(DAY, last) == 3
    assert edition_of(DAY + timedelta(days=1), last) == 1
    with pytest.raises(OlderSnapshot, match="2016-03-08"):
        edition_of(DAY - timedelta(days=1), last)


def test_a_register_that_lost_too_many_rows_at_once_is_refused() -> None:
    check_withdrawals(gone=20, held=100, most=Fraction(1, 5))
    check_withdrawals(gone=0, held=0, most=Fraction(0))
    with pytest.raises(TooManyWithdrawals, match="21 of 100"):
        check_withdrawals(gone=21, held=100, most=Fraction(1, 5))
