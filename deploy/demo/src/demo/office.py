"""What happens in the offices on a day besides the systems' facts: marks that are given, problems that assessors find on their own."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from demo.bureau import Bureau, document
from demo.simulator.chance import chance


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A problem that a department's assessor raises; with `due_on` it has an exact date."""

    on: date
    unit: str
    department: str
    indicator: str
    cause: str
    finding: str
    severity: str
    due_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """An assessor's mark with its reason."""

    unit: str
    indicator: str
    mark: str
    reason: str
    department: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked:
    """An indicator that people mark, as the scheme has it."""

    key: str
    points: int
    department: str


@dataclass(frozen=True, slots=True)
class Marking:
    on: tuple[date, ...]
    lowest: float
    highest: float

    def given(self, seed: int, bureau: Bureau, indicators: tuple[Marked, ...], day: date) -> Iterator[Given]:
        """Every unit's mark on every marked indicator, on the days of marking; the same seed marks the same."""
        if day not in self.on:
            return
        for indicator in indicators:
            for unit in bureau.units:
                share = chance(seed, "mark", indicator.key, unit.code, day).uniform(self.lowest, self.highest)
                mark = (Decimal(indicator.points) * Decimal(str(share))).quantize(Decimal("0.1"), ROUND_HALF_UP)
                reason = f"截至{day:%Y年%m月}：抽查及台账情况良好，个别事项待完善。"
                yield Given(unit=unit.code, indicator=indicator.key, mark=str(mark), reason=reason, department=indicator.department)


@dataclass(frozen=True, slots=True)
class Offices:
    findings: tuple[Found, ...]
    marking: Marking

    def found(self, day: date) -> Iterator[Found]:
        return (finding for finding in self.findings if finding.on == day)


def load_offices() -> Offices:
    raw: Mapping[str, Any] = document("conduct.toml")
    marking = raw["marking"]
    return Offices(
        findings=tuple(Found(**finding) for finding in raw["findings"]),
        marking=Marking(tuple(marking["on"]), marking["lowest"], marking["highest"]),
    )
