"""What was first, what ever was, how often it changed, and who held a record on a day."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.ledger.domain.contributions import Catalogue, Place, end_of
from scoring.ledger.domain.measures import InvalidMeasure, parse_measure
from scoring.ledger.domain.records import Record, fold
from scoring.ledger.domain.values import SCALE, local_date
from tests.unit.scoring.ledger.events import CASES, KEEPING, KINDS, counted, event, observed

DAY = 24 * 60
FIRST = {"attribute": "due_on", "take": "first"}
CHANGES = {"attribute": "due_on", "take": "changes"}
ALIASES = {(CASES.uri, "east"): "unit-east", (CASES.uri, "west"): "unit-west"}


def record(*observations: dict[str, Any]) -> Record:
    """Observed one after the other, a minute apart where nothing else is said, beginning on the morning of 2 March."""
    facts = [event(observed(f"e-{number}", **{"minute": number} | each)) for number, each in enumerate(observations)]
    (found,) = fold(facts, KEEPING).records.values()
    return found


def due(*values: object) -> Record:
    return record(*({"unit": "east", "set": {"due_on": value, "closed_on": "2026-03-15"}} for value in values))


def places(given_record: Record, **document: object) -> list[tuple[str, str]]:
    found = Catalogue([counted(1, KEEPING, **document)], ALIASES).contributions(given_record)
    return [(place.unit, place.month) for place in found]


def counts(given_record: Record, *where: object) -> bool:
    return bool(places(given_record, where=list(where)))


def changes(given_record: Record) -> int:
    found = Catalogue([counted(1, KEEPING, take={"sum": CHANGES})], ALIASES).contributions(given_record)
    return found[Place(1, "unit-east", "2026-03")].total // SCALE


def test_a_due_date_that_was_moved_neither_saves_a_late_case_nor_moves_its_month() -> None:
    moved = due("2026-03-10", "2026-04-30")
    assert counts(moved, ["closed_on", "<=", {"attribute": "due_on"}])
    assert not counts(moved, ["closed_on", "<=", FIRST])
    assert counts(moved, ["closed_on", "<=", FIRST | {"plus_days": 5}])
    assert counts(moved, [FIRST, "<", {"attribute": "due_on"}], [FIRST, "=", "2026-03-10"])
    assert places(moved, at="due_on") == [("unit-east", "2026-04")]
    assert places(moved, at=FIRST) == [("unit-east", "2026-03")]


def test_a_first_value_of_null_is_missing_and_stays_the_first() -> None:
    late_known = due(None, "2026-03-31")
    assert not counts(late_known, [FIRST, "!=", "2026-01-01"])
    assert counts(late_known, [FIRST, "absent"], ["due_on", "present"])
    assert changes(late_known) == 1


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["2026-03-10"], 0),
        (["2026-03-10", "2026-03-10"], 0),
        (["2026-03-10", "2026-03-11", "2026-03-10"], 2),
        (["2026-03-10", None, "2026-03-10"], 2),
    ],
)
def test_a_value_that_is_observed_again_is_no_change(values: list[object], expected: int) -> None:
    assert changes(due(*values)) == expected
    assert counts(due(*values), [CHANGES, "=", expected])


def test_an_attribute_that_was_never_observed_did_not_change() -> None:
    assert changes(record({"unit": "east", "set": {"closed_on": "2026-03-15"}})) == 0


def test_a_case_that_was_closed_and_reopened_was_closed_once() -> None:
    reopened = record(*({"unit": "east", "set": {"status": status, "closed_on": "2026-03-15"}} for status in ("open", "closed", "open")))
    assert not counts(reopened, ["status", "=", "closed"])
    assert counts(reopened, ["status", "ever", "closed"], ["status", "=", "open"])
    assert not counts(reopened, ["status", "never", "closed"])
    assert counts(reopened, ["status", "never", "withdrawn"])


def test_never_is_false_too_where_there_never_was_a_value() -> None:
    silent = record({"unit": "east", "set": {"status": None, "closed_on": "2026-03-15"}})
    assert not counts(silent, ["status", "never", "closed"])
    assert not counts(silent, ["status", "ever", "closed"])


def handed_over(*units: tuple[int, str | None]) -> Record:
    """`units` with the days after 2 March on which they were observed, at 9 in the morning."""
    first, *others = [dict[str, Any](minute=day * DAY, unit=unit, set={}) for day, unit in units]
    return record(first | {"set": {"due_on": "2026-03-10", "closed_on": "2026-03-15"}}, *others)


@pytest.mark.parametrize(
    ("units", "expected"),
    [
        ([(0, "east")], "unit-east"),
        ([(0, "east"), (11, "west")], "unit-east"),
        ([(0, "east"), (8, "west")], "unit-west"),
        ([(9, "east"), (11, "west")], "unit-east"),
        ([(0, "east"), (5, "nobody's code"), (11, "west")], None),
        ([(0, "east"), (5, None), (11, "west")], None),
        ([(0, None), (11, "west"), (12, "east")], "unit-west"),
        ([(0, "east"), (11, None)], "unit-east"),
    ],
    ids=str,
)
def test_a_record_counts_for_the_unit_that_held_it_when_the_day_ended(units: list[tuple[int, str | None]], expected: str | None) -> None:
    assert [unit for unit, _ in places(handed_over(*units), unit_on="due_on")] == ([expected] if expected else [])


def test_the_day_ends_at_midnight_in_the_zone_of_the_cycle() -> None:
    last_minute = handed_over((0, "east"), (8, "east"))
    before, after = ({"minute": 8 * DAY + 15 * 60 - 1, "unit": "west", "set": {}}, {"minute": 8 * DAY + 15 * 60, "unit": "west", "set": {}})
    first = {"unit": "east", "set": {"due_on": "2026-03-10", "closed_on": "2026-03-15"}}
    assert places(last_minute, unit_on="due_on") == [("unit-east", "2026-03")]
    assert places(record(first, before), unit_on="due_on") == [("unit-west", "2026-03")]
    assert places(record(first, after), unit_on="due_on") == [("unit-east", "2026-03")]


def test_a_record_without_the_day_counts_for_nobody() -> None:
    assert places(record({"unit": "east", "set": {"closed_on": "2026-03-15"}}), unit_on="due_on") == []


def test_the_unit_of_the_first_due_date_is_not_changed_by_moving_it() -> None:
    first = {"unit": "east", "set": {"due_on": "2026-03-05", "closed_on": "2026-03-15"}}
    moved = record(first, {"minute": 6 * DAY, "unit": "west", "set": {"due_on": "2026-03-31"}})
    assert places(moved, unit_on="due_on") == [("unit-west", "2026-03")]
    assert places(moved, unit_on=FIRST) == [("unit-east", "2026-03")]


@given(st.dates(), st.sampled_from(["Asia/Shanghai", "America/Sao_Paulo", "Pacific/Kiritimati", "UTC"]), st.integers(-1, 0))
def test_the_end_of_a_day_divides_its_instants_from_those_of_the_next(day: date, name: str, before: int) -> None:
    zone = ZoneInfo(name)
    at = datetime(1970, 1, 1, tzinfo=ZoneInfo("UTC"))
    try:
        moment = at + timedelta(microseconds=end_of(day, zone) + before)
    except OverflowError:
        assert abs(day.year - 5_000) > 4_990
        return
    found = local_date(moment, zone)
    assert found is None or (found <= day) == (before < 0)


def problems(**changed: object) -> list[str]:
    with pytest.raises(InvalidMeasure) as caught:
        parse_measure("m", {"kind": "case", "at": "closed_on"} | changed, kinds=KEEPING)
    return [problem.path.removeprefix("measures.m").lstrip(".") for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("changed", "paths"),
    [
        ({"at": {"attribute": "filed_on", "take": "first"}}, ["at.attribute"]),
        ({"at": {"attribute": "due_on", "take": "changes"}}, ["at.take"]),
        ({"at": {"attribute": "due_on", "take": "second"}}, ["at.take"]),
        ({"at": {"attribute": "due_on", "plus_days": 3}}, ["at.plus_days"]),
        ({"unit_on": "status"}, ["unit_on"]),
        ({"take": {"sum": FIRST}}, ["take.sum.attribute"]),
        ({"take": {"days": [FIRST, {"attribute": "filed_on", "take": "first"}]}}, ["take.days[1].attribute"]),
        ({"where": [["filed_on", "ever", "2026-03-31"]]}, ["where[0][0]"]),
        ({"where": [["status", "ever", 7]]}, ["where[0][2]"]),
        ({"where": [["status", "never"]]}, ["where[0]"]),
        ({"where": [["due_on", "ever", {"attribute": "closed_on"}]]}, ["where[0][2]"]),
        ({"where": [[FIRST, "ever", "2026-03-31"]]}, ["where[0][0]"]),
        ({"where": [[CHANGES, "present"]]}, ["where[0][0]"]),
        ({"where": [[CHANGES, "<", "soon"]]}, ["where[0][2]"]),
        ({"where": [["closed_on", "<", CHANGES]]}, ["where[0][2].take"]),
    ],
    ids=str,
)
def test_a_mistake_about_histories_is_named_by_its_path(changed: dict[str, object], paths: list[str]) -> None:
    assert problems(**changed) == paths


def test_a_kind_without_history_is_told_how_to_get_one() -> None:
    with pytest.raises(InvalidMeasure, match=r"due_on: \{type: ..., history: true\}.*请先在类别中声明"):
        parse_measure("m", {"kind": "case", "at": "closed_on", "unit_on": "due_on"}, kinds=KINDS)


def test_codes_of_a_record_that_never_changed_hands_are_no_former_ones() -> None:
    assert handed_over((0, "east"), (1, "east")).former_codes == frozenset()
    assert handed_over((0, "east"), (1, None)).former_codes == {"east"}
    assert handed_over((0, "east"), (1, "west"), (2, "east")).former_codes == {"east", "west"}
