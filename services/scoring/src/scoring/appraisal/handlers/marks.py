"""An assessor marks an indicator of a unit."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from kit.auth import Principal
from kit.ids import uuid7
from scoring.appraisal.domain.faults import NotAllowed
from scoring.appraisal.domain.marks import Mark, MarkId, give_mark
from scoring.appraisal.domain.schemes import CycleKey, IndicatorKey, UnitCode
from scoring.appraisal.domain.words import Text
from scoring.appraisal.handlers.work import Desk


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveMark:
    cycle: CycleKey
    unit: UnitCode
    indicator: IndicatorKey
    mark: Fraction
    reason: str


async def mark(command: GiveMark, desk: Desk) -> Mark:
    """The mark, kept with its reason; the unit waits to be settled."""
    work = desk.work
    kept = await work.schemes.active(command.cycle)
    unit = await work.registry.unit(command.unit)
    _assigned(desk.caller, unit.code)
    given = give_mark(_signed(command, desk), scheme=kept.scheme, unit=unit, own_units=_own_units(desk.caller))
    await work.marks.give(given)
    await work.scores.unsettle(kept.cycle, kept.version, [unit.code])
    return given


async def marks_of(cycle: CycleKey, desk: Desk) -> Sequence[tuple[Mark, bool]]:
    """The office and leaders see all marks, an assessor the own ones."""
    sees_all = desk.caller.roles & {"office", "leader"}
    return await desk.work.marks.given(cycle, assessor=None if sees_all else desk.caller.subject)


def _signed(command: GiveMark, desk: Desk) -> Mark:
    return Mark(
        id=MarkId(uuid7()),
        cycle=command.cycle,
        unit=command.unit,
        indicator=command.indicator,
        mark=command.mark,
        reason=command.reason,
        assessor=desk.caller.subject,
        marked_at=desk.work.clock.now(),
    )


def _own_units(caller: Principal) -> frozenset[str]:
    """Whoever also works for units of the claim judges none of them."""
    return caller.units if "unit" in caller.roles else frozenset()


def _assigned(caller: Principal, unit: UnitCode) -> None:
    """An assessor whose claim names units marks these only."""
    if "unit" not in caller.roles and caller.units and unit not in caller.units:
        raise NotAllowed(Text("该单位不在您的考核范围内", "this unit is not among those that you assess"))
