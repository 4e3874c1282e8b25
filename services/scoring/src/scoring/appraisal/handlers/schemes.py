"""A scheme is checked, kept, and put to work."""

from scoring.appraisal.domain.documents import document_of
from scoring.appraisal.domain.faults import Conflict
from scoring.appraisal.domain.scheme_documents import World, scheme_of
from scoring.appraisal.domain.schemes import CycleKey, Move, Scheme, State, Version, count_name, moved
from scoring.appraisal.domain.words import Text
from scoring.appraisal.handlers.work import KeptScheme, Kinds, Registry, Work


async def validate(text: str, *, registry: Registry, kinds: Kinds) -> Scheme:
    """The scheme of this text; raises `SchemeRefused` with all faults."""
    return scheme_of(document_of(text), await _world(registry, kinds))


async def add_scheme(text: str, *, made_by: str, work: Work) -> KeptScheme:
    """Keep the scheme as a draft: the next version of its cycle."""
    scheme = await validate(text, registry=work.registry, kinds=work.kinds)
    at = work.clock.now()
    version = await work.schemes.add(text=text, document=document_of(text), cycle=scheme.cycle, made_by=made_by, made_at=at)
    return await work.schemes.version(scheme.cycle, version)


async def activate(cycle: CycleKey, version: Version, *, work: Work) -> KeptScheme:
    """The version counts from now on: the ledger counts its measures beside the feed, and once they are whole all its units are settled.

    A draft is checked again, since what it refers to may have changed. Raises `WrongState`, `SchemeRefused`, or `Conflict`
    beside an active version.
    """
    kept = await work.schemes.version(cycle, version)
    moved(kept.state, Move.ACTIVATE)
    await validate(await work.schemes.text(cycle, version), registry=work.registry, kinds=work.kinds)
    if any(other.state is State.ACTIVE for other in await work.schemes.versions(cycle)):
        raise Conflict(Text("该周期已有启用的方案，不能再启用另一版", "another version of this cycle is active already"))
    months = await work.registry.cycle(cycle)
    await work.figures.begin_counting(count_name(cycle, version), kept.scheme.measures, cycle=months, zone=kept.scheme.zone)
    await work.schemes.activated(kept, at=work.clock.now())
    await work.scores.unsettle(cycle, version, [unit.code for unit in await work.registry.units()])
    return await work.schemes.version(cycle, version)


async def _world(registry: Registry, kinds: Kinds) -> World:
    return World(
        cycles=frozenset(cycle.key for cycle in await registry.cycles()),
        groups=frozenset(group.key for group in await registry.groups()),
        units=frozenset(unit.code for unit in await registry.units()),
        kinds=await kinds.all(),
    )
