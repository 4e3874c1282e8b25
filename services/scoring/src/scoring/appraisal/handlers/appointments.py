"""The office appoints assessors; whoever judges has to be one of them."""

from collections.abc import Sequence

from kit.clock import today
from scoring.appraisal.domain.appointments import Appointment, checked, entitled
from scoring.appraisal.domain.faults import Conflict, NotAllowed, NotFound
from scoring.appraisal.domain.schemes import CycleKey, Indicator, UnitCode
from scoring.appraisal.domain.words import Text
from scoring.appraisal.handlers.work import Desk


async def appoint(appointment: Appointment, desk: Desk) -> Appointment:
    """Appoint an assessor, or change what an assessor is appointed for; any version of the cycle's scheme may name the indicators."""
    work = desk.work
    versions = await work.schemes.versions(appointment.cycle)
    if not versions:
        raise Conflict(Text("该周期尚无考核方案，请先提交方案", "the cycle has no scheme yet: add one first"))
    if appointment.own_unit is not None:
        await work.registry.unit(appointment.own_unit)
    known = [indicator for kept in versions for indicator in kept.scheme.indicators]
    made = checked(appointment, by=desk.caller.subject, known=known, today=today(work.clock, versions[-1].scheme.zone))
    await work.appointments.put(made)
    return made


async def appointments(cycle: CycleKey, desk: Desk) -> Sequence[Appointment]:
    return await desk.work.appointments.all(cycle)


async def appointment(cycle: CycleKey, subject: str, desk: Desk) -> Appointment:
    """Assessors see the own one; raises `NotAllowed`, `NotFound`."""
    if not desk.caller.roles & {"office", "leader"} and desk.caller.subject != subject:
        raise NotAllowed(Text("只能查看本人的考核人资格", "you may see the own appointment only"))
    found = await desk.work.appointments.of(cycle, subject)
    if found is None:
        raise NotFound(Text(f"考核人 {subject}", f"assessor {subject}"))
    return found


def entitled_to(indicator: Indicator, unit: UnitCode, *, own: Appointment | None, desk: Desk) -> None:
    """Raises `NotAllowed` unless the caller is appointed for the indicator, trained, and none of the unit's own people (回避)."""
    held = entitled(own, indicator)
    caller = desk.caller
    serves = caller.units if "unit" in caller.roles else frozenset()
    if unit in serves or unit == held.own_unit:
        raise NotAllowed(Text("不得为本单位评分（回避）", "nobody marks the own unit"))
    if "unit" not in caller.roles and caller.units and unit not in caller.units:
        raise NotAllowed(Text("该单位不在您的考核范围内", "this unit is not among those that you assess"))
