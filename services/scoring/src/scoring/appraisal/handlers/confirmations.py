"""A period is opened for confirmation, units confirm or dispute, the office decides, and the figures lock."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from kit.clock import today
from kit.ids import uuid7
from scoring.appraisal.domain.adjustments import Positions
from scoring.appraisal.domain.confirmations import (
    Confirmation,
    Decision,
    Dispute,
    DisputeId,
    Figure,
    Move,
    Opened,
    Outcome,
    State,
    figures_of,
    locks_at_once,
    openable,
    seal,
    still_open,
)
from scoring.appraisal.domain.faults import Conflict, NotAllowed, NotFound
from scoring.appraisal.domain.inputs import MeasureKey
from scoring.appraisal.domain.periods import PeriodKey, period_of
from scoring.appraisal.domain.schemes import CycleKey, UnitCode, Version, count_name
from scoring.appraisal.domain.words import Text
from scoring.appraisal.handlers.work import Desk, KeptScheme, Work

CLOCK: Final = "platform"  # who moves a unit whose date has passed
MOST_LAPSED: Final = 20  # units locked in one pass of the settle loop


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenPeriod:
    cycle: CycleKey
    period: PeriodKey
    by: date


@dataclass(frozen=True, slots=True, kw_only=True)
class OfUnit:
    cycle: CycleKey
    period: PeriodKey
    unit: UnitCode


@dataclass(frozen=True, slots=True, kw_only=True)
class RaiseDispute:
    where: OfUnit
    source: str
    subject: str
    measure: MeasureKey
    reason: str


@dataclass(frozen=True, slots=True)
class Decide:
    dispute: DisputeId
    outcome: Outcome
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitPeriod:
    """What a unit confirms; `seal` says which figures these are."""

    opened: Opened
    confirmation: Confirmation
    figures: Sequence[Figure]
    seal: str
    disputes: Sequence[Dispute]


@dataclass(frozen=True, slots=True)
class Overview:
    opened: Opened
    units: Sequence[Confirmation]
    disputes: Sequence[Dispute]


@dataclass(frozen=True, slots=True)
class _Taken:
    version: Version
    figures: tuple[Figure, ...]
    positions: Positions


async def open_period(command: OpenPeriod, desk: Desk) -> Opened:
    """Ask all appraised units to confirm a month or a quarter that is over; asked again, the date changes."""
    work = desk.work
    schemes = await in_force(command.cycle, work)
    cycle = await work.registry.cycle(command.cycle)
    period = period_of(cycle, command.period)
    day = today(work.clock, schemes[0].scheme.zone)
    openable(period, by=command.by, today=day, opened=await work.closing.confirmations.opened(cycle))
    opened = Opened(cycle=cycle.key, period=period, by=command.by, opened_by=desk.caller.subject, opened_at=work.clock.now())
    units = [unit.code for unit in await work.registry.units() if any(kept.scheme.appraises(unit) for kept in schemes)]
    await work.closing.confirmations.open(opened, units)
    return opened


async def opened_period(cycle: CycleKey, period: PeriodKey, work: Work) -> Opened:
    """Raises `NotFound` for a period that was not opened."""
    for opened in await opened_periods(cycle, work):
        if opened.period.key == period:
            return opened
    raise NotFound(Text(f"已开放核定的期间 {period}", f"period {period} that is open for confirmation"))


async def opened_periods(cycle: CycleKey, work: Work) -> Sequence[Opened]:
    return await work.closing.confirmations.opened(await work.registry.cycle(cycle))


async def overview(cycle: CycleKey, period: PeriodKey, work: Work) -> Overview:
    opened = await opened_period(cycle, period, work)
    room = work.closing.confirmations
    return Overview(opened, await room.of_period(cycle, period), await room.disputes(cycle, period, None))


async def figures_to_confirm(where: OfUnit, work: Work) -> UnitPeriod:
    """The live figures until they are locked, the locked ones from then on."""
    opened = await opened_period(where.cycle, where.period, work)
    confirmation = await _standing(where, work)
    figures = await (_locked(opened, where.unit, work) if confirmation.is_locked else _live(opened, where.unit, work))
    disputes = await work.closing.confirmations.disputes(where.cycle, where.period, where.unit)
    return UnitPeriod(opened=opened, confirmation=confirmation, figures=figures, seal=seal(figures), disputes=disputes)


async def _standing(where: OfUnit, work: Work) -> Confirmation:
    for one in await work.closing.confirmations.of_unit(where.cycle, where.unit):
        if one.period == where.period:
            return one
    raise NotFound(Text(f"单位 {where.unit} 在期间 {where.period} 的核定", f"confirmation of {where.unit} for {where.period}"))


async def confirm(where: OfUnit, *, seen: str, desk: Desk) -> Confirmation:
    """A unit confirms the figures that it has seen, and they lock; raises `Conflict` when they moved meanwhile."""
    opened, held = await _held_open(where, desk.work)
    taken = await _taken(opened, where.unit, desk.work)
    if seal(_all(taken)) != seen:
        raise Conflict(Text("数据已有变化，请重新核对后再确认", "the figures have moved since you looked: look again, then confirm"))
    confirmed = held.after(Move.CONFIRM, by=desk.caller.subject, at=desk.work.clock.now())
    return await _lock(confirmed.locked(), taken, desk.work)


async def dispute(command: RaiseDispute, desk: Desk) -> Dispute:
    """A unit doubts one of its records; nothing locks until the office has decided."""
    work, where = desk.work, command.where
    _, held = await _held_open(where, work)
    await _disputable(command, work)
    disputed = held.after(Move.DISPUTE, by=desk.caller.subject, at=work.clock.now())
    raised = Dispute(
        id=DisputeId(uuid7()),
        cycle=where.cycle,
        period=where.period,
        unit=where.unit,
        source=command.source,
        subject=command.subject,
        measure=command.measure,
        reason=command.reason,
        raised_by=desk.caller.subject,
        raised_at=work.clock.now(),
    )
    await work.closing.confirmations.dispute(raised)
    await work.closing.confirmations.write(disputed)
    return raised


async def decide(command: Decide, desk: Desk) -> Dispute:
    """The office decides one dispute with a reason; with the last one the unit's figures lock, unless a correction is awaited."""
    work, room = desk.work, desk.work.closing.confirmations
    found = await room.disputed(command.dispute)
    if "unit" in desk.caller.roles and found.unit in desk.caller.units:
        raise NotAllowed(Text("不得裁定本单位的异议（回避）", "nobody decides a dispute of the own unit"))
    held = await room.held(found.cycle, found.period, found.unit)
    disputes = await room.disputes(found.cycle, found.period, found.unit)
    if any(each.id == found.id and each.decision for each in disputes):
        raise Conflict(Text("该异议已有裁定", "this dispute is decided already"))
    decision = Decision(outcome=command.outcome, reason=command.reason, decided_by=desk.caller.subject, decided_at=work.clock.now())
    decided = replace(found, decision=decision)
    await room.decide(decided)
    decisions = [decision if each.id == found.id else each.decision for each in disputes]
    if all(decisions):
        await _after_the_last(held, [each for each in decisions if each], desk)
    return decided


async def lock_lapsed(work: Work) -> int:
    """Lock what nobody disputed by its date, and what was decided; how many units were locked."""
    done = 0
    for cycle in sorted({kept.cycle for kept in await work.schemes.all_active()}):
        day = today(work.clock, (await in_force(cycle, work))[0].scheme.zone)
        for held in await work.closing.confirmations.lapsed(cycle, today=day, most=MOST_LAPSED):
            opened = await opened_period(cycle, held.period, work)
            due = held.after(Move.LAPSE, by=CLOCK, at=work.clock.now()) if held.state is State.OPEN else held
            await _lock(due.locked(), await _taken(opened, held.unit, work), work)
            done += 1
    return done


async def _after_the_last(held: Confirmation, decisions: Sequence[Decision], desk: Desk) -> None:
    work = desk.work
    opened = await opened_period(held.cycle, held.period, work)
    decided = held.after(Move.DECIDE, by=desk.caller.subject, at=work.clock.now())
    day = today(work.clock, (await in_force(held.cycle, work))[0].scheme.zone)
    if locks_at_once(decisions, has_passed=opened.has_passed(day)):
        await _lock(decided.locked(), await _taken(opened, held.unit, work), work)
    else:
        await work.closing.confirmations.write(decided)


async def _held_open(where: OfUnit, work: Work) -> tuple[Opened, Confirmation]:
    opened = await opened_period(where.cycle, where.period, work)
    held = await work.closing.confirmations.held(where.cycle, where.period, where.unit)
    still_open(opened, today=today(work.clock, (await in_force(where.cycle, work))[0].scheme.zone))
    return opened, held


async def _disputable(command: RaiseDispute, work: Work) -> None:
    """A record of another unit is told apart from none by nothing."""
    where = command.where
    if all(command.measure not in kept.scheme.measures for kept in await in_force(where.cycle, work)):
        raise NotFound(Text(f"度量 {command.measure}", f"measure {command.measure}"))
    if not await work.closing.past.holds(where.unit, source=command.source, subject=command.subject):
        raise NotFound(Text("本单位的该业务记录", "such record of your unit"))
    for other in await work.closing.confirmations.disputes(where.cycle, where.period, where.unit):
        if (other.source, other.subject, other.measure) == (command.source, command.subject, command.measure):
            raise Conflict(Text("该记录已提出过异议", "this record is disputed already"))


async def _lock(locked: Confirmation, taken: Sequence[_Taken], work: Work) -> Confirmation:
    for one in taken:
        await work.closing.locks.lock(locked, one.version, one.figures, one.positions)
        await work.scores.unsettle(locked.cycle, one.version, [locked.unit])
    await work.closing.confirmations.write(locked)
    return locked


async def _taken(opened: Opened, unit: UnitCode, work: Work) -> list[_Taken]:
    """The live figures under each version in force, with where the ledger stood; raises `Conflict` in the middle of a count."""
    if not await work.figures.are_still():
        raise Conflict(Text("正在重新统计，请稍后再试", "totals are being counted anew: try again in a minute"))
    taken = []
    for kept in await in_force(opened.cycle, work):
        now = await work.closing.past.snapshot(count_name(kept.cycle, kept.version), unit, through=opened.period.last)
        measures = map(MeasureKey, kept.scheme.measures)
        figures = figures_of(now.totals, version=kept.version, measures=measures, months=opened.period.months)
        taken.append(_Taken(kept.version, figures, now.positions))
    return taken


async def _live(opened: Opened, unit: UnitCode, work: Work) -> Sequence[Figure]:
    return _all(await _taken(opened, unit, work))


async def _locked(opened: Opened, unit: UnitCode, work: Work) -> Sequence[Figure]:
    figures = []
    for kept in await in_force(opened.cycle, work):
        locked = (await work.closing.locks.of(kept.cycle, kept.version, [unit])).get(unit, {})
        figures += [
            Figure(version=place.version, measure=place.measure, month=place.month, held=held.counts)
            for place, held in sorted(locked.items())
            if place.month in opened.period.months
        ]
    return figures


def _all(taken: Sequence[_Taken]) -> Sequence[Figure]:
    return [figure for one in taken for figure in one.figures]


async def in_force(cycle: CycleKey, work: Work) -> Sequence[KeptScheme]:
    """Every version that was ever active, since each may judge months of the cycle; never empty, raises `NotFound`."""
    return await work.schemes.chain(cycle) or [await work.schemes.active(cycle)]
