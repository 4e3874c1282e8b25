"""Evidence at work: a file is declared at one version, uploaded, and settled at the other."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import cycle
from typing import Final

import httpx

from kit.testing import eventually
from tests.faults.upgrade.said import must_be_said
from tests.faults.upgrade.sides import Ground, Side, command
from tests.faults.upgrade.sources import Source
from tests.integration.evidence.rooms import PDF, declaration, store_of

FILES: Final = 3  # of each share
SHARES: Final = 4


@dataclass(slots=True)
class EvidenceFlow:
    ground: Ground
    more: dict[str, str]
    words = ("serve",)
    accepted: list[str] = field(default_factory=list)

    async def furnish(self, side: Side) -> None:
        """Nothing: the buckets are there."""

    async def share(self, number: int, sides: Sequence[Side]) -> None:
        desks = cycle(sides)
        async with httpx.AsyncClient(timeout=30) as store:
            for file in range(FILES):
                body = PDF + f"% {number}/{file}\n".encode()
                ticket = await next(desks).ask("POST", "/evidence", "unit", ["wanglan"], json=declaration(body))
                assert (await store.put(ticket["url"], content=body)).is_success
                path = f"/evidence/{ticket['evidence']}/revisions/{ticket['revision']}/finalize"
                settled = await next(desks).ask("POST", path, "unit", ["wanglan"])
                assert settled["state"] == "accepted"
                self.accepted.append(ticket["evidence"])

    async def must_hold(self, side: Side, source: Source) -> None:
        """Every accepted file reads as it was hashed, and all were said."""
        assert len(set(self.accepted)) == SHARES * FILES

        async def listed() -> bool:
            found = await side.ask("GET", "/evidence?kind=item&id=item-1", "office")
            return {each["evidence"] for each in found} == set(self.accepted)

        await eventually(listed)
        await command(self.ground, source, "evidence", "check", self.more)
        await must_be_said(self.ground)


@asynccontextmanager
async def evidence_flow(ground: Ground) -> AsyncIterator[EvidenceFlow]:
    ground.day(datetime(2026, 9, 14, 2, tzinfo=UTC))
    store, servers = store_of(ground.servers), ground.servers
    store.make()
    try:
        yield EvidenceFlow(
            ground,
            {
                "s3_endpoint": servers.s3_endpoint,
                "s3_access_key": servers.s3_access_key,
                "s3_secret_key": servers.s3_secret_key,
                "quarantine_bucket": store.buckets.quarantine,
                "locked_bucket": store.buckets.locked,
            },
        )
    finally:
        store.remove()
