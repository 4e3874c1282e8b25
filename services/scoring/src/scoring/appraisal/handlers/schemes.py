"""A scheme is checked, kept, and put to work."""

from scoring.appraisal.domain.documents import document_of
from scoring.appraisal.domain.faults import Conflict
from scoring.appraisal.domain.scheme_documents import World, scheme_of
from scoring.appraisal.domain.schemes import CycleKey, Move, Scheme, State, Version, count_name, moved
from scoring.appraisal.domain.words import Text
from scoring.appraisal.handlers.work import KeptScheme, Work


async def validate(text: str, *, work: Work) -> Scheme:
    """The scheme of this text; raises `SchemeRefused` with all faults."""
    return scheme_of(document_of(text), await _world(work))


async def add_scheme(text: str, *, made_by: str, work: Work) -> KeptScheme:
    """Keep the scheme as a draft: the next version of its cycle."""
    scheme = await validate(text, work=work)
    at = work.clock.now()
    version = await work.schemes.add(text=text, document=document_of(text), cycle=scheme.cycle, made_by=made_by, made_at=at)
    return await work.schemes.version(scheme.cycle, version)


async def activate(cycle: CycleKey, version: Version, *, work: Work) -> KeptScheme:
    """A first version counts from now on; a revision takes over once the ledger has counted it and its first month has come.

    A draft is checked again, since what it refers to may have changed. Raises `WrongState`, `SchemeRefused`, or `Conflict`
    beside another revision that is coming.
    """
    await work.schemes.hold(cycle)
    kept = await work.schemes.version(cycle, version)
    state = moved(kept.state, Move.ACTIVATE)
    others = {other.state: other.version for other in await work.schemes.versions(cycle)}
    if State.COMING in others:
        coming = others[State.COMING]
        raise Conflict(
            Text(f"第 {coming} 版即将生效，请待其生效或先撤回", f"version {coming} is coming: wait for it, or withdraw it first")
        )
    if State.ACTIVE in others:
        state = moved(kept.state, Move.REVISE)
        await _was_tried(cycle, version, work)
    await validate(await work.schemes.text(cycle, version), work=work)
    months = await work.registry.cycle(cycle)
    await work.figures.begin_counting(count_name(cycle, version), kept.scheme.measures, cycle=months, zone=kept.scheme.zone)
    await work.schemes.put(kept, state, at=work.clock.now())
    if state is State.ACTIVE:
        await work.scores.unsettle(cycle, version, [unit.code for unit in await work.registry.units()])
    return await work.schemes.version(cycle, version)


async def withdraw(cycle: CycleKey, version: Version, *, work: Work) -> KeptScheme:
    """A revision that is still coming is a draft again."""
    kept = await work.schemes.version(cycle, version)
    await work.schemes.put(kept, moved(kept.state, Move.WITHDRAW), at=work.clock.now())
    return await work.schemes.version(cycle, version)


async def _was_tried(cycle: CycleKey, version: Version, work: Work) -> None:
    """A revision shows its effect on every unit before it is activated (domain.md §5); a draft's text never changes, so once is enough."""
    if await work.trials.last(cycle, version) is None:
        zh = f"修订方案启用前须先试算：POST /v1/schemes/{cycle}/{version}/trial，或 kaohe scheme trial {cycle} {version}"
        en = f"try the revision out first: POST /v1/schemes/{cycle}/{version}/trial, or kaohe scheme trial {cycle} {version}"
        raise Conflict(Text(zh, en))


async def _world(work: Work) -> World:
    put_to_work = [*await work.schemes.all_active(), *await work.schemes.coming()]
    return World(
        cycles={cycle.key: cycle for cycle in await work.registry.cycles()},
        groups=frozenset(group.key for group in await work.registry.groups()),
        units=frozenset(unit.code for unit in await work.registry.units()),
        kinds=await work.kinds.all(),
        latest={kept.cycle: kept.scheme for kept in put_to_work},
    )
