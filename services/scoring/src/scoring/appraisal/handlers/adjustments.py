"""What the facts say since a lock, and the office's taking over of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from kit.ids import uuid7
from scoring.appraisal.domain.adjustments import Adjustment, AdjustmentId, Difference, Place, Positions, accepted, differences
from scoring.appraisal.domain.faults import Conflict
from scoring.appraisal.domain.inputs import MonthTotal
from scoring.appraisal.domain.numbers import plain
from scoring.appraisal.domain.schemes import CycleKey, UnitCode, count_name
from scoring.appraisal.domain.words import Text
from scoring.appraisal.handlers.closing import MovedRecord
from scoring.appraisal.handlers.work import Desk, Work

MOST_RECORDS: Final = 500  # of one adjustment; more of one unit in one month is no correction but another feed


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjust:
    """`seen` is the difference that the office looked at."""

    place: Place
    seen: MonthTotal
    reason: str


async def differences_of(cycle: CycleKey, *, units: Sequence[UnitCode], work: Work) -> tuple[Sequence[Difference], Sequence[Adjustment]]:
    """Where live totals have left the figures that count, and what was adjusted so far."""
    open_ones: list[Difference] = []
    recorded: list[Adjustment] = []
    for kept in await work.schemes.chain(cycle):
        locked = await work.closing.locks.of(cycle, kept.version, units)
        through = max((place.month for held in locked.values() for place in held), default=None)
        if through is None:
            continue
        live = await work.figures.totals(count_name(cycle, kept.version), list(locked), through=through)
        for held in locked.values():
            open_ones += differences(held, live)
            recorded += [each for figure in held.values() for each in figure.adjustments]
    return open_ones, recorded


async def moved_since(place: Place, work: Work) -> tuple[Difference | None, Sequence[MovedRecord]]:
    """One figure's difference, and the records and facts that made it since it was locked or last adjusted."""
    difference, moved, _ = await _looked_at(place, work)
    return difference, moved


async def adjust(command: Adjust, desk: Desk) -> Adjustment:
    """The locked figure moves by the difference, with the reason and the records behind it; the unit waits to be settled."""
    work, place = desk.work, command.place
    if not await work.figures.are_still():
        raise Conflict(Text("正在重新统计，请稍后再试", "totals are being counted anew: try again in a minute"))
    found, moved, positions = await _looked_at(place, work)
    difference = accepted(found, seen=command.seen)
    adjustment = Adjustment(
        id=AdjustmentId(uuid7()),
        place=place,
        moved=difference.moved,
        reason=command.reason,
        recorded_by=desk.caller.subject,
        recorded_at=work.clock.now(),
        records=[_told(each) for each in moved],
    )
    await work.closing.locks.adjust(adjustment, positions)
    await work.scores.unsettle(place.cycle, place.version, [place.unit])
    return adjustment


async def _looked_at(place: Place, work: Work) -> tuple[Difference | None, Sequence[MovedRecord], Positions]:
    locked, then = await work.closing.locks.held(place)
    count = count_name(place.cycle, place.version)
    now = await work.closing.past.snapshot(count, place.unit, through=place.month)
    difference = next(differences(locked, {place.unit: now.totals}), None)
    moved = await work.closing.past.since(count, place, then, most=MOST_RECORDS) if difference else ()
    return difference, moved, now.positions


def _told(record: MovedRecord) -> dict[str, Any]:
    return {
        "source": record.source,
        "subject": record.subject,
        "n": str(record.moved.n),
        "total": plain(record.moved.total),
        "facts": [fact["id"] for fact in record.facts],
    }
