"""How a scheme says what a rule judges: references to measures, gathered over the months of the cycle to date."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final, Literal, NewType

from scoring.appraisal.domain.numbers import added, plain
from scoring.appraisal.domain.rules.inputs import Ballots, Count, Counts, Inputs, Mark, Marks, Number, Quotient
from scoring.appraisal.domain.shapes import KEY, by_key, mapping

MeasureKey = NewType("MeasureKey", str)
Month = NewType("Month", str)
"""`2026-03`; months compare as texts."""


@dataclass(frozen=True, slots=True)
class MonthTotal:
    n: int
    total: Fraction


Totals = Mapping[MeasureKey, Mapping[Month, MonthTotal]]
"""One unit's totals."""


@dataclass(frozen=True, slots=True)
class Reference:
    measure: MeasureKey
    take: Literal["total", "n"] = "total"

    def sum_of(self, totals: Totals) -> Fraction:
        months = totals.get(self.measure, {}).values()
        if self.take == "n":
            return Fraction(sum(month.n for month in months))
        return added(month.total for month in months)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Where each input comes from; `counts` holds a reference for each level."""

    single: Mapping[str, Reference]
    counts: Mapping[str, Reference]

    def references(self) -> Iterator[tuple[str, Reference]]:
        yield from self.single.items()
        for level, reference in self.counts.items():
            yield f"counts.{level}", reference

    @property
    def measures(self) -> frozenset[MeasureKey]:
        return frozenset(reference.measure for _, reference in self.references())


NO_INPUTS: Final = Plan(single={}, counts={})
REFERENCE: Final = {
    "if": {"type": "object"},
    "then": {**mapping(total=KEY, n=KEY, mean=KEY), "minProperties": 1, "maxProperties": 1},
    "else": KEY,
    "description": "度量名，或 {total|n|mean: 度量名} · a measure's name, or {total|n|mean: name}",
}
SHAPE: Final = mapping(a=REFERENCE, b=REFERENCE, x=REFERENCE, n=REFERENCE, counts=by_key(REFERENCE))
NAMES: Final[Mapping[type[Inputs], frozenset[str]]] = {
    Quotient: frozenset({"a", "b"}),
    Number: frozenset({"x"}),
    Count: frozenset({"n"}),
    Counts: frozenset({"counts"}),
    Mark: frozenset(),
    Marks: frozenset(),
    Ballots: frozenset(),
}


def plan_of(stated: Mapping[str, Any]) -> Plan:
    """The plan of an `inputs` that fits `SHAPE`; `x: {mean: m}` is the quotient of m's total and n."""
    if _mean_of(stated.get("x")):
        measure = MeasureKey(stated["x"]["mean"])
        return Plan(single={"a": Reference(measure), "b": Reference(measure, "n")}, counts={})
    single = {name: _reference(value) for name, value in stated.items() if name != "counts"}
    return Plan(single=single, counts={level: _reference(value) for level, value in stated.get("counts", {}).items()})


def gathered(plan: Plan, totals: Totals) -> dict[str, Any]:
    """The rule's inputs as JSON values, exact."""
    raw: dict[str, Any] = {name: plain(reference.sum_of(totals)) for name, reference in plan.single.items()}
    if plan.counts:
        raw["counts"] = {level: plain(reference.sum_of(totals)) for level, reference in plan.counts.items()}
    return raw


def sources_of(plan: Plan, totals: Totals) -> dict[str, Any]:
    """Where each input came from: measure, n and total by month."""
    return {
        name: {"measure": reference.measure, "take": reference.take, "months": _by_month(totals.get(reference.measure, {}))}
        for name, reference in plan.references()
    }


def _by_month(months: Mapping[Month, MonthTotal]) -> dict[Month, dict[str, str]]:
    return {month: {"n": str(total.n), "total": plain(total.total)} for month, total in sorted(months.items())}


def _reference(stated: str | Mapping[str, str]) -> Reference:
    match stated:
        case {"n": measure}:
            return Reference(MeasureKey(measure), "n")
        case {"total": measure} | str(measure):
            return Reference(MeasureKey(measure))
        case _:
            raise ValueError(stated)


def _mean_of(stated: object) -> bool:
    return isinstance(stated, Mapping) and "mean" in stated
