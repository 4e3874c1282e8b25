import asyncio

import pytest

from kit.migrations import check
from kit.workdays import shipped
from scoring.ledger.recount import recount
from scoring.ledger.store.proof import PgRecounts
from tests.integration.scoring.ledger.edges import Callers
from tests.integration.scoring.ledger.rooms import MIGRATIONS, SLUG, Room
from tests.unit.scoring.ledger.events import observed, withdrawn

CLOSED = {"status": "closed", "closed_on": "2026-03-09", "amount": "99999999999999999.999999999"}


async def test_a_recount_names_what_was_tampered_with(room: Room, callers: Callers, capsys: pytest.CaptureFixture[str]) -> None:
    events = [observed(f"e-{n}", subject=f"案-{n}", unit="east", set=CLOSED) for n in range(30)]
    await room.send([*events, withdrawn("w-1", subject="案-3", minute=1)])
    async with room.worker():
        await room.until("facts", 31)
    recounts = PgRecounts(room.url, shipped())
    assert await recount(recounts) == 0
    assert "31 facts, 30 records" in capsys.readouterr().out
    await room.pool.execute("update ledger.totals set n = n + 1, total = total - 0.000000001 where unit = 'u-east' and n > 0")
    await room.pool.execute("delete from ledger.records where subject = '案-1'")
    proof = (await callers.office("POST", "/feed/recount")).json()
    assert (proof["holds"], proof["wrong_records"]) == (False, [[SLUG, "案-1"]])
    assert {one["measure"] for one in proof["wrong_totals"]} == {"closed", "amount"}
    assert await recount(recounts) == 1
    assert "1 records and 2 totals differ" in capsys.readouterr().out
    page = await callers.client.get("/metrics")
    assert "recount_differences 3.0" in page.text


async def test_the_tables_are_those_that_the_migrations_make(room: Room) -> None:
    await asyncio.to_thread(check, MIGRATIONS, room.url)
