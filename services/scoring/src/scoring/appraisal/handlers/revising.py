"""A revision takes over from the version before it, once its measures are counted and its first month has come."""

from scoring.appraisal.domain.schemes import Move, count_name, moved
from scoring.appraisal.domain.versions import same_lines
from scoring.appraisal.handlers.reckoning import reckoned_to
from scoring.appraisal.handlers.work import KeptScheme, Work


async def take_over(work: Work) -> None:
    """Every revision that may: until then the version before it goes on being settled.

    Scores and crossed lines are handed on, so that a revision is told as what it changes and not as a cycle that begins anew. A version
    that was never reckoned is settled for every unit.
    """
    begun = {one.count for one in await work.figures.under_way()}
    for coming in await due(work):
        if count_name(coming.cycle, coming.version) in begun:
            continue
        before = await work.schemes.active(coming.cycle)
        at = work.clock.now()
        await work.schemes.put(before, moved(before.state, Move.SUPERSEDE), at=at)
        await work.schemes.put(coming, moved(coming.state, Move.TAKE_OVER), at=at)
        handed = same_lines(before.scheme, coming.scheme)
        await work.scores.hand_on(coming.cycle, before.version, coming.version, handed)


async def due(work: Work) -> list[KeptScheme]:
    """The coming revisions whose first month has come."""
    found = []
    for coming in await work.schemes.coming():
        cycle = await work.registry.cycle(coming.cycle)
        if coming.scheme.begins(cycle) <= await reckoned_to(coming, registry=work.registry, clock=work.clock):
            found.append(coming)
    return found
