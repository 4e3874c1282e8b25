"""Consumers are idempotent: each event was handled once, notices have no gap, each crossing is one finding (I5)."""

from collections import Counter
from collections.abc import Collection, Mapping
from typing import Any

from contracts.evidence import AcceptedV1
from contracts.scoring import LineCrossedV1
from contracts.topics import EVIDENCE, FEEDBACK, SCORING
from tests.faults.processes.bureau import Bureau
from tests.faults.processes.words import some

INBOXES = {
    "scoring": ("appraisal.inbox", (FEEDBACK, EVIDENCE)),
    "feedback": ("inbox", (SCORING, EVIDENCE)),
    "notification": ("inbox", (SCORING, FEEDBACK)),
}


async def holds(bureau: Bureau) -> list[str]:
    unequal = [words for service in INBOXES for words in await _handled(bureau, service)]
    return [*unequal, *await _notices(bureau), *await _crossings(bureau), *await _proofs(bureau)]


async def _handled(bureau: Bureau, service: str) -> list[str]:
    table, topics = INBOXES[service]
    async with bureau.database(service) as database:
        handled = {str(row["event"]) for row in await database.fetch(f"select event from {table}")}  # noqa: S608 - own words
    said = bureau.logs.ids(topics)
    return [
        *some(f"{service}: events that were said and not handled", said - handled),
        *some(f"{service}: events handled that are in no log", handled - said),
    ]


async def _notices(bureau: Bureau) -> list[str]:
    async with bureau.database("feedback") as database:
        rows = await database.fetch("select number from rectification where number is not null")
        last = await database.fetchval("select coalesce(max(last), 0) from notice_number")
    return _once_each("notice numbers", Counter(row["number"] for row in rows), range(1, last + 1))


async def _crossings(bureau: Bureau) -> list[str]:
    """One finding for each fall below a line; several falls of one matter are one item as long as it is open."""
    fallen = Counter(
        (event["unit"], event["indicator"]) for event in bureau.logs.events(SCORING, LineCrossedV1.TYPE) if event["direction"] == "fell"
    )
    async with bureau.database("feedback") as database:
        rows = await database.fetch(
            "select unit, indicator, count(*) as n from finding join rectification on rectification.id = item"
            " where found_by = 'platform' group by unit, indicator"
        )
    found = Counter({(row["unit"], row["indicator"]): row["n"] for row in rows})
    wrong = {matter for matter in fallen | found if fallen[matter] != found[matter]}
    return some("crossings that are not one finding each (said, found)", [f"{one}: {fallen[one]}, {found[one]}" for one in wrong])


async def _proofs(bureau: Bureau) -> list[str]:
    accepted = Counter(
        (subject["id"], event["evidence"])
        for event in bureau.logs.events(EVIDENCE, AcceptedV1.TYPE)
        for subject in event["subjects"]
        if subject["kind"] == "item"
    )
    async with bureau.database("feedback") as database:
        proofs = Counter((row["item"], row["evidence"]) for row in await database.fetch("select item, evidence from proof"))
    return _once_each("proofs", proofs, accepted)


def _once_each(what: str, found: Mapping[Any, int], expected: Collection[object]) -> list[str]:
    wrong = {one for one in {*found, *expected} if found.get(one) != 1 or one not in expected}
    return some(f"{what} that are not there exactly once", wrong)
