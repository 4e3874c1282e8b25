"""Who is appraised, in which groups, over which months."""

from scoring.appraisal.domain.changes import UnitRegistered
from scoring.appraisal.domain.comparing import peers_of
from scoring.appraisal.domain.faults import Conflict
from scoring.appraisal.domain.schemes import Cycle, Group, Unit
from scoring.appraisal.domain.words import Text
from scoring.appraisal.handlers.work import Registry, Schemes, Work

LONGEST_CYCLE = 24  # months; a cycle of more is a slip of the pen


async def put_group(group: Group, *, registry: Registry) -> None:
    await registry.put_group(group)


async def put_unit(unit: Unit, *, work: Work) -> None:
    """Register or rename a unit, or move it to another group; says so, and settles it anew, only when something changed.

    A unit that comes or goes changes the order of both groups: where a rule compares, they are settled too.
    """
    if all(group.key != unit.group for group in await work.registry.groups()):
        raise Conflict(Text(f"没有分组 {unit.group}，请先登记分组", f"there is no group {unit.group}: register it first"))
    before = await work.registry.units()
    if not await work.registry.put_unit(unit):
        return
    await work.platform.know(unit.code)
    was = [known for known in before if known.code == unit.code]
    for kept in await work.schemes.all_active():
        touched = () if was and was[0].group == unit.group else peers_of([unit, *was], before, kept.scheme)
        await work.scores.unsettle(kept.cycle, kept.version, {unit.code, *(peer.code for peer in touched)})
    await work.outbox.add(UnitRegistered(unit=unit))


async def put_cycle(cycle: Cycle, *, registry: Registry, schemes: Schemes) -> None:
    """Months may be changed until a scheme of the cycle counts."""
    months = _months(cycle.end) - _months(cycle.start) + 1
    if not 1 <= months <= LONGEST_CYCLE:
        raise Conflict(Text(f"周期应为 1 至 {LONGEST_CYCLE} 个整月", f"a cycle has 1 to {LONGEST_CYCLE} whole months"))
    held = {known.key: known for known in await registry.cycles()}.get(cycle.key)
    moves = held is not None and (held.start, held.end) != (cycle.start, cycle.end)
    if moves and any(kept.activated_at for kept in await schemes.versions(cycle.key)):
        raise Conflict(Text("该周期的方案已启用，起止月份不能再改", "a scheme of this cycle is active: its months are fixed"))
    await registry.put_cycle(cycle)


def _months(month: str) -> int:
    year, number = month.split("-")
    return int(year) * 12 + int(number)
