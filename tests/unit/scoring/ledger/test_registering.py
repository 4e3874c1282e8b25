from dataclasses import replace
from typing import Any

import pytest

from scoring.ledger.domain.measures import parse_measure
from scoring.ledger.domain.values import AttributeType
from scoring.ledger.handlers.refusals import InTheWay, NoSuch, NotPossible
from scoring.ledger.handlers.registering import SourceEntry, merge_aliases, put_aliases, put_kind, put_source, resume, source_of
from tests.unit.scoring.ledger.fakes import Bench

CASE: dict[str, Any] = {"status": "text", "amount": "number", "due_on": "date"}
KEPT = {"type": "date", "history": True}
HOTLINE = SourceEntry(slug="hotline", uri="urn:source:hotline", name="热线")


async def registered(*entries: SourceEntry) -> Bench:
    bench = Bench()
    for entry in entries or (HOTLINE,):
        await put_source(entry, catalogue=bench.catalogue, topics=bench.feed)
    return bench


def count(bench: Bench, **document: object) -> None:
    kinds = {key: entry.kind for key, entry in bench.catalogue.declared.items()}
    bench.catalogue.counted.append(parse_measure("m", {"kind": "case", "at": "due_on"} | document, kinds=kinds))


async def test_a_registered_source_has_its_topic() -> None:
    bench = await registered()
    assert list(bench.feed.topics) == ["hotline"]
    assert await source_of("hotline", catalogue=bench.catalogue) == HOTLINE


async def test_registering_again_changes_name_and_zone() -> None:
    bench = await registered(HOTLINE, replace(HOTLINE, name="12345热线", zone="Asia/Urumqi"))
    assert [(entry.name, entry.zone) for entry in bench.catalogue.entries.values()] == [("12345热线", "Asia/Urumqi")]


@pytest.mark.parametrize("changed", [{"uri": "urn:other"}, {"slug": "second"}])
async def test_a_source_and_its_uri_belong_together_for_ever(changed: dict[str, str]) -> None:
    with pytest.raises(InTheWay):
        await registered(HOTLINE, replace(HOTLINE, **changed))


@pytest.mark.parametrize("changed", [{"slug": "Hotline"}, {"slug": "h" * 61}, {"uri": ""}, {"uri": "u" * 201}, {"zone": "Asia/Nowhere"}])
async def test_what_cannot_name_a_source_is_refused_before_a_topic_is_made(changed: dict[str, str]) -> None:
    bench = Bench()
    with pytest.raises(NotPossible):
        await put_source(replace(HOTLINE, **changed), catalogue=bench.catalogue, topics=bench.feed)
    assert bench.feed.topics == {}


async def test_a_paused_source_is_resumed_by_command() -> None:
    bench = await registered()
    bench.catalogue.entries["hotline"] = replace(HOTLINE, paused="too much of it was unusable")
    assert (await resume("hotline", catalogue=bench.catalogue)).paused is None


async def test_an_unknown_source_is_told() -> None:
    for asked in (resume("nobody", catalogue=Bench().catalogue), put_aliases("nobody", {}, catalogue=Bench().catalogue)):
        with pytest.raises(NoSuch, match="nobody"):
            await asked


async def test_a_kind_grows_and_its_unused_attributes_may_change() -> None:
    bench = Bench()
    await put_kind("case", "案件", CASE, catalogue=bench.catalogue)
    count(bench, take={"sum": "amount"})
    entry = await put_kind("case", "案件", CASE | {"status": "boolean", "colour": "text"}, catalogue=bench.catalogue)
    assert entry.kind.attributes["status"] is AttributeType.BOOLEAN


@pytest.mark.parametrize("attributes", [{"amount": "text"}, {"status": "text"}])
async def test_what_a_measure_reads_keeps_its_type_and_its_place(attributes: dict[str, str]) -> None:
    bench = Bench()
    await put_kind("case", "案件", CASE, catalogue=bench.catalogue)
    count(bench, take={"sum": "amount"})
    with pytest.raises(InTheWay, match="amount"):
        await put_kind("case", "案件", attributes, catalogue=bench.catalogue)


async def test_a_kind_whose_records_are_to_keep_more_has_them_folded_again() -> None:
    bench = Bench()
    assert not (await put_kind("case", "案件", CASE, catalogue=bench.catalogue)).refolding
    entry = await put_kind("case", "案件", CASE | {"due_on": KEPT}, catalogue=bench.catalogue)
    assert entry.refolding
    assert entry.kind.history == {"due_on"}
    assert not (await put_kind("case", "案件", CASE | {"due_on": KEPT}, catalogue=bench.catalogue)).refolding


@pytest.mark.parametrize(
    "document",
    [{"at": {"attribute": "due_on", "take": "first"}}, {"unit_on": "due_on"}, {"where": [["due_on", "ever", "2026-03-31"]]}],
    ids=str,
)
async def test_a_history_that_a_measure_reads_is_kept(document: dict[str, object]) -> None:
    bench = Bench()
    await put_kind("case", "案件", CASE | {"due_on": KEPT}, catalogue=bench.catalogue)
    count(bench, **document)
    with pytest.raises(InTheWay, match="due_on"):
        await put_kind("case", "案件", CASE, catalogue=bench.catalogue)
    await put_kind("case", "案件", CASE | {"due_on": KEPT, "status": {"type": "text", "history": True}}, catalogue=bench.catalogue)


UNUSABLE: list[tuple[str, dict[str, Any]]] = [
    ("", {}),
    ("k" * 201, {}),
    ("case", {"": "text"}),
    ("case", {"amount": "money"}),
    ("case", {"due_on": {"type": "day", "history": True}}),
    ("case", {"due_on": {"history": True}}),
    ("case", {"due_on": {"type": "date", "history": "yes"}}),
    ("case", {"due_on": {"type": "date", "secret": True}}),
]


@pytest.mark.parametrize(("key", "attributes"), UNUSABLE)
async def test_a_kind_needs_names_and_types_that_exist(key: str, attributes: dict[str, Any]) -> None:
    with pytest.raises(NotPossible):
        await put_kind(key, "案件", attributes, catalogue=Bench().catalogue)


async def test_aliases_are_replaced_whole_or_changed_one_by_one() -> None:
    bench = await registered()
    assert await put_aliases("hotline", {"1": "east", "2": "west"}, catalogue=bench.catalogue)
    assert await merge_aliases("hotline", {"2": None, "3": "north"}, catalogue=bench.catalogue)
    assert bench.catalogue.codes["hotline"] == {"1": "east", "3": "north"}
    assert not await merge_aliases("hotline", {"3": "north"}, catalogue=bench.catalogue)
