"""What decides the scores of units: figures under each version that counts, and what people gave and decided."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from scoring.appraisal.domain.given import GivenOf
from scoring.appraisal.domain.inputs import Month
from scoring.appraisal.domain.members import Member
from scoring.appraisal.domain.overrides import Override
from scoring.appraisal.domain.schemes import CycleKey, IndicatorKey, Unit, UnitCode
from scoring.appraisal.domain.settling import Ground
from scoring.appraisal.handlers.stretches import FiguresOf, Stretch, UnitFigures
from scoring.appraisal.handlers.work import Work


@dataclass(frozen=True, slots=True)
class People:
    """What people gave and decided for units, and who led these in the cycle so far."""

    given: Mapping[UnitCode, GivenOf]
    overrides: Mapping[UnitCode, Mapping[IndicatorKey, Override]]
    teams: Mapping[UnitCode, Sequence[Member]]


async def people_of(cycle: CycleKey, units: Sequence[UnitCode], *, through: Month, work: Work) -> People:
    begin = (await work.registry.cycle(cycle)).start
    teams = await work.members.of(units)
    return People(
        given=await work.judgements.given(cycle, units),
        overrides=await work.overrides.in_force(cycle, units),
        teams={unit: [member for member in team if member.serves_between(begin, through)] for unit, team in teams.items()},
    )


def grounds_of(units: Iterable[Unit], counting: Sequence[Stretch], *, figures: FiguresOf, people: People) -> dict[UnitCode, Ground]:
    """One for each unit, not yet beside those of its group."""
    return {
        unit.code: replace(
            ground_of(unit, counting, figures=figures, given=people.given.get(unit.code, {}), members=people.teams.get(unit.code, ())),
            overrides=people.overrides.get(unit.code, {}),
        )
        for unit in units
    }


def ground_of(unit: Unit, counting: Sequence[Stretch], *, figures: FiguresOf, given: GivenOf, members: Sequence[Member] = ()) -> Ground:
    """What decides the unit's scores: what people gave belongs to the cycle, and counts under each version."""
    *earlier, present = [_under(one, unit, figures[one.term.version][unit.code], given, members) for one in counting]
    return replace(present, earlier=tuple(ground for ground in earlier if ground.scheme.appraises(unit)))


def _under(one: Stretch, unit: Unit, figures: UnitFigures, given: GivenOf, members: Sequence[Member]) -> Ground:
    totals, closed = figures
    return Ground(scheme=one.scheme, term=one.term, unit=unit, totals=totals, closed=closed, given=given, members=members)
