"""What became of locked figures: totals follow the facts, a closed month moves only by recorded adjustments."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from typing import Any, Final, NewType
from uuid import UUID

from scoring.appraisal.domain.faults import Conflict
from scoring.appraisal.domain.inputs import MeasureKey, Month, MonthTotal, Totals
from scoring.appraisal.domain.numbers import plain
from scoring.appraisal.domain.schemes import CycleKey, Indicator, UnitCode, Version
from scoring.appraisal.domain.statements import Contribution, Exclusion, Statement, exclusions
from scoring.appraisal.domain.words import Text

AdjustmentId = NewType("AdjustmentId", UUID)
Positions = Sequence[Mapping[str, Any]]
"""How far the ledger had come, in its own words."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Place:
    """Where a figure is locked."""

    cycle: CycleKey
    version: Version
    unit: UnitCode
    measure: MeasureKey
    month: Month


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjustment:
    """A difference that the office took over, with the records that made it."""

    id: AdjustmentId
    place: Place
    moved: MonthTotal
    reason: str
    recorded_by: str
    recorded_at: datetime
    records: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Locked:
    """A figure as it was confirmed, and every adjustment since."""

    confirmed: MonthTotal
    adjustments: tuple[Adjustment, ...] = ()

    @property
    def counts(self) -> MonthTotal:
        """What settling takes."""
        return MonthTotal(
            self.confirmed.n + sum(each.moved.n for each in self.adjustments),
            self.confirmed.total + sum((each.moved.total for each in self.adjustments), Fraction(0)),
        )


LockedOf = Mapping[Place, Locked]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What a live total has become beside the figure that counts."""

    place: Place
    counts: MonthTotal
    live: MonthTotal

    @property
    def moved(self) -> MonthTotal:
        return _minus(self.live, self.counts)


@dataclass(frozen=True, slots=True)
class Closed:
    """What is closed of one unit under one version, and what its approved statements leave out, ready to be settled on."""

    locked: LockedOf = field(default_factory=dict)
    statements: tuple[Statement, ...] = ()
    named: tuple[Contribution, ...] = ()

    def within(self, months: Collection[Month]) -> "Closed":
        """What concerns these months alone."""
        return Closed(
            {place: held for place, held in self.locked.items() if place.month in months},
            self.statements,
            tuple(each for each in self.named if each.month in months),
        )

    def over(self, live: Totals) -> Totals:
        """The live totals with the locked figures in the months that are locked."""
        held: dict[MeasureKey, dict[Month, MonthTotal]] = {measure: dict(months) for measure, months in live.items()}
        for place, locked in self.locked.items():
            held.setdefault(place.measure, {})[place.month] = locked.counts
        return {
            measure: {month: total for month, total in sorted(months.items()) if total.n or total.total} for measure, months in held.items()
        }

    def judged(self, indicator: Indicator, live: Totals) -> Totals:
        """What an indicator and its lines are settled on."""
        return self.left_to(indicator, self.over(live))

    def left_to(self, indicator: Indicator, totals: Totals) -> Totals:
        """The totals without the records that statements leave out of this indicator."""
        if not self.statements:
            return totals
        left = {measure: dict(months) for measure, months in totals.items()}
        for exclusion in exclusions(self.statements, self.named, indicator):
            out = exclusion.contribution
            if out.month in left.get(out.measure, {}):
                left[out.measure][out.month] = _minus(left[out.measure][out.month], out.held)
        return left

    def noted(self, indicator: Indicator, *, through: Month) -> dict[str, Any]:
        """What an indicator's trace says of it: nothing where no month of its measures is locked and no record left out."""
        places = {
            place: locked
            for place, locked in sorted(self.locked.items())
            if place.measure in indicator.plan.measures and place.month <= through
        }
        adjusted = [_told(each) for locked in places.values() for each in locked.adjustments]
        months = sorted({place.month for place in places})
        excluded = [
            _left_out(each)
            for each in exclusions(self.statements, self.named, indicator)
            if each.contribution.measure in indicator.plan.measures and each.contribution.month <= through
        ]
        said = {"locked": months, "adjustments": adjusted, "excluded": excluded}
        return {name: value for name, value in said.items() if value}


NOTHING_CLOSED: Final = Closed()


def differences(locked: LockedOf, live: Mapping[UnitCode, Totals]) -> Iterator[Difference]:
    """Where the facts have gone on since a lock, in the order of the places; all of one version."""
    for place, held in sorted(locked.items()):
        now = live.get(place.unit, {}).get(place.measure, {}).get(place.month, MonthTotal(0, Fraction(0)))
        if now != held.counts:
            yield Difference(place=place, counts=held.counts, live=now)


def accepted(difference: Difference | None, *, seen: MonthTotal) -> Difference:
    """The difference, if it is the one that was looked at; raises `Conflict` when it is not."""
    if difference is None:
        raise Conflict(Text("锁定数据与实时数据已无差异", "the locked figure and the live total no longer differ"))
    if difference.moved != seen:
        now = difference.moved
        raise Conflict(
            Text(
                f"差异已变为 {now.n} 件 / {plain(now.total)}，请重新核对", f"the difference is {now.n} / {plain(now.total)} now: look again"
            )
        )
    return difference


def _minus(one: MonthTotal, other: MonthTotal) -> MonthTotal:
    return MonthTotal(one.n - other.n, one.total - other.total)


def _left_out(exclusion: Exclusion) -> dict[str, str]:
    out = exclusion.contribution
    return {
        "source": out.record.source,
        "subject": out.record.subject,
        "measure": out.measure,
        "month": out.month,
        "n": str(out.held.n),
        "total": plain(out.held.total),
        "statement": str(exclusion.statement.id),
    }


def _told(adjustment: Adjustment) -> dict[str, str]:
    return {
        "id": str(adjustment.id),
        "measure": adjustment.place.measure,
        "month": adjustment.place.month,
        "n": str(adjustment.moved.n),
        "total": plain(adjustment.moved.total),
        "reason": adjustment.reason,
        "by": adjustment.recorded_by,
        "at": adjustment.recorded_at.isoformat(),
    }
