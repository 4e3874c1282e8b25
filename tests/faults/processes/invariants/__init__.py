"""What must hold whenever the bureau is at rest, one module a promise; a later service adds its module and a line here."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from tests.faults.processes.bureau import Bureau
from tests.faults.processes.invariants import evidence, inbox, ladder, ledger, outbox, scores, traces

Promise = Callable[[Bureau], Awaitable[list[str]]]
"""The ways in which the promise is broken, in words; none when it holds."""

PROMISES: Final[Mapping[str, Promise]] = {
    "ledger": ledger.holds,
    "scores": scores.holds,
    "traces": traces.holds,
    "outbox": outbox.holds,
    "inbox": inbox.holds,
    "ladder": ladder.holds,
    "evidence": evidence.holds,
}


async def broken(bureau: Bureau) -> list[str]:
    """Every broken promise; the logs are read to their ends before."""
    await bureau.logs.read_on()
    bureau.open_mails()
    return [f"{name}: {words}" for name, holds in PROMISES.items() for words in await holds(bureau)]
