"""A unit applies for a bonus, the office or an assessor proposes a deduction; others check and recognise it, and then it counts."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from kit.clock import today
from kit.ids import uuid7
from scoring.appraisal.domain.claims import (
    APPLICANT,
    UNTIL_CLOSE,
    Claim,
    ClaimId,
    Content,
    Move,
    Proven,
    State,
    Step,
    checked_content,
    claimable,
    in_time,
    proved,
)
from scoring.appraisal.domain.faults import NotAllowed, NotFound
from scoring.appraisal.domain.rules.outcome import Role
from scoring.appraisal.domain.schemes import CycleKey, Indicator, IndicatorKey, UnitCode
from scoring.appraisal.domain.words import Text
from scoring.appraisal.handlers.appointments import entitled_to
from scoring.appraisal.handlers.work import Desk


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyFor:
    cycle: CycleKey
    unit: UnitCode
    indicator: IndicatorKey
    content: Content


@dataclass(frozen=True, slots=True)
class TakeStep:
    claim: ClaimId
    move: Move
    reason: str


async def apply_for(command: ApplyFor, desk: Desk) -> Proven:
    """The claim with its number; raises `NotAllowed`, and `ClaimRefused` after the closing day or for what the rule does not know."""
    work = desk.work
    indicator = await _claimable(command.cycle, command.unit, command.indicator, desk)
    await _may_apply(indicator, command.cycle, command.unit, desk)
    content = checked_content(command.content, indicator)
    claim = Claim(
        id=ClaimId(uuid7()),
        number=await work.claims.next_number(command.cycle),
        cycle=command.cycle,
        unit=command.unit,
        indicator=command.indicator,
        content=content,
        state=State.APPLIED,
        applied_by=desk.caller.subject,
        applied_at=work.clock.now(),
    )
    await work.claims.add(claim)
    return await work.claims.proven(claim)


async def apply_again(known: ClaimId, content: Content, desk: Desk) -> Proven:
    """A returned claim, put right."""
    work = desk.work
    held = await _held(known, desk)
    indicator = await _claimable(held.cycle, held.unit, held.indicator, desk)
    step = Step(move=Move.APPLY, by=desk.caller.subject, at=work.clock.now(), reason=content.reason)
    moved = held.after(step, roles=_roles(held, desk))
    moved = replace(moved, content=checked_content(content, indicator))
    await work.claims.write(moved)
    return await work.claims.proven(moved)


async def take_step(command: TakeStep, desk: Desk) -> Proven:
    """Nobody decides on the own unit's claim; recognised it counts, and the unit waits to be settled."""
    work = desk.work
    held = await _held(command.claim, desk)
    step = Step(move=command.move, by=desk.caller.subject, at=work.clock.now(), reason=command.reason)
    moved = held.after(step, roles=_roles(held, desk))
    if command.move is not Move.WITHDRAW:
        await _may_decide(held, command.move, desk)
    proven = await work.claims.proven(moved)
    await work.claims.write(proved(proven) if moved.state is State.RECOGNISED else moved)
    if moved.state is State.RECOGNISED:
        kept = await work.schemes.active(moved.cycle)
        await work.scores.unsettle(kept.cycle, kept.version, [moved.unit])
    return proven


async def claims_of(cycle: CycleKey, *, unit: UnitCode | None, desk: Desk) -> Sequence[Proven]:
    """A unit's own, an assessor's of the own indicators, all for the office and leaders; of one unit where it is named."""
    work, caller = desk.work, desk.caller
    asked = None if unit is None else [unit]
    if caller.roles & {"office", "leader"}:
        return await work.claims.of(cycle, units=asked, indicators=None)
    found: dict[int, Proven] = {}
    if "unit" in caller.roles:
        own = [code for code in map(UnitCode, sorted(caller.units)) if unit in {None, code}]
        found |= {one.claim.number: one for one in await work.claims.of(cycle, units=own, indicators=None)}
    appointment = await work.appointments.of(cycle, caller.subject) if "assessor" in caller.roles else None
    if appointment is not None:
        judged = [each.key for each in (await work.schemes.active(cycle)).scheme.indicators if appointment.covers(each)]
        among = [UnitCode(code) for code in sorted(caller.units)] if caller.units and "unit" not in caller.roles else None
        of_them = await work.claims.of(cycle, units=asked if among is None else _both(asked, among), indicators=judged)
        found |= {one.claim.number: one for one in of_them if one.claim.unit != appointment.own_unit}
    return [found[number] for number in sorted(found)]


def _both(asked: Sequence[UnitCode] | None, among: Sequence[UnitCode]) -> Sequence[UnitCode]:
    return among if asked is None else [unit for unit in asked if unit in among]


async def _claimable(cycle: CycleKey, unit: UnitCode, key: IndicatorKey, desk: Desk) -> Indicator:
    """The indicator, while claims of it are open."""
    work = desk.work
    scheme = (await work.schemes.active(cycle)).scheme
    indicator = claimable(key, scheme, await work.registry.unit(unit))
    in_time(indicator, today=today(work.clock, scheme.zone))
    return indicator


async def _may_apply(indicator: Indicator, cycle: CycleKey, unit: UnitCode, desk: Desk) -> None:
    caller = desk.caller
    is_own = "unit" in caller.roles and unit in caller.units
    if indicator.rule.role is Role.BONUS:
        if not is_own:
            raise NotAllowed(Text("加分由被考核单位自行申报", "a unit applies for its own bonus"))
    elif is_own or not caller.roles & {"office", "assessor"}:
        raise NotAllowed(Text("扣分由考核办或考核人提出，且不得涉及本单位", "the office or an assessor of other units proposes deductions"))
    elif "office" not in caller.roles:
        entitled_to(indicator, unit, own=await desk.work.appointments.of(cycle, caller.subject), desk=desk)


async def _may_decide(claim: Claim, move: Move, desk: Desk) -> None:
    caller = desk.caller
    if "unit" in caller.roles and claim.unit in caller.units:
        raise NotAllowed(Text("不得办理本单位的申报（回避）", "nobody decides on a claim of the own unit"))
    if move in UNTIL_CLOSE:
        await _claimable(claim.cycle, claim.unit, claim.indicator, desk)
    if claim.state is State.APPLIED and "office" not in caller.roles:
        scheme = (await desk.work.schemes.active(claim.cycle)).scheme
        indicator = claimable(claim.indicator, scheme, await desk.work.registry.unit(claim.unit))
        entitled_to(indicator, claim.unit, own=await desk.work.appointments.of(claim.cycle, caller.subject), desk=desk)


async def _held(known: ClaimId, desk: Desk) -> Claim:
    """To a unit another's claim is as one that is not there."""
    held = await desk.work.claims.held(known)
    if not desk.caller.roles & {"office", "leader", "assessor"} and held.unit not in desk.caller.units:
        raise NotFound(Text(f"申报 {known}", f"claim {known}"))
    return held


def _roles(claim: Claim, desk: Desk) -> frozenset[str]:
    """The caller's, with the one of applicant: anybody of the unit for its bonus, the proposer of a deduction."""
    caller = desk.caller
    is_bonus = claim.content.matter is None
    is_applicant = "unit" in caller.roles and claim.unit in caller.units if is_bonus else claim.applied_by == caller.subject
    return frozenset({*caller.roles, *({APPLICANT} if is_applicant else ())})
