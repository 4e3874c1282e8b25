"""The upgrade as docs/operations/upgrading.md orders it, while the work goes on: nothing may be lost, doubled or refused."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Final, Protocol

from kit.testing import Servers, TestIssuer, fresh_database, topic_prefix
from tests.faults.upgrade.flows.collection import collection_flow
from tests.faults.upgrade.flows.evidence import evidence_flow
from tests.faults.upgrade.flows.feedback import feedback_flow
from tests.faults.upgrade.flows.notification import notification_flow
from tests.faults.upgrade.flows.scoring import scoring_flow
from tests.faults.upgrade.sides import Ground, Side, a_side, command, keys_served
from tests.faults.upgrade.sources import Source


class Flow(Protocol):
    """A service's work in four shares, and what must be true after them; a service has its own in one module of `flows`."""

    @property
    def words(self) -> Sequence[str]:
        """The commands that run side by side; the first serves HTTP."""

    @property
    def more(self) -> Mapping[str, str]:
        """Settings beyond those that all services have."""

    async def furnish(self, side: Side) -> None:
        """What has to be there before the work."""

    async def share(self, number: int, sides: Sequence[Side]) -> None:
        """One share of the work, its requests to these sides in turn; over when all of it is done."""

    async def must_hold(self, side: Side, source: Source) -> None: ...


FLOWS: Final[Mapping[str, Callable[[Ground], AbstractAsyncContextManager[Flow]]]] = {
    "collection": collection_flow,
    "evidence": evidence_flow,
    "feedback": feedback_flow,
    "notification": notification_flow,
    "scoring": scoring_flow,
}


async def upgrade(service: str, ground: Ground, *, old: Source, new: Source, passed: list[str]) -> None:
    """From the old version alone to the new one alone without a pause; `passed` gets the phases as they are over."""
    async with AsyncExitStack() as stack:
        flow = await stack.enter_async_context(FLOWS[service](ground))
        await command(ground, old, service, "migrate", flow.more)
        async with a_side(ground, old, service, flow.words, flow.more) as before:
            await flow.furnish(before)
            await flow.share(0, [before])
            passed.append("the old version alone")
            await asyncio.gather(command(ground, new, service, "migrate", flow.more), flow.share(1, [before]))
            passed.append("the old version while the new one's migration runs")
            after = await stack.enter_async_context(a_side(ground, new, service, flow.words, flow.more))
            await flow.share(2, [before, after])
            passed.append("both versions beside each other")
        await flow.share(3, [after])
        passed.append("the new version alone")
        await flow.must_hold(after, new)


@asynccontextmanager
async def a_ground(servers: Servers, folder: Path) -> AsyncIterator[Ground]:
    issuer = TestIssuer()
    async with fresh_database(servers.postgres_url) as url, keys_served(issuer) as keys:
        yield Ground(servers, url, topic_prefix(), folder / "clock.json", issuer, keys)
