"""A person's judgement on one indicator of one unit: who may give it, and what the rule asks of it."""

from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import NewType
from uuid import UUID

from scoring.appraisal.domain.faults import InputRefused, MarkRefused, NotAllowed
from scoring.appraisal.domain.given import Given
from scoring.appraisal.domain.numbers import plain
from scoring.appraisal.domain.rules import evaluate
from scoring.appraisal.domain.rules.inputs import Mark as MarkInputs
from scoring.appraisal.domain.schemes import CycleKey, Indicator, IndicatorKey, Scheme, Unit, UnitCode
from scoring.appraisal.domain.words import Text

MarkId = NewType("MarkId", UUID)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    id: MarkId
    cycle: CycleKey
    unit: UnitCode
    indicator: IndicatorKey
    mark: Fraction
    reason: str
    assessor: str
    marked_at: datetime

    @property
    def inputs(self) -> MarkInputs:
        return MarkInputs(self.mark, self.reason)

    @property
    def given(self) -> Given:
        source = {"mark": str(self.id), "assessor": self.assessor, "marked_at": self.marked_at.isoformat()}
        return Given({"mark": plain(self.mark), "reason": self.reason}, {"mark": source})


def give_mark(mark: Mark, *, scheme: Scheme, unit: Unit, own_units: frozenset[str]) -> Mark:
    """The mark, if it may be given.

    Raises `NotAllowed` for the marker's own unit (回避), `MarkRefused` for an indicator that nobody marks, that does not
    judge this unit, or for a mark that the rule forbids.
    """
    if unit.code in own_units:
        raise NotAllowed(Text("不得为本单位评分（回避）", "nobody marks the own unit"))
    indicator = _marked_indicator(mark, scheme, unit)
    try:
        evaluate(indicator.rule_for(unit.code), mark.inputs, scheme.rounding)
    except InputRefused as refused:
        raise MarkRefused(refused.text) from refused
    return mark


def _marked_indicator(mark: Mark, scheme: Scheme, unit: Unit) -> Indicator:
    indicator = scheme.indicator(mark.indicator)
    if indicator is None or indicator not in scheme.indicators_of(unit):
        raise MarkRefused(Text(f"指标 {mark.indicator} 不考核 {unit.name}", f"the indicator {mark.indicator} does not judge {unit.code}"))
    if not indicator.is_marked:
        raise MarkRefused(Text("该指标由数据自动计分，不需评分", "this indicator is counted from records: nobody marks it"))
    return indicator
