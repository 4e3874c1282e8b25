"""Which versions of a scheme count for which months, and what they make of a unit together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from scoring.appraisal.domain.adjustments import NOTHING_CLOSED, Closed
from scoring.appraisal.domain.inputs import Month, Totals
from scoring.appraisal.domain.schemes import Cycle, CycleKey, Scheme, UnitCode, Version, count_name
from scoring.appraisal.domain.versions import Begun, Term, terms
from scoring.appraisal.handlers.work import Work


@dataclass(frozen=True, slots=True)
class Stretch:
    """A version and its months in the cycle to date."""

    scheme: Scheme
    term: Term

    @property
    def count(self) -> str:
        """What its totals are keyed by."""
        return count_name(self.scheme.cycle, self.term.version)


UnitFigures = tuple[Totals, Closed]
"""A unit's totals under one version, with the locked figures where months are locked, and what is closed of it."""
FiguresOf = Mapping[Version, Mapping[UnitCode, UnitFigures]]


async def stretches(cycle: CycleKey, *, through: Month, work: Work) -> tuple[Stretch, ...]:
    """The versions that count up to this month, the oldest first, the present one last."""
    months = await work.registry.cycle(cycle)
    chain = {kept.version: kept.scheme for kept in await work.schemes.chain(cycle)}
    return stretched(chain, months, through=through)


def stretched(chain: Mapping[Version, Scheme], cycle: Cycle, *, through: Month) -> tuple[Stretch, ...]:
    begun = [Begun(version=version, since=scheme.begins(cycle), restates=scheme.restates) for version, scheme in chain.items()]
    return tuple(Stretch(chain[term.version], term) for term in terms(begun, through))


async def figures_of(one: Stretch, units: Sequence[UnitCode], *, through: Month, work: Work) -> dict[UnitCode, UnitFigures]:
    """Under one version, over the whole cycle to date; a fact of an old month goes on correcting it under the version of that month."""
    live = await work.figures.totals(one.count, units, through=through)
    closed = await work.closing.of(one.scheme.cycle, one.term.version, units)
    return {unit: (closed.get(unit, NOTHING_CLOSED).over(live.get(unit, {})), closed.get(unit, NOTHING_CLOSED)) for unit in units}
