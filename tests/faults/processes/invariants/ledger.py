"""No fact is lost or doubled, and totals == recount(records) == recount(fold(facts)) (I2, I3)."""

from collections import Counter

from contracts.feed import PLATFORM_SLUG
from kit.workdays import shipped
from scoring.ledger.store.proof import PgRecounts
from tests.faults.processes.bureau import Bureau
from tests.faults.processes.words import some


async def holds(bureau: Bureau) -> list[str]:
    said = Counter((fact.source.slug, fact.id, fact.subject, fact.at) for fact in bureau.systems.said)
    async with bureau.database("scoring") as database:
        rows = await database.fetch("select source, id, subject, time from ledger.facts where source <> $1", PLATFORM_SLUG)
        quarantined = await database.fetch("select reason, detail from ledger.quarantine")
        twice = await database.fetch("select source, id from ledger.facts group by source, id having count(*) > 1")
    held = Counter((row["source"], row["id"], row["subject"], row["time"]) for row in rows)
    proof = await PgRecounts(bureau.database_url("scoring"), shipped()).prove()
    return [
        *some("facts that were said and are not held", list((said - held).elements())),
        *some("facts that are held and were not said, or not so often", list((held - said).elements())),
        *some("facts held twice", [tuple(row) for row in twice]),
        *some("messages in quarantine though all were good", [tuple(row) for row in quarantined]),
        *some("records that are not what their facts come to", proof.wrong_records),
        *some("totals that are not what their records come to", proof.wrong_totals),
    ]
