"""Try a draft out (试算): every unit's scores now and under it, from one snapshot, and nothing is touched."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from kit.clock import today
from scoring.appraisal.domain.adjustments import NOTHING_CLOSED
from scoring.appraisal.domain.faults import NotFound, WrongState
from scoring.appraisal.domain.inputs import Month, Totals
from scoring.appraisal.domain.schemes import Cycle, CycleKey, Group, Scheme, State, Unit, UnitCode, Version
from scoring.appraisal.domain.settling import traces_of
from scoring.appraisal.domain.trials import Side, TriedGroup, compared
from scoring.appraisal.domain.words import Text
from scoring.appraisal.handlers.grounds import People, grounds_of, people_of
from scoring.appraisal.handlers.reckoning import reckoned_to
from scoring.appraisal.handlers.schemes import validate
from scoring.appraisal.handlers.stretches import FiguresOf, Stretch, figures_of, stretched
from scoring.appraisal.handlers.work import DraftFigures, KeptScheme, ReadOnly, TrialMade, Work


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """`since` is the first month that the draft was tried for."""

    draft: KeptScheme
    now: Scheme | None
    since: Month
    through: Month
    groups: Sequence[TriedGroup]
    made: TrialMade


async def try_out(cycle: CycleKey, version: Version, *, by: str, work: Work) -> Trial:
    """Raises `WrongState` for what is no draft, `SchemeRefused` for one that the world has overtaken.

    That it was made is all that is written, and that afterwards: a revision is activated only after its trial.
    """
    async with work.snapshots.opened() as snapshot:
        trial = await _tried(await _draft(cycle, version, snapshot.work), by, snapshot)
    await work.trials.add(cycle, version, trial.made)
    return trial


async def _draft(cycle: CycleKey, version: Version, work: Work) -> KeptScheme:
    kept = next((kept for kept in await work.schemes.versions(cycle) if kept.version == version), None)
    if kept is None:
        raise NotFound(Text(f"方案 {cycle} 第 {version} 版", f"scheme {cycle} version {version}"))
    if kept.state is not State.DRAFT:
        raise WrongState(Text(f"第 {version} 版不是草案，不能试算", f"version {version} is {kept.state}: a trial is made of a draft"))
    await validate(await work.schemes.text(cycle, version), work=work)
    return kept


async def _tried(draft: KeptScheme, by: str, snapshot: ReadOnly) -> Trial:
    work = snapshot.work
    cycle = await work.registry.cycle(draft.cycle)
    through = await reckoned_to(draft, registry=work.registry, clock=work.clock)
    scheme = _tried_from(draft.scheme, cycle, through)
    chain = {kept.version: kept.scheme for kept in await work.schemes.chain(draft.cycle)}
    counted = await snapshot.drafts.counted(scheme.measures, cycle=cycle, zone=scheme.zone)
    room = _Room(
        now=stretched(chain, cycle, through=through) if chain else (),
        then=stretched({**chain, draft.version: scheme}, cycle, through=through),
        draft=draft.version,
        counted=counted,
    )
    units = await work.registry.units()
    members = {group: [unit for unit in units if unit.group == group.key] for group in await work.registry.groups()}
    groups = [await room.tried(members[group], work, group) for group in members if members[group]]
    made = TrialMade(by=by, at=work.clock.now(), records=counted.records, milliseconds=counted.milliseconds)
    now = room.now[-1].scheme if room.now else None
    return Trial(draft=draft, now=now, since=scheme.begins(cycle), through=through, groups=[one for one in groups if one.units], made=made)


def _tried_from(scheme: Scheme, cycle: Cycle, through: Month) -> Scheme:
    """A draft whose months are all to come is tried as if it began with the present one: else it would show nothing."""
    return replace(scheme, effective=through) if scheme.begins(cycle) > through else scheme


@dataclass(frozen=True, slots=True, kw_only=True)
class _Room:
    """What both sides of a comparison are made of."""

    now: Sequence[Stretch]
    then: Sequence[Stretch]
    draft: Version
    counted: DraftFigures

    async def tried(self, units: Sequence[Unit], work: Work, group: Group) -> TriedGroup:
        codes = [unit.code for unit in units]
        through = self.then[-1].term.through
        held = {one.term.version: await figures_of(one, codes, through=through, work=work) for one in self.now}
        drafted = {code: (self._drafted(code, through), NOTHING_CLOSED) for code in codes}
        people = await people_of(self.then[-1].scheme.cycle, codes, through=through, work=work)
        day = today(work.clock, self.then[-1].scheme.zone)
        now = _side(self.now, units, held, people, day) if self.now else None
        return compared(group, units, now=now, then=_side(self.then, units, {**held, self.draft: drafted}, people, day))

    def _drafted(self, unit: UnitCode, through: Month) -> Totals:
        """Without the months to come, as everywhere."""
        totals = self.counted.totals.get(unit, {})
        return {measure: {month: held for month, held in months.items() if month <= through} for measure, months in totals.items()}


def _side(counting: Sequence[Stretch], units: Sequence[Unit], figures: FiguresOf, people: People, day: date) -> Side:
    scheme = counting[-1].scheme
    grounds = grounds_of((unit for unit in units if scheme.appraises(unit)), counting, figures=figures, people=people)
    group = tuple(grounds.values())
    return Side(scheme, {code: traces_of(replace(ground, reckoned_on=day).among(group)) for code, ground in grounds.items()})
