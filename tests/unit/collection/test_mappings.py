from datetime import UTC, datetime

from collection.domain.building import mapping_from
from collection.domain.facts import Observed
from collection.domain.mappings import Line
from collection.domain.rows import Reject, Skipped
from tests.unit.collection.samples import CASE, EVENTS, PENALTY, events, register, row

TYPED = """
[events]
field = "what"
[events.types.open]
attributes = { opened_on = { type = "date", from = "at", formats = ["YYYY-MM-DD hh:mm"] } }
[events.types.move]
unit = "to"
"""


def test_a_row_says_what_is_new_of_its_record() -> None:
    assert events().observed(row(**CASE), file="cases.csv") == Observed(
        id="7/cases.csv/000000002",
        subject="7",
        time=datetime(2026, 3, 2, 1, 30, tzinfo=UTC),
        kind="case",
        unit="A",
        values={"status": "open", "amount": "1200.50"},
    )


def test_an_event_says_nothing_of_an_attribute_whose_field_is_empty() -> None:
    found = events().observed(row(**CASE | {"status": "", "office": ""}), file="f")
    assert isinstance(found, Observed)
    assert found.values == {"amount": "1200.50"}
    assert found.unit is None


def test_an_event_may_say_that_an_attribute_has_no_value() -> None:
    mapping = events(status='status = { type = "text", from = "status", empty = "null" }')
    found = mapping.observed(row(**CASE | {"status": ""}), file="f")
    assert isinstance(found, Observed)
    assert found.values["status"] is None


def test_a_default_stands_for_an_empty_field() -> None:
    found = events(status='status = { type = "text", from = "status", default = "none" }').observed(row(**CASE | {"status": ""}), file="f")
    assert isinstance(found, Observed)
    assert found.values["status"] == "none"


def test_an_unreadable_value_rejects_the_row_with_its_field_and_place() -> None:
    found = events().observed(row(17, **CASE | {"amount": "many"}), file="f")
    assert isinstance(found, Reject)
    assert found.reason.startswith("amount: 'many'")
    assert "line 17" in str(found.place)


def test_a_row_without_key_or_time_is_rejected() -> None:
    for field in ("no", "at"):
        found = events().observed(row(**CASE | {field: ""}), file="f")
        assert isinstance(found, Reject)
        assert found.reason.startswith(f"{field}: ")


def test_a_required_attribute_must_not_be_empty() -> None:
    found = events(status='status = { type = "text", from = "status", required = true }').observed(row(**CASE | {"status": ""}), file="f")
    assert isinstance(found, Reject)


def test_an_event_type_says_its_own_attributes_and_unit() -> None:
    mapping = mapping_from(EVENTS + TYPED)
    opened = mapping.observed(row(**CASE, what="open"), file="f")
    moved = mapping.observed(row(**CASE, what="move", to="B"), file="f")
    assert isinstance(opened, Observed)
    assert isinstance(moved, Observed)
    assert (opened.unit, opened.values["opened_on"]) == ("A", "2026-03-02")
    assert moved.unit == "B"


def test_an_event_type_that_is_not_listed_is_rejected_or_skipped_as_the_mapping_says() -> None:
    unknown = row(**CASE, what="burn")
    assert isinstance(mapping_from(EVENTS + TYPED).observed(unknown, file="f"), Reject)
    assert isinstance(mapping_from(EVENTS + TYPED.replace('"what"', '"what"\nother = "skip"')).observed(unknown, file="f"), Skipped)


def test_rows_outside_the_conditions_are_skipped() -> None:
    for condition in ('among = ["closed"]', 'not_among = ["open"]', "present = false"):
        mapping = mapping_from(EVENTS + f'[[where]]\nfield = "status"\n{condition}\n')
        assert isinstance(mapping.observed(row(**CASE), file="f"), Skipped)


def test_the_position_may_be_a_field_of_the_source() -> None:
    found = events(key='key = ["no"]\nposition = ["seq"]').observed(row(**CASE, seq="3"), file="f")
    assert isinstance(found, Observed)
    assert found.id == "7/3"


def test_the_events_of_a_case_sort_in_the_order_of_the_log() -> None:
    ids = []
    for position in (1, 2, 10):
        found = events().observed(row(position, "7", **CASE), file="f")
        assert isinstance(found, Observed)
        ids.append(found.id)
    assert ids == sorted(ids) == ["7/00001", "7/00002", "7/00010"]


def test_a_corrected_mapping_states_its_facts_anew_and_wins() -> None:
    first, second = (events(mode=f'mode = "events"\nrevision = {n}').observed(row(2, "7", **CASE), file="f") for n in (1, 2))
    assert isinstance(first, Observed)
    assert isinstance(second, Observed)
    assert first.id < second.id < "7/00003"


def test_two_keys_never_meet_in_one_text() -> None:
    mapping = register()
    keys = [mapping.line(row(**PENALTY | {"office": office, "no": no})) for office, no in (("A/B", "1"), ("A", "B/1"), ("A%2FB", "1"))]
    assert len({line.key for line in keys if isinstance(line, Line)}) == 3


def test_a_row_of_a_register_says_everything_also_what_is_missing() -> None:
    line = register().line(row(**PENALTY | {"revoked": ""}))
    assert isinstance(line, Line)
    assert (line.key, line.unit, line.values) == ("A/1", "A", {"on": "2026-03-02", "revoked": None})
    assert line.updated == datetime(2026, 3, 4, 17, 0, tzinfo=UTC)


def test_a_row_of_a_register_without_update_time_is_usable() -> None:
    line = register().line(row(**PENALTY | {"updated": ""}))
    assert isinstance(line, Line)
    assert line.updated is None


def test_an_unusable_row_of_a_register_still_names_its_record() -> None:
    found = register().line(row(**PENALTY | {"on": "soon"}))
    assert isinstance(found, Reject)
    assert found.key == "A/1"


def test_the_day_of_a_register_stands_in_the_name_of_its_file() -> None:
    day = register().day_of("register-2016-03-09.jsonl.xz")
    assert day is not None
    assert day.isoformat() == "2016-03-09"
    assert register().day_of("register.jsonl") is None
    assert register(day_in_name="").day_of("register-2016-03-09.jsonl") is None
