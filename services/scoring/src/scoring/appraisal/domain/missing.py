"""Which marks are still to come, and what of them: nobody marked, somebody has to confirm, or a return has to be mended."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from scoring.appraisal.domain.marks import SAMPLED, Mark, State, assessors_mark, fits
from scoring.appraisal.domain.members import Member
from scoring.appraisal.domain.schemes import Indicator, IndicatorKey, Scheme, Unit, UnitCode


class Wanted(StrEnum):
    MARK = "mark"
    CONFIRMATION = "confirmation"
    BETTER_MARK = "better_mark"


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    indicator: Indicator
    unit: Unit
    wanted: Wanted
    member: Member | None = None


Concerns = Callable[[Indicator, Unit], bool]


def missing(
    scheme: Scheme, units: Iterable[Unit], members: Mapping[UnitCode, Sequence[Member]], standing: Iterable[Mark], *, concerns: Concerns
) -> Iterator[Missing]:
    """In the order of the scheme; `standing` are the marks that stand, `concerns` says whose business it is."""
    marks: dict[tuple[UnitCode, IndicatorKey, str], list[Mark]] = {}
    for mark in standing:
        marks.setdefault((mark.unit, mark.indicator, mark.member), []).append(mark)
    everybody = tuple(units)
    for indicator in scheme.indicators:
        if not assessors_mark(indicator):
            continue
        for unit in everybody:
            if indicator not in scheme.indicators_of(unit) or not concerns(indicator, unit):
                continue
            for member in members.get(unit.code, ()) if indicator.of_members else (None,):
                found = marks.get((unit.code, indicator.key, member.key if member else ""), [])
                fitting = [mark for mark in found if fits(mark, indicator=indicator, unit=unit, rounding=scheme.rounding)]
                wanted = _wanted(indicator, fitting) if fitting or not found else Wanted.BETTER_MARK
                if wanted is not None:
                    yield Missing(indicator=indicator, unit=unit, wanted=wanted, member=member)


def _wanted(indicator: Indicator, marks: list[Mark]) -> Wanted | None:
    """Of samples one is enough; how many there shall be is nobody's rule."""
    if not marks:
        return Wanted.MARK
    if indicator.rule.kind.name != SAMPLED and marks[0].state is State.RETURNED:
        return Wanted.BETTER_MARK
    return Wanted.CONFIRMATION if any(mark.state is State.GIVEN and not mark.counts for mark in marks) else None
