"""How far the cycle has come."""

from kit.clock import Clock, today
from scoring.appraisal.domain.inputs import Month
from scoring.appraisal.handlers.work import KeptScheme, Registry


async def reckoned_to(kept: KeptScheme, *, registry: Registry, clock: Clock) -> Month:
    """The last month that counts today, in the scheme's zone."""
    return (await registry.cycle(kept.cycle)).through(today(clock, kept.scheme.zone))
