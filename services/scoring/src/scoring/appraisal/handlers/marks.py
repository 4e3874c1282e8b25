"""Assessors mark indicators of units, one by one or many at once; a second person confirms where the scheme wants it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from kit.ids import uuid7
from scoring.appraisal.domain.appointments import Appointment
from scoring.appraisal.domain.assessing import Record, nothing_of, records_of
from scoring.appraisal.domain.faults import Conflict, EntriesRefused, Fault, MarkRefused, NotAllowed, NotFound, Refused
from scoring.appraisal.domain.marks import (
    Decision,
    Held,
    Mark,
    MarkId,
    Place,
    SelfAssessment,
    State,
    Succession,
    confirmed,
    give_mark,
    marked_indicator,
    returned,
    self_assessed,
    slot_of,
    standing,
    succeeding,
)
from scoring.appraisal.domain.members import Member, apart_from
from scoring.appraisal.domain.missing import Missing, missing
from scoring.appraisal.domain.schemes import CycleKey, Indicator, IndicatorKey, Unit, UnitCode
from scoring.appraisal.domain.words import Text
from scoring.appraisal.handlers.appointments import entitled_to
from scoring.appraisal.handlers.members import serving
from scoring.appraisal.handlers.work import Desk, KeptScheme

_NOTHING = Text("", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveMark:
    """`replaces` is the mark that the marker saw in that place; a draft is kept for its author and counts for nothing."""

    cycle: CycleKey
    unit: UnitCode
    indicator: IndicatorKey
    mark: Fraction
    reason: str
    evidence: tuple[str, ...] = ()
    replaces: MarkId | None = None
    is_draft: bool = False
    sample: str = ""
    member: str = ""

    def place(self, assessor: str) -> Place:
        return Place(self.cycle, self.unit, self.indicator, slot_of(self.sample, assessor, self.member))


async def mark(command: GiveMark, desk: Desk) -> Mark:
    """The mark, kept with its reason; the unit waits to be settled. Raises `Conflict` where somebody marked in between."""
    table = await _table(command.cycle, [command], desk)
    succession = table.succession(command, desk)
    await _keep(table.kept, [succession], desk)
    return succession.mark


async def mark_all(cycle: CycleKey, commands: Sequence[GiveMark], desk: Desk, *, dry_run: bool) -> Sequence[Mark]:
    """All of them or none; raises `EntriesRefused` with the index of each that can't be given. A dry run keeps nothing."""
    table = await _table(cycle, commands, desk)
    made: list[Succession] = []
    faults: list[Fault] = []
    seen: set[Place] = set()
    for index, command in enumerate(commands):
        try:
            place = command.place(desk.caller.subject)
            if place in seen:
                raise MarkRefused(Text("同一单位同一指标重复出现", "this unit and indicator stand twice in the list"))
            seen.add(place)
            made.append(table.succession(command, desk))
        except Refused as refused:
            faults.append(Fault(f"marks[{index}]", refused.text, _NOTHING))
    if faults:
        raise EntriesRefused(tuple(faults))
    if not dry_run:
        await _keep(table.kept, made, desk)
    return [succession.mark for succession in made]


async def decide(known: MarkId, *, confirms: bool, reason: str, desk: Desk) -> Mark:
    """Confirm a mark or return it: another assessor of the indicator, or the office."""
    work = desk.work
    found = await work.marks.mark(known)
    kept = await work.schemes.active(found.cycle)
    indicator = marked_indicator(found.indicator, kept.scheme, await work.registry.unit(found.unit))
    if "office" not in desk.caller.roles:
        own = await work.appointments.of(found.cycle, desk.caller.subject)
        entitled_to(indicator, found.unit, own=own, desk=desk)
    apart_from((await work.members.of([found.unit])).get(found.unit, ()), desk.caller.subject)
    if found.state is State.DRAFT:
        raise NotFound(Text(f"评分 {known}", f"mark {known}"))
    if not indicator.confirm:
        raise Conflict(Text("该指标的评分不需确认", "marks of this indicator need no confirmation"))
    held = (await work.marks.held([found.place]))[found.place]
    found = held.current if held.current and held.current.id == known else found
    decision = Decision(by=desk.caller.subject, at=work.clock.now(), reason=reason)
    succession = confirmed(found, held, decision) if confirms else returned(found, held, decision)
    await _keep(kept, [succession], desk)
    return succession.mark


async def marks_of(cycle: CycleKey, desk: Desk) -> Sequence[Mark]:
    """The office and leaders see all marks that were given, an assessor the own ones and those of the own indicators."""
    work, reader = desk.work, desk.caller.subject
    if desk.caller.roles & {"office", "leader"}:
        return await work.marks.given(cycle, reader=reader, indicators=None)
    own = await work.appointments.of(cycle, reader)
    indicators = [] if own is None else await _covered(cycle, own, desk)
    found = await work.marks.given(cycle, reader=reader, indicators=indicators)
    return [mark for mark in found if not mark.sample or mark.assessor == reader]  # samples are taken without looking at the others'


async def still_missing(cycle: CycleKey, desk: Desk) -> Sequence[Missing]:
    """All for the office and leaders; for an assessor what the own appointment asks for, its own samples among them."""
    work, caller = desk.work, desk.caller
    kept = await work.schemes.active(cycle)
    units = await work.registry.units()
    months = await serving(cycle, work)
    members = {unit: [each for each in team if each.serves_between(*months)] for unit, team in (await work.members.of(None)).items()}
    standing_marks = standing(await work.marks.given(cycle, reader=caller.subject, indicators=None))
    if caller.roles & {"office", "leader"}:
        return list(missing(kept.scheme, units, members, standing_marks, concerns=lambda _indicator, _unit: True))
    own = await work.appointments.of(cycle, caller.subject)
    theirs = [mark for mark in standing_marks if not mark.sample or mark.assessor == caller.subject]

    def concerns(indicator: Indicator, unit: Unit) -> bool:
        try:
            entitled_to(indicator, unit.code, own=own, desk=desk)
        except NotAllowed:
            return False
        return True

    return list(missing(kept.scheme, units, members, theirs, concerns=concerns))


async def report(cycle: CycleKey, desk: Desk) -> Sequence[tuple[Record, str]]:
    """What each assessor did, with the name of the appointment; those who did nothing yet too."""
    work = desk.work
    names = {each.subject: each.name for each in await work.appointments.all(cycle)}
    found = {record.assessor: record for record in records_of(await work.marks.given(cycle, reader="", indicators=None))}
    return [(found.get(who, nothing_of(who)), names.get(who, "")) for who in sorted({*names, *found})]


async def assess_oneself(said: SelfAssessment, desk: Desk) -> SelfAssessment:
    """A unit's own view, before its mark."""
    if said.unit not in desk.caller.units:
        raise NotAllowed(Text("只能为本单位自评", "you may assess the own unit only"))
    work = desk.work
    kept = await work.schemes.active(said.cycle)
    place = Place(said.cycle, said.unit, said.indicator)
    held = (await work.marks.held([place]))[place]
    checked = self_assessed(said, held, scheme=kept.scheme, unit=await work.registry.unit(said.unit))
    await work.self_assessments.put(checked)
    return checked


async def self_assessment(place: Place, desk: Desk) -> SelfAssessment:
    """For the unit itself, those who judge it, the office and leaders; raises `NotAllowed` before anything of it is read."""
    work, caller = desk.work, desk.caller
    sees_all = caller.roles & {"office", "leader"}
    is_own = "unit" in caller.roles and place.unit in caller.units
    if not sees_all and not is_own:
        indicator = (await work.schemes.active(place.cycle)).scheme.indicator(place.indicator)
        if indicator is None:
            raise NotFound(Text(f"指标 {place.indicator}", f"indicator {place.indicator}"))
        entitled_to(indicator, place.unit, own=await work.appointments.of(place.cycle, caller.subject), desk=desk)
    found = await work.self_assessments.of(place.cycle, place.unit, place.indicator)
    if found is None:
        raise NotFound(Text(f"{place.unit} 对指标 {place.indicator} 的自评", f"self-assessment of {place.unit} for {place.indicator}"))
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class _Table:
    """What the marks of a request are judged by, read once."""

    kept: KeptScheme
    own: Appointment | None
    units: Mapping[UnitCode, Unit]
    members: Mapping[UnitCode, Sequence[Member]]
    held: Mapping[Place, Held]

    def succession(self, command: GiveMark, desk: Desk) -> Succession:
        unit = self.units.get(command.unit)
        if unit is None:
            raise NotFound(Text(f"单位 {command.unit}", f"unit {command.unit}"))
        indicator = marked_indicator(command.indicator, self.kept.scheme, unit)
        entitled_to(indicator, unit.code, own=self.own, desk=desk)
        team = self.members.get(unit.code, ())
        apart_from(team, desk.caller.subject)
        if command.member and all(member.key != command.member for member in team):
            raise NotFound(Text(f"{unit.name} 的班子成员 {command.member}", f"member {command.member} of {unit.code}"))
        given = give_mark(_signed(command, desk), indicator=indicator, unit=unit, rounding=self.kept.scheme.rounding)
        return succeeding(given, self.held[command.place(desk.caller.subject)], indicator)


async def _table(cycle: CycleKey, commands: Sequence[GiveMark], desk: Desk) -> _Table:
    work = desk.work
    return _Table(
        kept=await work.schemes.active(cycle),
        own=await work.appointments.of(cycle, desk.caller.subject),
        units={unit.code: unit for unit in await work.registry.units()},
        members=await work.members.of({command.unit for command in commands}),
        held=await work.marks.held({command.place(desk.caller.subject) for command in commands}),
    )


async def _keep(kept: KeptScheme, successions: Sequence[Succession], desk: Desk) -> None:
    await desk.work.marks.keep(successions)
    moved = {one.mark.unit for one in successions if one.mark.counts}
    await desk.work.scores.unsettle(kept.cycle, kept.version, sorted(moved))


async def _covered(cycle: CycleKey, own: Appointment, desk: Desk) -> list[IndicatorKey]:
    kept = await desk.work.schemes.active(cycle)
    return [indicator.key for indicator in kept.scheme.indicators if own.covers(indicator)]


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
        evidence=command.evidence,
        replaces=command.replaces,
        state=State.DRAFT if command.is_draft else State.GIVEN,
        sample=command.sample,
        member=command.member,
    )
