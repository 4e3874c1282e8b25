"""Setting points by hand takes two persons, and so does lifting that again."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from kit.ids import uuid7
from scoring.appraisal.domain.overrides import HOLDS, Move, Override, OverrideId, approved, moved, proposed, refused, to_be_lifted
from scoring.appraisal.domain.schemes import CycleKey, IndicatorKey, UnitCode
from scoring.appraisal.handlers.work import Desk


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposeOverride:
    cycle: CycleKey
    unit: UnitCode
    indicator: IndicatorKey
    points: Fraction
    reason: str
    evidence: tuple[str, ...]


async def propose(command: ProposeOverride, desk: Desk) -> Override:
    work = desk.work
    kept = await work.schemes.active(command.cycle)
    asked = Override(
        id=OverrideId(uuid7()),
        cycle=command.cycle,
        unit=command.unit,
        indicator=command.indicator,
        points=command.points,
        reason=command.reason,
        evidence=command.evidence,
        proposed_by=desk.caller.subject,
        proposed_at=work.clock.now(),
        asked_by=desk.caller.subject,
    )
    made = proposed(asked, scheme=kept.scheme, unit=await work.registry.unit(command.unit))
    await work.overrides.add(made)
    return made


async def approve(known: OverrideId, desk: Desk) -> Override:
    """The override that held before in its place, if any, is replaced."""
    work = desk.work
    held = await work.overrides.locked(known)
    done = approved(held, by=desk.caller.subject, at=work.clock.now())
    if done.state in HOLDS:
        for former in (await work.overrides.in_force(held.cycle, [held.unit])).get(held.unit, {}).values():
            if former.indicator == held.indicator:
                await work.overrides.keep(replace(former, state=moved(former.state, Move.REPLACE)))
    await work.overrides.keep(done)
    kept = await work.schemes.active(held.cycle)
    await work.scores.unsettle(kept.cycle, kept.version, [held.unit])
    return done


async def refuse(known: OverrideId, desk: Desk) -> Override:
    done = refused(await desk.work.overrides.locked(known), by=desk.caller.subject)
    await desk.work.overrides.keep(done)
    return done


async def lift(known: OverrideId, reason: str, desk: Desk) -> Override:
    """Ask for the computed score again; until a leader approves that, the override holds."""
    done = to_be_lifted(await desk.work.overrides.locked(known), by=desk.caller.subject, reason=reason)
    await desk.work.overrides.keep(done)
    return done


async def overrides(cycle: CycleKey, desk: Desk) -> Sequence[Override]:
    return await desk.work.overrides.all(cycle)
