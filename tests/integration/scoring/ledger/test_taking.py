from tests.integration.scoring.ledger.rooms import Room
from tests.unit.scoring.ledger.events import observed, withdrawn


async def test_facts_become_records_and_totals_exactly_once(room: Room) -> None:
    closed = {"status": "closed", "amount": "10.50", "filed_on": "2026-03-02", "closed_on": "2026-03-09"}
    await room.send(
        [
            observed("e-1", subject="case-1", unit="east", set=closed),
            observed("e-1", subject="case-1", unit="east", set=closed),
            observed("e-2", subject="case-2", unit="west", set=closed | {"amount": 7}),
            observed("e-3", subject="case-2", minute=1, unit="west", set={"amount": "8"}),
            withdrawn("e-4", subject="case-3"),
            observed("e-5", subject="case-4", unit="nowhere", set=closed),
        ]
    )
    async with room.worker():
        await room.until("facts", 5)
    rows = await room.pool.fetch(
        "select key, unit, month, n, total from ledger.totals join ledger.measures on number = measure order by key, unit"
    )
    assert [(row["key"], row["unit"], row["month"], row["n"], str(row["total"].normalize())) for row in rows] == [
        ("amount", "u-east", "2026-03", 1, "10.5"),
        ("amount", "u-west", "2026-03", 1, "8"),
        ("closed", "u-east", "2026-03", 1, "1"),
        ("closed", "u-west", "2026-03", 1, "1"),
        ("days", "u-east", "2026-03", 1, "5"),
        ("days", "u-west", "2026-03", 1, "5"),
    ]
    assert await room.count("records") == 4
    assert await room.pool.fetchval("select copies from ledger.fact_ids where id = 'e-1'") == 1
