"""Settle what moved: totals, judgements and the month become scores, crossings and what is said about them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from kit.clock import Clock, today
from scoring.appraisal.domain.comparing import peers_of
from scoring.appraisal.domain.inputs import Month
from scoring.appraisal.domain.milestones import last_day
from scoring.appraisal.domain.schemes import GroupKey, Unit, UnitCode, count_name
from scoring.appraisal.domain.settling import Ground, settle
from scoring.appraisal.handlers.confirmations import lock_lapsed
from scoring.appraisal.handlers.grounds import grounds_of, people_of
from scoring.appraisal.handlers.reckoning import reckoned_to
from scoring.appraisal.handlers.revising import due, take_over
from scoring.appraisal.handlers.stretches import Stretch, figures_of, stretches
from scoring.appraisal.handlers.work import KeptScheme, Work

MOST_MARKS: Final = 20_000  # of the ledger in one transaction: it has to end within seconds
MOST_UNITS: Final = 50  # of a scheme in one transaction, for the same reason; the others wait for the next pass


@dataclass(frozen=True, slots=True)
class Pass:
    """What one pass did; `was_owner` is false when another settler is at work, `left` units wait for the next pass."""

    was_owner: bool
    left: int = 0
    units: int = 0
    scores: int = 0
    news: int = 0


async def settle_what_moved(work: Work) -> Pass:
    """One pass of the settle loop, in the open transaction; another owner, or aliases that are being counted, make it do nothing.

    Half of a count would cross lines that the whole does not cross: so a version whose measures are not counted whole yet waits, and
    is then settled from its beginning, while the others go on.
    """
    if not await work.scores.own_the_settling():
        return Pass(was_owner=False)
    if not await work.figures.are_still():
        return Pass(was_owner=True)
    await take_over(work)
    await lock_lapsed(work)
    taken = [*await work.figures.take_moved(MOST_MARKS), *await work.scores.take_unsettled(MOST_MARKS)]
    moved: dict[str, set[UnitCode]] = defaultdict(set)
    for count, unit in taken:
        moved[count].add(unit)
    units = await work.registry.units()
    begun = {one.count for one in await work.figures.under_way()}
    whole = [kept for kept in await work.schemes.all_active() if count_name(kept.cycle, kept.version) not in begun]
    done = [await _settle_scheme(kept, moved, units, work) for kept in whole]
    return Pass(True, *(sum(column) for column in zip((0, 0, 0, 0), *done, strict=True)))


async def _settle_scheme(
    kept: KeptScheme, moved: Mapping[str, set[UnitCode]], known: Sequence[Unit], work: Work
) -> tuple[int, int, int, int]:
    """How many units were left, how many settled, how many scores written, how many of them are news."""
    through = await reckoned_to(kept, registry=work.registry, clock=work.clock)
    units = {unit.code: unit for unit in known if kept.scheme.appraises(unit)}
    counting = await stretches(kept.cycle, through=through, work=work)
    codes = sorted({code for one in counting for code in moved.get(one.count, ())} & units.keys())
    upto = reckoned_up_to(kept, through, clock=work.clock)
    if await work.scores.reckoned_through(kept.cycle, kept.version) != upto:
        await work.scores.reckon_through(kept.cycle, kept.version, upto)
        codes = sorted(units)
    if not codes:
        return (0, 0, 0, 0)
    left = codes[MOST_UNITS:]
    await work.scores.unsettle(kept.cycle, kept.version, left)
    settled = [units[code] for code in codes[:MOST_UNITS]]
    peers = peers_of(settled, units.values(), *(one.scheme for one in counting))
    others, settled_units, scores, news = await _settle_units(kept, settled, peers, counting, work)
    return len(left) + others, settled_units, scores, news


def reckoned_up_to(kept: KeptScheme, through: Month, *, clock: Clock) -> str:
    """How far a scheme was reckoned: a month, or the day where milestones fall due; all its units are settled when it moves on."""
    return min(today(clock, kept.scheme.zone), last_day(through)).isoformat() if kept.scheme.counts_by_day else through


async def waiting(work: Work) -> int:
    """How much is not settled yet: moved totals, marks, schemes that have not gone on to the present month, revisions that take over."""
    behind = [
        kept
        for kept in await work.schemes.all_active()
        if await work.scores.reckoned_through(kept.cycle, kept.version)
        != reckoned_up_to(kept, await reckoned_to(kept, registry=work.registry, clock=work.clock), clock=work.clock)
    ]
    return await work.figures.waiting() + await work.scores.waiting() + len(behind) + len(await due(work))


async def _settle_units(
    kept: KeptScheme, units: list[Unit], peers: Sequence[Unit], counting: Sequence[Stretch], work: Work
) -> tuple[int, int, int, int]:
    """How many peers wait because a figure moved for them, then as `_settle_scheme`."""
    codes = [unit.code for unit in units]
    grounds = await _grounds(kept, {unit.code: unit for unit in (*units, *peers)}, counting, work)
    group = tuple(grounds[peer.code] for peer in peers)
    held = await work.scores.held(kept.cycle, kept.version, codes)
    crossed = await work.scores.crossed(kept.cycle, kept.version, codes)
    lights = await work.scores.lights(kept.cycle, codes)
    scores = news = 0
    moved: set[GroupKey] = set()
    for unit in units:
        ground = replace(grounds[unit.code], reckoned_on=today(work.clock, kept.scheme.zone)).among(group)
        code = unit.code
        settlement = settle(ground, held=held.get(code, {}), crossed=crossed.get(code, ()), lights=lights.get(code, {}))
        await work.scores.write(kept.cycle, kept.version, unit.code, settlement, at=work.clock.now())
        for change in settlement.changes:
            await work.outbox.add(change)
        scores, news = scores + len(settlement.scores), news + sum(settled.is_news for settled in settlement.scores)
        moved |= {unit.group for settled in settlement.scores if settled.moves_group}
    others = [peer.code for peer in peers if peer.group in moved and peer.code not in codes]
    await work.scores.unsettle(kept.cycle, kept.version, others)
    return len(others), len(units), scores, news


async def _grounds(kept: KeptScheme, units: Mapping[UnitCode, Unit], counting: Sequence[Stretch], work: Work) -> Mapping[UnitCode, Ground]:
    """What decides the scores of each of these units."""
    codes = sorted(units)
    figures = {one.term.version: await figures_of(one, codes, through=counting[-1].term.through, work=work) for one in counting}
    people = await people_of(kept.cycle, codes, through=counting[-1].term.through, work=work)
    return grounds_of(units.values(), counting, figures=figures, people=people)
