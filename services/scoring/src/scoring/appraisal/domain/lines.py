"""Yellow and red lines: on measures, never on scores, only where there is enough to judge, and left only at a better value than crossed."""

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Any, Final

from scoring.appraisal.domain.inputs import FIGURES, Plan, Totals, plan_of
from scoring.appraisal.domain.numbers import Rounding, number_of, plain, rounded, written
from scoring.appraisal.domain.shapes import NUMBER, mapping

LEAST_DENOMINATOR: Final = 10  # domain.md §7: one late case of two is no red


class Level(StrEnum):
    YELLOW = "yellow"
    RED = "red"


TESTS: Final[Mapping[str, Callable[[Fraction, Fraction], bool]]] = {
    "below": operator.lt,
    "at_most": operator.le,
    "above": operator.gt,
    "at_least": operator.ge,
}
OF: Final = mapping(**FIGURES)
RECOVERS: Final[Mapping[str, Callable[[Fraction, Fraction], bool]]] = {  # reaches the value at which a line counts as left
    "below": operator.ge,
    "at_most": operator.ge,
    "above": operator.le,
    "at_least": operator.le,
}
SHAPE: Final = {
    **mapping(
        ("level",),
        level={"enum": [level.value for level in Level]},
        min_n={"type": "integer", "minimum": 0},
        of=OF,
        recover=NUMBER,
        **dict.fromkeys(TESTS, NUMBER),
    ),
    "description": "level 与 below、at_most、above、at_least 之一 · a level and one of below, at_most, above, at_least",
}


_COLOURS: Final[Mapping[Level, str]] = {Level.YELLOW: "黄线", Level.RED: "红线"}


@dataclass(frozen=True, slots=True)
class Figure:
    """What a line judges; `n` is how many it rests on."""

    value: Fraction
    n: Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    level: Level
    test: str
    bound: Fraction
    recover: Fraction
    min_n: int
    plan: Plan

    @property
    def is_rate(self) -> bool:
        return _is_quotient(self.plan)

    def figure(self, totals: Totals) -> Figure | None:
        """None where the denominator is 0."""
        return figure_of(self.plan, totals)

    def is_crossed(self, figure: Figure | None, *, was: bool) -> bool:
        """Between the bound and `recover`, and with too few to judge, a line stays as it was; of nothing it is not crossed."""
        if figure is None:
            return False
        if figure.n < self.min_n:
            return was and figure.n > 0
        if TESTS[self.test](figure.value, self.bound):
            return True
        return was and not RECOVERS[self.test](figure.value, self.recover)


def line_of(stated: Mapping[str, Any], *, plan: Plan) -> Line:
    """The line of a mapping that fits `SHAPE` and names one test; without `of` it judges the indicator's own inputs."""
    own = plan_of(stated["of"]) if "of" in stated else plan
    test = next(name for name in TESTS if name in stated)
    least = LEAST_DENOMINATOR if _is_quotient(own) else 0
    return Line(
        level=Level(stated["level"]),
        test=test,
        bound=number_of(stated[test]),
        recover=number_of(stated.get("recover", stated[test])),
        min_n=stated.get("min_n", least),
        plan=own,
    )


def figure_of(plan: Plan, totals: Totals) -> Figure | None:
    if _is_quotient(plan):
        a, b = plan.single["a"].sum_of(totals), plan.single["b"].sum_of(totals)
        return Figure(a / b, b) if b else None
    value = sum((reference.sum_of(totals) for _, reference in plan.references()), Fraction(0))
    return Figure(value, value)


def _is_quotient(plan: Plan) -> bool:
    return {"a", "b"} <= set(plan.single)


def finding_of(name: str, line: Line, figure: Figure) -> str:
    """What a notice says: `按期办结率 90.00%，低于黄线 92.00%（依据 50 件）`."""
    relation = {"below": "低于", "at_most": "不高于", "above": "高于", "at_least": "达到"}[line.test]
    return _said(name, line, figure, f"{relation}{_COLOURS[line.level]} {shown(line.bound, line)}")


def recovery_of(name: str, line: Line, figure: Figure) -> str:
    """`按期办结率 97.03%，已离开红线 85.00%（依据 101 件）`."""
    return _said(name, line, figure, f"已离开{_COLOURS[line.level]} {shown(line.bound, line)}")


def _said(name: str, line: Line, figure: Figure, what: str) -> str:
    ground = f"（依据 {plain(figure.n)} 件）" if line.is_rate else ""
    return f"{name} {shown(figure.value, line)}，{what}{ground}"


def shown(value: Fraction, line: Line) -> str:
    """A rate in percent, anything else as it is, with two decimals at most."""
    if line.is_rate:
        return f"{written(rounded(value * 100, Rounding(2)), 2)}%"
    return plain(rounded(value, Rounding(2)))
