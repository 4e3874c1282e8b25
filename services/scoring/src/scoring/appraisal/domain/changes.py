"""What the appraisal says to other services."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from scoring.appraisal.domain.lines import Figure, Line
from scoring.appraisal.domain.schemes import CycleKey, Indicator, IndicatorKey, Unit, UnitCode


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitRegistered:
    unit: Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreChanged:
    """Rounded points as they are written; none is not applicable or not marked yet."""

    cycle: CycleKey
    unit: UnitCode
    indicator: IndicatorKey
    points: str | None
    was: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LineCrossed:
    cycle: CycleKey
    unit: UnitCode
    indicator: Indicator
    line: Line
    figure: Figure | None
    direction: Literal["fell", "recovered"]


Change: TypeAlias = UnitRegistered | ScoreChanged | LineCrossed
