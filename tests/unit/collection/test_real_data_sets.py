"""The shipped mappings, the kinds and the schemes of the real data sets fit one another."""

from importlib import resources

import pytest

from collection.domain.building import mapping_from
from collection.domain.documents import parsed
from collection.domain.mappings import Attribute, FileMapping
from demo.real.datasets import NAMES, Dataset
from scoring.appraisal.domain.documents import document_of
from scoring.appraisal.domain.faults import SchemeRefused
from scoring.appraisal.domain.inputs import Month
from scoring.appraisal.domain.scheme_documents import World, scheme_of
from scoring.appraisal.domain.schemes import Cycle, CycleKey, GroupKey
from scoring.ledger.domain.values import Kind


def text_of(name: str) -> str:
    return (resources.files("collection") / "shipped" / f"{name}.toml").read_text("utf-8")


def world_of(dataset: Dataset) -> World:
    kind = Kind.of(dataset.kind["key"], dataset.kind["attributes"])
    months = {name: Month(dataset.cycle[name]) for name in ("start", "end")}
    cycle = Cycle(key=CycleKey(dataset.cycle["key"]), name=dataset.cycle["name"], **months)
    groups = frozenset({GroupKey(dataset.group["key"])})
    return World(cycles={cycle.key: cycle}, groups=groups, units=frozenset(), kinds={kind.key: kind})


def types_of(name: str) -> dict[str, str]:
    document = parsed(text_of(name))
    types = document.events.types.values() if document.events else ()
    stated = [document.attributes, *(one.attributes for one in types)]
    return {key: attribute.type for attributes in stated for key, attribute in attributes.items()}


def attributes_of(mapping: FileMapping) -> list[Attribute]:
    types = mapping.events.types.values() if mapping.events else ()
    return [*mapping.attributes, *(one for event in types for one in event.attributes)]


@pytest.mark.parametrize("name", NAMES)
def test_a_mapping_states_what_its_kind_declares(name: str) -> None:
    dataset, mapping = Dataset.named(name), mapping_from(text_of(name))
    assert (mapping.source, mapping.slug, mapping.kind) == (dataset.source["uri"], dataset.source["slug"], dataset.kind["key"])
    assert mapping.zone.key == dataset.source["zone"]
    assert types_of(name) == dataset.kind["attributes"]
    assert {one.name for one in attributes_of(mapping)} == set(dataset.kind["attributes"])


@pytest.mark.parametrize("name", NAMES)
def test_a_scheme_is_lawful_and_reads_its_kind(name: str) -> None:
    dataset = Dataset.named(name)
    scheme = scheme_of(document_of(dataset.scheme), world_of(dataset))
    assert scheme.cycle == dataset.cycle["key"]
    assert scheme.zone.key == dataset.source["zone"]


@pytest.mark.parametrize(
    ("name", "merit"),
    [
        ("traffic-fines", "{kind: traffic_fine, at: paid_on, take: {sum: fines_total}}"),
        ("environment-penalties", "{kind: environment_penalty, at: decided_on, take: count}"),
    ],
)
def test_sums_and_numbers_of_penalties_are_refused_as_merit(name: str, merit: str) -> None:
    dataset = Dataset.named(name)
    measures, indicators = f"\nmeasures:\n  merit: {merit}", "\n  - {key: merit, part: PART, name: 数量, definition: 数量, department: 科, "
    part = "handling" if name == "traffic-fines" else "quality"
    added = indicators.replace("PART", part) + "points: 10, rule: {kind: tiers, tiers: [[1, 5], [2, 10]]}, inputs: {x: merit}}\n"
    text = dataset.scheme.replace("\nmeasures:", added + measures)
    with pytest.raises(SchemeRefused) as refused:
        scheme_of(document_of(text), world_of(dataset))
    assert any("merit" not in str(fault.path) and "inputs" in str(fault.path) for fault in refused.value.faults)


def test_every_code_of_a_source_is_a_unit_of_its_own() -> None:
    fines, penalties = (Dataset.named(name) for name in NAMES)
    assert (fines.unit_of("561"), fines.name_of("561")) == ("officer-561", "561 号警员")
    assert len({penalties.unit_of(code) for code in penalties.known}) == 24
    with pytest.raises(KeyError):
        penalties.unit_of("新設機關")
