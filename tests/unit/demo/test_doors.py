"""Systems with a door of their own write to Kafka; the others post batches as themselves, each source in its order."""

import json

from demo.bureau import Source
from demo.doors import MOST_IN_A_BATCH, HttpDoor
from tests.unit.demo.played import FIRST, year


async def test_batches_are_of_one_source_in_order_and_of_bearable_size() -> None:
    posted: list[tuple[Source, list[dict[str, str]]]] = []

    async def post(source: Source, batch: str) -> None:
        posted.append((source, json.loads(batch)))

    messages = [one for day in sorted(year().messages)[:60] for one in year().of(day) if one.source.door == "http"]
    await HttpDoor(post).send(messages)
    for source, batch in posted:
        assert {event["source"] for event in batch} == {source.uri}
        assert len(batch) <= MOST_IN_A_BATCH
    hotline = [event["id"] for source, batch in posted if source.slug == "hotline" for event in batch]
    assert hotline == [one.id for one in messages if one.source.slug == "hotline"]
    assert len(hotline) > MOST_IN_A_BATCH
    assert min(year().messages) == FIRST
