"""A vote on real servers: opened, with codes handed out, and what somebody with the whole database in hand can see."""

import asyncio
from collections.abc import Awaitable, Iterable
from dataclasses import dataclass, field
from datetime import timedelta

import asyncpg
import httpx

from tests.integration.scoring.appraisal.rooms import Room
from tests.unit.scoring.appraisal.bureau import DOCUMENT

VOTED = DOCUMENT.replace(
    "measures:\n",
    """  - key: duty_vote
    part: duty
    name: 民主测评
    definition: 班子履职
    department: 考核办
    points: 10
    rule:
      kind: ballot
      classes:
        leaders: {weight: 0.6}
        staff: {weight: 0.4, reject_uniform: true, quota: {A: 2}}
measures:
""",
)
assert VOTED != DOCUMENT
KEY = "2026-duty"
CANDIDATES = ("east", "west", "squad")


@dataclass(slots=True)
class Hall:
    room: Room
    urn_key: str = ""
    codes: dict[str, list[str]] = field(default_factory=dict)

    async def hand_out(self, voter_class: str, count: int) -> None:
        answer = await self.room.ask("POST", f"/v1/votes/{KEY}/codes", "office", json={"class": voter_class, "count": count})
        assert answer.status_code == 201, answer.text
        assert answer.headers["cache-control"] == "no-store"
        self.codes[voter_class] = answer.json()["codes"]

    async def cast(self, code: str, *marks: str, final: bool = False) -> httpx.Response:
        """Without any token."""
        body = {"code": code, "marks": dict(zip(CANDIDATES, marks, strict=False)), "final": final}
        return await self.room.client.post(f"/v1/votes/{KEY}/ballots", json=body)

    async def cast_all(self, voter_class: str, papers: Iterable[str], *, final: bool = False) -> None:
        for code, paper in zip(self.codes[voter_class], papers, strict=False):
            answer = await self.cast(code, *paper, final=final)
            assert answer.status_code == 201, answer.text

    async def close(self, *, urn_key: str = "") -> httpx.Response:
        return await self.room.ask("POST", f"/v1/votes/{KEY}/close", "office", json={"urn_key": urn_key or self.urn_key})

    async def end(self) -> None:
        """At its time."""
        self.room.clock.move(days=2)
        answer = await self.close()
        assert answer.status_code == 200, answer.text

    async def rows(self, query: str, *values: object) -> list[asyncpg.Record]:
        connection = await asyncpg.connect(self.room.settings.database_url.get_secret_value())
        try:
            return list(await connection.fetch(query, *values))
        finally:
            await connection.close()

    async def everything(self) -> str:
        """Every row of every table of the database as text; bytes in hexadecimal."""
        tables = await self.rows(
            "select quote_ident(schemaname) || '.' || quote_ident(tablename) as name from pg_tables"
            " where schemaname not in ('pg_catalog', 'information_schema') order by 1"
        )
        found = [await self.rows(f"select t::text as whole from {table['name']} t") for table in tables]  # noqa: S608 - names of the catalogue
        assert any(table["name"] == "ballots.papers" for table in tables)
        return "\n".join(row["whole"] for rows in found for row in rows)


async def a_hall(room: Room, *, least: int = 3, **codes: int) -> Hall:
    """A vote on three units, open for a day; classes as in the scheme's rule."""
    await room.activate(VOTED)
    hall = Hall(room)
    body = {
        "key": KEY,
        "cycle": "2026",
        "title": "履职民主测评",
        "indicators": ["duty_vote"],
        "candidates": [{"key": key, "name": key} for key in CANDIDATES],
        "least": least,
        "closes_at": (room.clock.now() + timedelta(days=1)).isoformat(),
    }
    answer = await room.ask("POST", "/v1/votes", "office", json=body)
    assert answer.status_code == 201, answer.text
    hall.urn_key = answer.json()["urn_key"]
    for voter_class, count in codes.items():
        await hall.hand_out(voter_class, count)
    return hall


async def at_once(*asked: Awaitable[httpx.Response]) -> list[httpx.Response]:
    return list(await asyncio.gather(*asked))
