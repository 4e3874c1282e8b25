"""Readiness that means something: named checks, each silent or saying why not."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from aiokafka.admin import AIOKafkaAdminClient

Check = Callable[[], Awaitable[str | None]]

PATIENCE: Final = 3.0  # seconds that one check may take; a check that hangs is a check that failed


@dataclass(slots=True)
class Health:
    """The checks of one process, by name; each gives `None` when all is well, or a sentence."""

    checks: dict[str, Check] = field(default_factory=dict)

    async def report(self) -> Mapping[str, str | None]:
        names = list(self.checks)
        answers = await asyncio.gather(*(_asked(self.checks[name]) for name in names))
        return dict(zip(names, answers, strict=True))


async def _asked(check: Check) -> str | None:
    try:
        async with asyncio.timeout(PATIENCE):
            return await check()
    except TimeoutError:
        return f"no answer within {PATIENCE:g} s"
    except Exception as error:  # noqa: BLE001 - whatever a check meets is the reason that it reports
        return f"{type(error).__name__}: {error}"


def broker_check(bootstrap: str) -> Check:
    """For readiness: silent when a broker lists its topics."""

    async def check() -> str | None:
        admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, request_timeout_ms=2_000)
        try:
            await admin.start()
            await admin.list_topics()
        finally:
            await admin.close()
        return None

    return check
