"""What a few more or fewer would change: two more closed in time would give +0.40."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from scoring.appraisal.domain.inputs import MeasureKey, MonthTotal, Totals
from scoring.appraisal.domain.numbers import plain, written
from scoring.appraisal.domain.rules.inputs import Group
from scoring.appraisal.domain.schemes import Indicator, IndicatorKey
from scoring.appraisal.domain.settling import Ground, score_of, traces_of
from scoring.appraisal.domain.words import Text

Changes = Mapping[MeasureKey, MonthTotal]
NOTHING = MonthTotal(0, Fraction(0))
ONE_MORE = MonthTotal(1, Fraction(1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """Rounded points of one indicator before and after; none is not applicable."""

    indicator: Indicator
    changes: Changes
    now: Fraction | None
    then: Fraction | None

    @property
    def difference(self) -> Fraction:
        """An indicator that becomes applicable, or no longer is, counts as 0 points before, or after."""
        return (self.then or Fraction(0)) - (self.now or Fraction(0))

    def words(self, places: int) -> Text:
        """`再增加 2（closed_in_time），可提高 0.40 分`."""
        what = "、".join(f"{measure} {_signed(change)}" for measure, change in sorted(self.changes.items()))
        told = written(abs(self.difference), places)
        if not self.difference:
            return Text(f"{self.indicator.name}：{what}，得分不变", f"{self.indicator.key}: {what} would change nothing")
        zh, sign = ("可提高", "+") if self.difference > 0 else ("将降低", "-")
        return Text(f"{self.indicator.name}：{what}，{zh} {told} 分", f"{self.indicator.key}: {what} would give {sign}{told}")


def effects(ground: Ground, changes: Changes) -> Iterator[Effect]:
    """On every indicator that judges the unit by its own measures and takes one of these."""
    now, then = traces_of(ground), traces_of(replace(ground, totals=_changed(ground, changes)))
    alone = judged_alone(ground)
    for indicator in ground.scheme.indicators_of(ground.unit):
        touched = {measure: change for measure, change in changes.items() if measure in indicator.plan.measures}
        if touched and indicator.key in alone:
            before, after = (score_of(traces[indicator.key]).points for traces in (now, then))
            yield Effect(indicator=indicator, changes=touched, now=before, then=after)


def suggestions(ground: Ground) -> tuple[Effect, ...]:
    """What one more of a measure would give, where it gives anything; the most first."""
    measures = {measure for indicator in ground.scheme.indicators_of(ground.unit) for measure in indicator.plan.measures}
    found = [effect for measure in sorted(measures) for effect in effects(ground, {measure: ONE_MORE}) if effect.difference > 0]
    return tuple(sorted(found, key=lambda each: -each.difference))


def judged_alone(ground: Ground) -> Mapping[IndicatorKey, Indicator]:
    """The indicators that the unit's own measures decide, under every version: no person, and no other unit."""
    listed = [indicator for one in (*ground.earlier, ground) for indicator in one.scheme.indicators_of(one.unit)]
    shared = {indicator.key for indicator in listed if indicator.is_marked or Group in indicator.rule.kind.takes}
    return {indicator.key: indicator for indicator in listed if indicator.key not in shared}


def _changed(ground: Ground, changes: Changes) -> Totals:
    """In the last month that counts."""
    changed = {measure: dict(months) for measure, months in ground.totals.items()}
    for measure, change in changes.items():
        months = changed.setdefault(measure, {})
        held = months.get(ground.through, NOTHING)
        months[ground.through] = MonthTotal(held.n + change.n, held.total + change.total)
    return changed


def _signed(change: MonthTotal) -> str:
    n, total = (f"+{plain(value)}" if value > 0 else plain(value) for value in (Fraction(change.n), change.total))
    return n if change.n == change.total else f"{n} ({total})"
