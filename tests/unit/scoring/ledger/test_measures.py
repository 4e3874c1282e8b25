from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from scoring.ledger.domain.contributions import Amount, Catalogue, Place
from scoring.ledger.domain.measures import InvalidMeasure, parse_measure
from scoring.ledger.domain.records import Held, Record
from scoring.ledger.domain.recount import Difference, differences, recount
from scoring.ledger.domain.values import SCALE
from tests.unit.scoring.ledger.events import KINDS, counted

GOOD = {"kind": "case", "at": "closed_on", "where": [["status", "=", "closed"]], "take": "count"}


def problems(**changed: object) -> list[str]:
    with pytest.raises(InvalidMeasure) as caught:
        parse_measure("on_time", GOOD | changed, kinds=KINDS)
    return [problem.path.removeprefix("measures.on_time").lstrip(".") for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("changed", "paths"),
    [
        ({"kind": "dossier"}, ["kind"]),
        ({"at": "status"}, ["at"]),
        ({"at": "gone_on"}, ["at"]),
        ({"at": None}, ["at"]),
        ({"colour": "red"}, ["colour"]),
        ({"unit_on": "due_on"}, ["unit_on"]),
        ({"source": 7}, ["source"]),
        ({"take": "mean"}, ["take"]),
        ({"take": {"sum": "status"}}, ["take.sum"]),
        ({"take": {"sum": "amount", "days": []}}, ["take"]),
        ({"take": {"days": ["status", "amount"]}}, ["take.days[0]", "take.days[1]"]),
        ({"take": {"working_days": ["filed_on", "status"]}}, ["take.working_days[1]"]),
        ({"where": "status"}, ["where"]),
        ({"where": ["status"]}, ["where[0]"]),
        ({"where": [["status", "like", "x"]]}, ["where[0][1]"]),
        ({"where": [["status", "present", 1]]}, ["where[0]"]),
        ({"where": [["status", "="]]}, ["where[0]"]),
        ({"where": [["colour", "=", "red"], ["amount", "=", "ten"]]}, ["where[0][0]", "where[1][2]"]),
        ({"where": [["amount", "<", 1.5]]}, ["where[0][2]"]),
        ({"where": [["urgent", "<", True]]}, ["where[0][1]"]),
        ({"where": [["status", "in", "closed"]]}, ["where[0][2]"]),
        ({"where": [["status", "in", ["closed", 7]]]}, ["where[0][2][1]"]),
        ({"where": [["closed_on", "<=", {"attribute": "amount"}]]}, ["where[0][2].attribute"]),
        ({"where": [["closed_on", "<=", {"attribute": "due_on", "take": "first"}]]}, ["where[0][2].attribute"]),
        ({"where": [["closed_on", "<=", {"attribute": "due_on", "days": 3}]]}, ["where[0][2].days"]),
        ({"where": [["amount", "<=", {"attribute": "amount", "plus_days": 1}]]}, ["where[0][2].plus_days"]),
        ({"where": [["closed_on", "<=", {"attribute": "due_on", "plus_days": "3"}]]}, ["where[0][2].plus_days"]),
    ],
    ids=str,
)
def test_a_mistake_is_named_by_its_path(changed: dict[str, object], paths: list[str]) -> None:
    assert problems(**changed) == paths


def test_a_document_that_is_no_object_is_refused() -> None:
    with pytest.raises(InvalidMeasure, match="is no object"):
        parse_measure("on_time", "count", kinds=KINDS)


def test_a_problem_says_what_would_be_right() -> None:
    with pytest.raises(InvalidMeasure, match="closed_on, due_on, filed_on, heard_at"):
        parse_measure("on_time", GOOD | {"at": "status"}, kinds=KINDS)


def test_dates_and_numbers_may_come_typed_from_yaml() -> None:
    where = [
        ["filed_on", ">=", date(2026, 3, 1)],
        ["amount", ">", Decimal("9.5")],
        ["heard_at", "<", datetime(2026, 3, 2, tzinfo=UTC)],
        ["heard_at", "<=", "2026-03-01"],
    ]
    assert len(parse_measure("on_time", GOOD | {"where": where}, kinds=KINDS).where) == len(where)


def record(**attributes: object) -> Record:
    stamp = (0, "e")
    held = {name: Held(value, stamp) for name, value in ({"closed_on": "2026-03-15"} | attributes).items()}
    return Record("s", "case-1", "case", Held("u", stamp), Held(value=False, stamp=stamp), held)


def total(given: Record, **document: object) -> int | None:
    found = Catalogue([counted(1, **document)], {("s", "u"): "unit-a"}).contributions(given)
    return next(iter(found.values())).total if found else None


def test_a_code_without_an_alias_contributes_nothing() -> None:
    assert Catalogue([counted()], {}).contributions(record()) == {}


def test_a_measure_of_one_source_leaves_the_others_out() -> None:
    assert total(record(), source="s") == SCALE
    assert total(record(), source="hotline") is None


def test_working_days_in_a_year_without_calendar_leave_the_record_out() -> None:
    assert total(record(filed_on="1925-01-01"), take={"working_days": ["filed_on", "closed_on"]}) is None


def test_days_backwards_are_negative_and_working_days_are_none() -> None:
    assert total(record(filed_on="2026-03-17"), take={"days": ["filed_on", "closed_on"]}) == -2 * SCALE
    assert total(record(filed_on="2026-03-17"), take={"working_days": ["filed_on", "closed_on"]}) == 0


@pytest.mark.parametrize("far", [{"plus_days": 36_500}, {"plus_days": -36_500}])
def test_a_day_beyond_the_calendar_of_years_makes_a_comparison_false(far: dict[str, int]) -> None:
    where = [["closed_on", "!=", {"attribute": "due_on"} | far]]
    assert total(record(due_on="9999-12-31" if far["plus_days"] > 0 else "0001-01-01"), where=where) is None


def test_an_instant_at_the_edge_of_time_has_no_local_date() -> None:
    assert total(record(heard_at="9999-12-31T23:59:59Z"), at="heard_at") is None
    assert total(record(heard_at="9999-12-31T23:59:59Z"), where=[["heard_at", ">", "2026-01-01"]]) is None


def test_a_list_of_dates_takes_an_instant_by_its_local_day() -> None:
    where = [["heard_at", "in", ["2026-03-01", "2026-03-02T09:00:00+08:00"]]]
    assert total(record(heard_at="2026-03-01T15:59:59Z"), where=where) == SCALE
    assert total(record(heard_at="2026-03-02T01:00:00Z"), where=where) == SCALE
    assert total(record(heard_at="2026-03-02T01:00:01Z"), where=where) is None


def test_a_difference_names_its_place_and_both_amounts() -> None:
    catalogue = Catalogue([counted()], {("s", "u"): "unit-a"})
    place = Place(1, "unit-a", "2026-03")
    assert differences({}, recount([record()], catalogue)) == [Difference(place, Amount(0, 0), Amount(1, SCALE))]
