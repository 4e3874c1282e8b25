import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date
from random import Random
from uuid import UUID

import pytest
from sqlalchemy import select, text, update

from collection.domain.building import mapping_from
from collection.domain.facts import Fact
from collection.domain.mappings import FileMapping
from collection.domain.runs import Run, RunState
from collection.handlers.collecting import collect
from collection.handlers.ports import Collect, Desk, Facts
from collection.store.tables import register_row, run
from kit.errors import NotYet
from tests.integration.collection.rooms import Room, folded, pieces
from tests.unit.collection.samples import REGISTER

MANY = 2_300


def rows(*records: dict[str, str]) -> str:
    return "".join(json.dumps({"office": "A", "on": "2026/03/02", "revoked": "否", "updated": ""} | one) + "\n" for one in records)


async def test_registers_become_observations_and_withdrawals_of_their_days(room: Room) -> None:
    await room.put(REGISTER)
    first = await room.collect("register", "r-2026-03-03.jsonl", rows({"no": "1"}, {"no": "2"}, {"no": "3"}, {"no": "4"}, {"no": "5"}))
    assert first.json()["observed"] == 5
    second = await room.collect(
        "register", "r-2026-03-05.jsonl", rows({"no": "2"}, {"no": "3", "revoked": "是"}, {"no": "4"}, {"no": "5"}, {"no": "6"})
    )
    run = second.json()
    assert (run["day"], run["rows"], run["observed"], run["withdrawn"]) == ("2026-03-05", 5, 2, 1)
    changes = {event["subject"]: event for event in await room.sent("register") if event["time"] == "2026-03-04T16:00:00Z"}
    assert set(changes) == {"A/1", "A/3", "A/6"}
    assert changes["A/1"]["type"] == "feed.record_withdrawn.v1"
    assert changes["A/3"]["data"]["set"] == {"on": "2026-03-02", "revoked": True}
    assert (await room.client.get("/v1/registers/register")).json() == {"day": "2026-03-05", "edition": 1, "rows": 5, "unfinished": None}


async def test_the_same_register_again_states_nothing_and_a_corrected_one_of_the_day_its_differences(room: Room) -> None:
    await room.put(REGISTER)
    runs = [
        (await room.collect("register", "r-2026-03-03.jsonl", content)).json()
        for content in (rows({"no": "1"}, {"no": "2"}), rows({"no": "2"}, {"no": "1"}), rows({"no": "1", "revoked": "是"}, {"no": "2"}))
    ]
    assert [run["observed"] for run in runs] == [2, 0, 1]
    assert folded(await room.sent("register"))["A/1"]["revoked"] is True


async def test_a_record_that_comes_back_is_observed_whole(room: Room) -> None:
    await room.put(REGISTER)
    for day, content in ((3, rows({"no": "1"}, {"no": "2"})), (4, rows({"no": "1"})), (5, rows({"no": "1"}, {"no": "2"}))):
        answer = await room.collect("register", "r.jsonl", content, day=f"2026-03-0{day}", allow_withdrawals="true")
        assert answer.status_code == 201
    assert set(folded(await room.sent("register"))) == {"A/1", "A/2"}


async def test_of_several_rows_with_one_key_the_latest_update_then_the_last_line_wins_across_chunks(room: Room) -> None:
    await room.put(REGISTER)
    filler = rows(*({"no": f"f{number}"} for number in range(1_500)))
    latest = rows({"no": "1", "updated": "2026/03/02 10:00", "revoked": "是"}, {"no": "2", "updated": "2026/03/01 10:00"})
    older = rows({"no": "1", "updated": "2026/03/01 10:00"}, {"no": "2", "updated": "2026/03/01 10:00", "revoked": "是"})
    await room.collect("register", "r-2026-03-03.jsonl", latest + filler + older)
    records = folded(await room.sent("register"))
    assert (records["A/1"]["revoked"], records["A/2"]["revoked"]) == (True, True)


async def test_an_unusable_row_neither_changes_nor_withdraws_its_record(room: Room) -> None:
    await room.put(REGISTER)
    await room.collect("register", "r-2026-03-03.jsonl", rows({"no": "1"}, {"no": "2"}))
    days = [f"r-2026-03-0{day}.jsonl" for day in (4, 5)]
    runs = [(await room.collect("register", file, rows({"no": "1", "on": "soon"}, {"no": "2"}))).json() for file in days]
    assert [(one["observed"], one["withdrawn"], one["rejected"]) for one in runs] == [(0, 0, 1)] * 2
    (reject,) = (await room.client.get(f"/v1/collections/{runs[1]['id']}/rejects")).json()
    assert (reject["line"], reject["key"]) == (1, "A/1")


@pytest.mark.parametrize(
    ("file", "content", "reason"),
    [
        ("r-2026-03-02.jsonl", rows({"no": "1"}), "older than"),
        ("register.jsonl", rows({"no": "1"}), "tells no day"),
        ("r-2026-03-04.jsonl", "", "no usable row"),
        ("r-2026-03-04.jsonl", rows({"no": "1"}), "is the file whole"),
    ],
)
async def test_a_register_that_cannot_be_right_is_refused_and_states_nothing(room: Room, file: str, content: str, reason: str) -> None:
    await room.put(REGISTER)
    await room.collect("register", "r-2026-03-03.jsonl", rows({"no": "1"}, {"no": "2"}))
    answer = await room.collect("register", file, content)
    assert (answer.status_code, answer.json()["title"]) == (409, "snapshot-refused")
    assert reason in answer.json()["en"]
    assert len(await room.sent("register")) == 2


@dataclass(frozen=True, slots=True)
class CutOff:
    """Kafka goes away after some sendings."""

    facts: Facts
    sendings: list[int]

    async def check(self, slug: str) -> None:
        await self.facts.check(slug)

    async def send(self, mapping: FileMapping, facts: Sequence[Fact]) -> None:
        if not self.sendings:
            raise NotYet("断开", "cut off")
        self.sendings.pop()
        await self.facts.send(mapping, facts)


def cut_off_after(desk: Desk, sendings: int) -> Desk:
    @asynccontextmanager
    async def feed() -> AsyncIterator[Facts]:
        async with desk.feed() as facts:
            yield CutOff(facts, [0] * sendings)

    return replace(desk, feed=feed)


@pytest.mark.parametrize("sendings", [0, 1, 2])
async def test_a_crash_in_the_middle_and_a_second_run_end_in_the_same_state(room: Room, sendings: int) -> None:
    await room.put(REGISTER)
    before = rows(*({"no": f"{number:04}"} for number in range(MANY)))
    after = rows(*({"no": f"{number:04}", "revoked": "是"} for number in range(200, MANY + 100)))
    await room.collect("register", "r-2026-03-03.jsonl", before)
    cut = Collect(mapping="register", file="r-2026-03-04.jsonl", by="li", upload=pieces(after.encode()))
    with pytest.raises(NotYet):
        await collect(cut, desk=cut_off_after(room.service.desk, sendings))
    assert (await room.client.get("/v1/registers/register")).json()["unfinished"] is not None
    last = rows(*({"no": f"{number:04}", "revoked": "是"} for number in range(250, MANY + 100)))
    run = (await room.collect("register", "r-2026-03-05.jsonl", last)).json()
    assert (run["observed"], run["withdrawn"]) == (0, 50)
    assert set(folded(await room.sent("register"))) == {f"A/{number:04}" for number in range(250, MANY + 100)}
    mended = (await room.client.get("/v1/collections")).json()[1]
    assert (mended["state"], mended["observed"], mended["withdrawn"]) == ("done", MANY - 100, 200)


async def test_replaced_registers_are_forgotten(room: Room) -> None:
    await room.put(REGISTER)
    for day in (3, 4):
        await room.collect("register", f"r-2026-03-0{day}.jsonl", rows({"no": "1"}, {"no": "2"}))
    async with room.service.database.transaction() as session:
        assert len((await session.execute(select(register_row.c.run).distinct())).all()) == 1


async def test_the_comparison_in_sql_agrees_with_the_law(room: Room) -> None:
    await room.put(REGISTER)
    random, held = Random(7), dict[str, str]()
    for day in range(1, 8):
        held = {f"{number:03}": random.choice("是否") for number in range(60) if random.random() < 0.7}
        content = rows(*({"no": number, "revoked": word} for number, word in held.items()))
        answer = await room.collect("register", "r.jsonl", content, day=date(2026, 3, day).isoformat(), allow_withdrawals="true")
        assert answer.status_code == 201
        records = folded(await room.sent("register"))
        assert {key.removeprefix("A/"): record["revoked"] for key, record in records.items()} == {n: w == "是" for n, w in held.items()}


def running(room: Room) -> Run:
    mapping = mapping_from(REGISTER)
    return Run(
        id=room.service.desk.new_id(),  # type: ignore[arg-type]
        mapping=mapping.name,
        version=1,
        slug=mapping.slug,
        file="r.jsonl",
        day=date(2026, 3, 3),
        started_by="li",
        started_at=room.service.desk.clock.now(),
    )


async def test_one_run_a_source_at_a_time_and_a_dead_one_gives_way(room: Room) -> None:
    await room.put(REGISTER)
    other = running(room)
    async with room.service.desk.transactions() as work:
        await work.runs.start(other)
    refused = await room.collect("register", "r-2026-03-03.jsonl", rows({"no": "1"}))
    assert (refused.status_code, refused.json()["title"]) == (409, "run-under-way")
    async with room.service.database.transaction() as session:
        await session.execute(update(run).where(run.c.id == other.id).values(seen_at=text("now() - interval '2 minutes'")))
    assert (await room.collect("register", "r-2026-03-03.jsonl", rows({"no": "1"}))).status_code == 201
    assert (await state_of(room, other.id)) == RunState.INTERRUPTED


async def state_of(room: Room, ident: UUID) -> str:
    answer = await room.client.get(f"/v1/collections/{ident}")
    return str(answer.json()["state"])
