"""An assessor's mark, with a reason where it is low or full (or wherever a point is taken)."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from scoring.appraisal.domain.faults import MarkRefused
from scoring.appraisal.domain.numbers import plain
from scoring.appraisal.domain.rules.inputs import Inputs, Mark, unsuitable
from scoring.appraisal.domain.rules.outcome import Example, Kind, Parameters, Working
from scoring.appraisal.domain.shapes import mapping
from scoring.appraisal.domain.words import Text

LOW: Final = Fraction(60, 100)  # domain.md §5: a reason where the mark is under 60 % of the points


@dataclass(frozen=True, slots=True, kw_only=True)
class Manual:
    points: Fraction
    always: bool

    def work(self, inputs: Inputs) -> Working:
        """Raises `MarkRefused` for a mark outside 0..P or without the reason that it needs."""
        if not isinstance(inputs, Mark):
            raise unsuitable(inputs)
        most = plain(self.points)
        if not 0 <= inputs.mark <= self.points:
            raise MarkRefused(Text(f"评分应在 0 至 {most} 分之间", f"the mark must lie between 0 and {most}"))
        if self._needs_a_reason(inputs.mark) and not inputs.reason.strip():
            raise MarkRefused(Text("此评分须写明理由（reason）", "this mark needs a reason"))
        return Working(value=inputs.mark, formula=plain(inputs.mark))

    def _needs_a_reason(self, mark: Fraction) -> bool:
        if self.always:
            return mark < self.points
        return mark < LOW * self.points or mark == self.points


def _make(parameters: Parameters, points: Fraction) -> Manual:
    return Manual(points=points, always=parameters.get("reason") == "always")


KIND: Final = Kind(
    name="manual",
    title=Text("人工评分", "an assessor's mark"),
    formula=Text("评分人所评分数，0 至分值", "the mark, 0 to the points"),
    shape=mapping(reason={"enum": ["low_or_full", "always"]}),
    takes=(Mark,),
    make=_make,
    example=Example(rule={}, points="10", inputs={"mark": "5.5", "reason": "两次迟报"}, result="5.50"),
)
