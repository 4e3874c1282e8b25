from importlib import resources

import pytest
from jsonschema import Draft202012Validator

from collection.domain.building import mapping_from
from collection.domain.documents import InvalidMapping, json_schema, parsed
from tests.unit.collection.samples import EVENTS, REGISTER, events, register


def faults(text: str) -> dict[str, str]:
    with pytest.raises(InvalidMapping) as refused:
        mapping_from(text)
    return {one.path: one.allowed for one in refused.value.problems}


def test_a_document_that_is_no_toml_says_where() -> None:
    with pytest.raises(InvalidMapping, match="line 2"):
        parsed('mode = "events"\nname = = 1')


def test_all_structural_faults_are_listed_with_their_paths() -> None:
    text = (
        EVENTS.replace('format = "csv"', 'format = "xlsx"\ncolour = 1')
        .replace('kind = "case"', "")
        .replace('slug = "cases"', 'slug = "Cases!"')
    )
    found = faults(text)
    assert set(found) == {"input.format", "input.colour", "record.kind", "source.slug"}
    assert "csv" in found["input.format"]
    assert "a-z" in found["source.slug"]


def test_an_attribute_of_no_type_says_which_types_there_are() -> None:
    assert "boolean" in next(iter(faults(EVENTS.replace('type = "number"', 'type = "money"')).values()))


def test_all_faults_of_meaning_are_listed_at_once() -> None:
    text = EVENTS.replace('slug = "cases"', 'slug = "cases"\nzone = "Mars/Base"').replace("YYYY-MM-DD hh:mm", "hh:mm")
    text += 'paid = { type = "boolean", from = "p", yes = ["x"], no = ["x"] }\nnone = { type = "text" }\n'
    assert set(faults(text)) == {"source.zone", "record.time.formats.0", "attributes.paid.no", "attributes.none"}


def test_events_need_a_time_and_no_snapshot() -> None:
    assert set(faults(EVENTS.replace("time = {", "#") + '[snapshot]\nmost_withdrawn = "0.5"\n')) == {"record.time", "snapshot"}


def test_a_register_has_no_time_no_position_no_events_and_is_no_log() -> None:
    text = REGISTER.replace('key = ["office", "no"]', 'key = ["no"]\ntime = { from = "t" }\nposition = ["p"]').replace('"jsonl"', '"xes"')
    text += '[events]\nfield = "f"\n[events.types.a]\n'
    assert set(faults(text)) == {"record.time", "record.position", "events", "input.format"}


def test_a_constant_and_a_default_must_be_readable() -> None:
    text = EVENTS + 'a = { type = "number", value = "many" }\nb = { type = "date", from = "x", default = "soon" }\n'
    assert set(faults(text)) == {"attributes.a.value", "attributes.b.default"}


def test_a_condition_asks_exactly_one_thing() -> None:
    assert set(faults(EVENTS + '[[where]]\nfield = "x"\namong = ["1"]\npresent = true\n')) == {"where.0"}


def test_an_encoding_that_is_not_split_by_lines_is_refused() -> None:
    assert set(faults(EVENTS.replace('format = "csv"', 'format = "csv"\nencoding = "utf-16"'))) == {"input.encoding"}


def test_a_decimal_mark_cannot_part_thousands_too() -> None:
    assert set(faults(EVENTS.replace('thousands = ","', 'thousands = ",", decimal = ","'))) == {"attributes.amount.thousands"}


def test_the_published_schema_is_valid_and_takes_the_shipped_mappings() -> None:
    schema = json_schema()
    Draft202012Validator.check_schema(schema)
    for name in ("traffic-fines", "environment-penalties"):
        text = (resources.files("collection") / "shipped" / f"{name}.toml").read_text("utf-8")
        mapping = mapping_from(text)
        assert mapping.name == name
        Draft202012Validator(schema).validate(parsed(text).model_dump(by_alias=True))


def test_a_mapping_knows_every_field_that_it_reads() -> None:
    assert events().fields() == {"no", "office", "at", "status", "amount"}
    assert register().fields() == {"office", "no", "updated", "on", "revoked"}
