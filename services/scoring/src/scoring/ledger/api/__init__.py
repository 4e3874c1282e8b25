"""The ledger's routes; the service mounts `ROUTERS` and tells `PROBLEMS`."""

from typing import Final

from kit.errors import Problem, Problems
from scoring.ledger.api import feed, intake, quarantine, registry
from scoring.ledger.handlers import refusals

ROUTERS: Final = (registry.router, intake.router, feed.router, quarantine.router)
PROBLEMS: Final[Problems] = {
    refusals.NoSuch: Problem(404, "no-such"),
    refusals.NotPossible: Problem(422, "not-possible"),
    refusals.InTheWay: Problem(409, "in-the-way"),
    refusals.CountingUnderWay: Problem(409, "counting-under-way"),
    refusals.NotYourSource: Problem(403, "not-your-source"),
    refusals.UnusableEvents: Problem(400, "unusable-events"),
}
