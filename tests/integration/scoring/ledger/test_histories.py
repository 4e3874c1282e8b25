"""Histories on the real worker: what was declared beforehand, and what is declared when the records are there already."""

import asyncio
import random
from collections.abc import Mapping
from typing import Any

import pytest

from kit.testing import eventually
from kit.workdays import shipped
from scoring.ledger.handlers.refusals import CountingUnderWay
from scoring.ledger.store.backfilling import Backfiller, Stride
from scoring.ledger.store.proof import PgRecounts
from scoring.ledger.store.scheme_counting import count_scheme
from tests.integration.scoring.ledger.edges import Callers
from tests.integration.scoring.ledger.rooms import SLUG, Room
from tests.unit.scoring.ledger.events import CASE, KEPT, observed, withdrawn

DAY = 24 * 60
ATTRIBUTES: dict[str, Any] = {name: of.value for name, of in CASE.attributes.items()}
KEEPING = ATTRIBUTES | {"due_on": KEPT, "status": {"type": "text", "history": True}}
FIRST = {"attribute": "due_on", "take": "first"}
MEASURES = {
    "due": {"kind": "case", "at": FIRST, "unit_on": FIRST},
    "in_time": {"kind": "case", "at": FIRST, "unit_on": FIRST, "where": [["closed_on", "<=", FIRST]]},
    "reopened": {"kind": "case", "at": FIRST, "where": [["status", "ever", "closed"], ["status", "!=", "closed"]]},
    "moved": {"kind": "case", "at": FIRST, "where": [[{"attribute": "due_on", "take": "changes"}, ">", 0]]},
}


async def declare(callers: Callers, attributes: Mapping[str, Any]) -> dict[str, Any]:
    answer = await callers.office("PUT", "/kinds/case", json={"name": "案件", "attributes": attributes})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def count(room: Room) -> None:
    await count_scheme(
        room.database, shipped(), scheme="2026/2", documents=MEASURES, cycle_start="2026-01", cycle_end="2026-12", zone="Asia/Shanghai"
    )


def a_case(subject: str) -> list[dict[str, Any]]:
    """Due on 10 March, moved to the end of April once it was late, closed, handed over on the 13th, reopened."""
    told: list[tuple[int, dict[str, Any]]] = [
        (0, {"unit": "east", "set": {"status": "open", "due_on": "2026-03-10"}}),
        (9 * DAY, {"set": {"due_on": "2026-04-30"}}),
        (10 * DAY, {"set": {"status": "closed", "closed_on": "2026-03-12"}}),
        (11 * DAY, {"unit": "west", "set": {}}),
        (12 * DAY, {"set": {"status": "open"}}),
        (13 * DAY, {"set": {"status": "open"}}),
    ]
    return [observed(f"{subject}-{number}", subject=subject, minute=minute, **data) for number, (minute, data) in enumerate(told)]


COUNTED = [
    ("due", "u-east", "2026-03"),
    ("moved", "u-west", "2026-03"),
    ("reopened", "u-west", "2026-03"),
]


async def totals(room: Room) -> list[tuple[str, str, str, int]]:
    return [(key, unit, month, n) for key, unit, month, n, _ in await room.totals() if key in MEASURES]


async def holds(room: Room) -> None:
    proof = await PgRecounts(room.url, shipped()).prove()
    assert (proof.wrong_records, proof.wrong_totals) == ([], [])


async def until_folded(room: Room) -> None:
    async def folded() -> bool:
        return await room.count("refolds") == 0

    await eventually(folded, within=60)


async def test_the_first_due_date_and_who_held_the_case_on_it_count_in_whatever_order_facts_come(room: Room, callers: Callers) -> None:
    assert not (await declare(callers, KEEPING))["refolding"]
    await count(room)
    events = [event for number in range(20) for event in a_case(f"case-{number}")]
    random.Random(7).shuffle(events)
    async with room.worker():
        for start in range(0, len(events), 37):
            await room.send([*events[start : start + 37], *events[:start:11]])
            await room.until_taken()
    assert await totals(room) == [(*place, 20) for place in COUNTED]
    await holds(room)
    shown = (await callers.office("GET", f"/feed/records/{SLUG}/case-3")).json()
    assert [one["value"] for one in shown["histories"]["due_on"]] == ["2026-03-10", "2026-04-30"]
    assert [(one["value"], one["fact"]) for one in shown["units"]] == [("east", "case-3-0"), ("west", "case-3-3")]


async def test_a_history_that_is_declared_later_is_whole_while_facts_go_on_coming(room: Room, callers: Callers) -> None:
    cases = [a_case(f"case-{number}") for number in range(700)]
    async with room.worker():
        await room.send([event for case in cases for event in case[:3]])
        await room.until_taken()
        assert (await declare(callers, KEEPING))["refolding"]
        await asyncio.gather(room.send([event for case in cases for event in case[3:]]), until_folded(room))
        await room.until_taken()
        await count(room)
        assert await totals(room) == [(*place, 700) for place in COUNTED]
        await holds(room)
        assert not (await callers.office("GET", "/kinds")).json()["kinds"][0]["refolding"]


async def test_a_backfill_that_has_passed_half_of_the_records_takes_no_harm_from_their_being_folded_again(
    room: Room, callers: Callers
) -> None:
    async with room.worker():
        await room.send([event for number in range(10) for event in a_case(f"case-{number}")])
        await room.until_taken()
    await room.ask_count("2026/3")
    backfiller = Backfiller(shipped(), Stride(records=4, most=4))
    async with room.pool.acquire() as connection:
        assert await backfiller.step(connection) == 4
    assert (await declare(callers, KEEPING))["refolding"]
    async with room.worker(without=("backfilling",)):
        await room.send(a_case("case-31"))
        await until_folded(room)
        await room.until_taken()
    async with room.pool.acquire() as connection:
        while await backfiller.step(connection) is not None:
            pass
    await holds(room)
    assert (await room.totals_of("2026/3")) == (await room.totals_of("2026/1"))


async def test_a_measure_waits_for_the_histories_that_it_reads(room: Room, callers: Callers) -> None:
    async with room.worker():
        await room.send(a_case("case-1"))
        await room.until_taken()
    assert (await declare(callers, KEEPING))["refolding"]
    with pytest.raises(CountingUnderWay):
        await count(room)
    async with room.worker():
        await until_folded(room)
    await count(room)
    assert await totals(room) == [(*place, 1) for place in COUNTED]


async def test_a_history_is_given_up_as_it_came_unless_a_measure_reads_it(room: Room, callers: Callers) -> None:
    await declare(callers, KEEPING)
    async with room.worker():
        await room.send([*a_case("case-1"), withdrawn("w-1", subject="case-2")])
        await room.until_taken()
        assert await room.count("holders") == 2
        assert (await declare(callers, ATTRIBUTES | {"due_on": KEPT}))["refolding"]
        await until_folded(room)
        await holds(room)
        await declare(callers, ATTRIBUTES)
        await until_folded(room)
        await holds(room)
        assert await room.count("holders") == 0
        await declare(callers, KEEPING)
        await until_folded(room)
        await count(room)
    refused = await callers.office("PUT", "/kinds/case", json={"name": "案件", "attributes": ATTRIBUTES})
    assert refused.status_code == 409
    assert "due_on, status" in refused.text


async def test_a_former_code_that_stands_for_no_unit_is_listed_beside_the_present_ones(room: Room, callers: Callers) -> None:
    await declare(callers, KEEPING)
    events = [event for number in range(3) for event in a_case(f"case-{number}")]
    async with room.worker():
        await room.send([*events, withdrawn("w-1", subject="case-2", minute=20 * DAY)])
        await room.until_taken()
    await callers.office("PATCH", f"/sources/{SLUG}/aliases", json={"aliases": {"east": None}})
    listed = (await callers.office("GET", "/feed/unassigned")).json()["codes"]
    assert [(one["code"], one["records"], one["example"]) for one in listed] == [("east", 2, "case-0")]


async def test_an_alias_of_a_unit_that_handed_its_cases_over_counts_them_anew(room: Room, callers: Callers) -> None:
    await declare(callers, KEEPING)
    await count(room)
    async with room.worker():
        await room.send(a_case("case-1"))
        await room.until_taken()
        answer = await callers.office("PATCH", f"/sources/{SLUG}/aliases", json={"aliases": {"east": "u-north"}})
        assert answer.json()["recounting"]

        async def moved() -> bool:
            return ("due", "u-north", "2026-03", 1) in await totals(room)

        await eventually(moved, within=30)
        assert ("due", "u-east", "2026-03", 1) not in await totals(room)
        await holds(room)
