"""A unit files a statement; the office accepts, a leader approves, and the unit is settled without the named records."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from kit.ids import uuid7
from scoring.appraisal.domain.faults import NotAllowed, NotFound
from scoring.appraisal.domain.inputs import MeasureKey
from scoring.appraisal.domain.schemes import CycleKey, IndicatorKey, UnitCode
from scoring.appraisal.domain.statements import Move, RecordName, State, Statement, StatementId, Step
from scoring.appraisal.domain.words import Text
from scoring.appraisal.handlers.confirmations import in_force
from scoring.appraisal.handlers.work import Desk, Work


@dataclass(frozen=True, slots=True, kw_only=True)
class FileStatement:
    """Names measures or an indicator, never both."""

    cycle: CycleKey
    unit: UnitCode
    records: Sequence[RecordName]
    measures: frozenset[MeasureKey]
    indicator: IndicatorKey | None
    reason: str
    evidence: Sequence[UUID]


@dataclass(frozen=True, slots=True)
class TakeStep:
    statement: StatementId
    move: Move
    reason: str


async def file(command: FileStatement, desk: Desk) -> Statement:
    """Raises `NotFound` for a record that does not stand for the unit, and in the same words for none."""
    work = desk.work
    await _nameable(command, work)
    for record in command.records:
        if not await work.closing.past.holds(command.unit, source=record.source, subject=record.subject):
            raise NotFound(Text(f"本单位的业务记录 {record.subject}", f"record {record.subject} of your unit"))
    filed = Statement(
        id=StatementId(uuid7()),
        cycle=command.cycle,
        unit=command.unit,
        records=tuple(dict.fromkeys(command.records)),
        measures=command.measures,
        indicator=command.indicator,
        reason=command.reason,
        evidence=tuple(command.evidence),
        state=State.FILED,
        filed_by=desk.caller.subject,
        filed_at=work.clock.now(),
    )
    await work.closing.statements.add(filed)
    return filed


async def take_step(command: TakeStep, desk: Desk) -> Statement:
    """The office accepts or refuses, a leader approves or refuses; nobody for the own unit, nobody twice."""
    work, caller = desk.work, desk.caller
    held = await work.closing.statements.held(command.statement)
    if "unit" in caller.roles and held.unit in caller.units:
        raise NotAllowed(Text("不得办理本单位的情况说明（回避）", "nobody decides a statement of the own unit"))
    step = Step(move=command.move, by=caller.subject, at=work.clock.now(), reason=command.reason)
    moved = held.after(step, roles=caller.roles)
    await work.closing.statements.write(moved)
    if moved.state is State.APPROVED:
        for kept in await in_force(moved.cycle, work):
            await work.scores.unsettle(kept.cycle, kept.version, [moved.unit])
    return moved


async def statements_of(cycle: CycleKey, *, units: Sequence[UnitCode] | None, work: Work) -> Sequence[Statement]:
    """The oldest first; of these units or of all."""
    return await work.closing.statements.of(cycle, units)


async def _nameable(command: FileStatement, work: Work) -> None:
    schemes = [kept.scheme for kept in await in_force(command.cycle, work)]
    for measure in command.measures:
        if all(measure not in scheme.measures for scheme in schemes):
            raise NotFound(Text(f"度量 {measure}", f"measure {measure}"))
    if command.indicator is not None and all(scheme.indicator(command.indicator) is None for scheme in schemes):
        raise NotFound(Text(f"指标 {command.indicator}", f"indicator {command.indicator}"))
