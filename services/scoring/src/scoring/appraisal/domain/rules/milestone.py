"""Milestones by their shares: done in time counts in full, late less with each day; only those that are due count."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any, Final

from scoring.appraisal.domain.numbers import added, number_of, plain
from scoring.appraisal.domain.rules.inputs import Inputs, Milestone, Milestones, unsuitable
from scoring.appraisal.domain.rules.outcome import Empty, Example, Kind, Parameters, Working
from scoring.appraisal.domain.rules.sentences import factor, summed
from scoring.appraisal.domain.shapes import NOT_NEGATIVE, ON_EMPTY, mapping, whole
from scoring.appraisal.domain.words import Text


@dataclass(frozen=True, slots=True)
class Late:
    """What a calendar day late costs of a milestone's share, and after how many days nothing is left."""

    per_day: Fraction
    most: int | None

    def left(self, days: int) -> Fraction:
        if self.most is not None and days > self.most:
            return Fraction(0)
        return max(Fraction(0), 1 - self.per_day * days)


@dataclass(frozen=True, slots=True, kw_only=True)
class ByMilestones:
    """Without `late` a late milestone has nothing."""

    points: Fraction
    late: Late | None

    def work(self, inputs: Inputs) -> Working | Empty:
        """Shares of the due milestones are renormalised; due on the reckoning date is due, done after it is not done."""
        if not isinstance(inputs, Milestones):
            raise unsuitable(inputs)
        due = [each for each in inputs.milestones if each.due <= inputs.reckoned_on]
        if not due:
            return Empty(Text("没有到期的节点", "no milestone is due yet"))
        whole_share = added(each.share for each in due)
        got = [(each.share, self._reached(each, inputs.reckoned_on)) for each in due]
        reached = added(share * part for share, part in got)
        return Working(
            value=self.points * reached / whole_share,
            formula=f"({summed(got)}) / {factor(whole_share)} x {plain(self.points)}",
            numbers={"due": Fraction(len(due)), "reached": reached, "shares": whole_share},
            bites=_not_due(len(inputs.milestones) - len(due)),
        )

    def _reached(self, milestone: Milestone, reckoned_on: date) -> Fraction:
        if milestone.done is None or milestone.done > reckoned_on:
            return Fraction(0)
        days = (milestone.done - milestone.due).days
        if days <= 0:
            return Fraction(1)
        return Fraction(0) if self.late is None else self.late.left(days)


def _not_due(many: int) -> tuple[Text, ...]:
    return (Text(f"另有 {many} 个节点未到期", f"{many} more not due yet"),) if many else ()


def _make(parameters: Parameters, points: Fraction) -> ByMilestones:
    late = parameters.get("late")
    return ByMilestones(points=points, late=None if late is None else _late(late))


def _late(stated: Mapping[str, Any]) -> Late:
    return Late(number_of(stated["per_day"]), int(stated["max"]) if "max" in stated else None)


KIND: Final = Kind(
    name="milestone",
    title=Text("节点进度", "milestones"),
    formula=Text(
        "分值 × Σ 到期节点权重 ×（按时 1，逾期每天递减，未完成 0）÷ Σ 到期节点权重",
        "points x sum of due shares x (1 in time, less a day late, 0 not done) / sum of due shares",
    ),
    shape=mapping(late=mapping(("per_day",), per_day=NOT_NEGATIVE, max=whole(0)), on_empty=ON_EMPTY),
    takes=(Milestones,),
    make=_make,
    example=Example(
        rule={"late": {"per_day": "0.02", "max": 30}},
        points="10",
        inputs={
            "milestones": [
                {"due": "2026-03-31", "done": "2026-04-10", "share": "0.5"},
                {"due": "2026-06-15", "done": "2026-06-15", "share": "0.3"},
                {"due": "2026-09-30", "done": None, "share": "0.2"},
            ],
            "reckoned_on": "2026-06-30",
        },
        result="8.75",
    ),
)
