from dataclasses import replace

import pytest

from scoring.ledger.domain.values import AttributeType
from scoring.ledger.handlers.refusals import InTheWay, NoSuch, NotPossible
from scoring.ledger.handlers.registering import SourceEntry, merge_aliases, put_aliases, put_kind, put_source, resume, source_of
from tests.unit.scoring.ledger.fakes import Bench

HOTLINE = SourceEntry(slug="hotline", uri="urn:source:hotline", name="热线")


async def registered(*entries: SourceEntry) -> Bench:
    bench = Bench()
    for entry in entries or (HOTLINE,):
        await put_source(entry, catalogue=bench.catalogue, topics=bench.feed)
    return bench


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
    await put_kind("case", "案件", {"status": "text", "amount": "number"}, catalogue=bench.catalogue)
    bench.catalogue.used = frozenset({"amount"})
    entry = await put_kind("case", "案件", {"status": "boolean", "amount": "number", "colour": "text"}, catalogue=bench.catalogue)
    assert entry.kind.attributes["status"] is AttributeType.BOOLEAN


@pytest.mark.parametrize("attributes", [{"amount": "text"}, {"status": "text"}])
async def test_what_a_measure_reads_keeps_its_type_and_its_place(attributes: dict[str, str]) -> None:
    bench = Bench()
    await put_kind("case", "案件", {"status": "text", "amount": "number"}, catalogue=bench.catalogue)
    bench.catalogue.used = frozenset({"amount"})
    with pytest.raises(InTheWay, match="amount"):
        await put_kind("case", "案件", attributes, catalogue=bench.catalogue)


@pytest.mark.parametrize(("key", "attributes"), [("", {}), ("k" * 201, {}), ("case", {"": "text"}), ("case", {"amount": "money"})])
async def test_a_kind_needs_names_and_types_that_exist(key: str, attributes: dict[str, str]) -> None:
    with pytest.raises(NotPossible):
        await put_kind(key, "案件", attributes, catalogue=Bench().catalogue)


async def test_aliases_are_replaced_whole_or_changed_one_by_one() -> None:
    bench = await registered()
    assert await put_aliases("hotline", {"1": "east", "2": "west"}, catalogue=bench.catalogue)
    assert await merge_aliases("hotline", {"2": None, "3": "north"}, catalogue=bench.catalogue)
    assert bench.catalogue.codes["hotline"] == {"1": "east", "3": "north"}
    assert not await merge_aliases("hotline", {"3": "north"}, catalogue=bench.catalogue)
