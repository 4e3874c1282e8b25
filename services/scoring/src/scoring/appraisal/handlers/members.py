"""The leadership team of a unit, and what its members got."""

from collections.abc import Mapping, Sequence
from fractions import Fraction

from scoring.appraisal.domain.inputs import Month
from scoring.appraisal.domain.members import Member, checked, points_of
from scoring.appraisal.domain.schemes import CycleKey, IndicatorKey, UnitCode
from scoring.appraisal.handlers.reckoning import reckoned_to
from scoring.appraisal.handlers.work import KeptScheme, Work


async def put_member(member: Member, *, work: Work) -> Member:
    """Register or change a member; the unit is settled anew, since it may wait for one member more or less."""
    await work.registry.unit(member.unit)
    await work.members.put(checked(member))
    for kept in await work.schemes.all_active():
        await work.scores.unsettle(kept.cycle, kept.version, [member.unit])
    return member


async def members_of(unit: UnitCode, *, work: Work) -> Sequence[Member]:
    await work.registry.unit(unit)
    return (await work.members.of([unit])).get(unit, ())


async def serving(cycle: CycleKey, work: Work) -> tuple[Month, Month]:
    """The months of the cycle so far: whoever served in one of them is judged."""
    kept = await work.schemes.active(cycle)
    return (await work.registry.cycle(cycle)).start, await reckoned_to(kept, registry=work.registry, clock=work.clock)


async def results_of(
    cycle: CycleKey, unit: UnitCode, *, work: Work
) -> tuple[KeptScheme, Sequence[tuple[Member, Mapping[IndicatorKey, Fraction]]]]:
    """Each member with the own points of the indicators that judge members, as far as they are complete."""
    kept = await work.schemes.active(cycle)
    await work.registry.unit(unit)
    held = (await work.scores.held(cycle, kept.version, [unit])).get(unit, {})
    by_indicator = {key: points_of(trace) for key, trace in held.items()}
    months = await serving(cycle, work)
    team = [member for member in (await work.members.of([unit])).get(unit, ()) if member.serves_between(*months)]
    return kept, [(member, {key: points[member.key] for key, points in by_indicator.items() if member.key in points}) for member in team]
