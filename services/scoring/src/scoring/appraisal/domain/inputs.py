"""How a scheme says what a rule judges: references to measures, gathered over the months of the cycle to date."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any, Final, Literal, NewType

from scoring.appraisal.domain.numbers import added, number_of, plain
from scoring.appraisal.domain.rules.inputs import (
    Ballots,
    Cards,
    Count,
    Counts,
    Events,
    Found,
    Group,
    Inputs,
    Mark,
    Marks,
    Milestones,
    Number,
    Quotient,
)
from scoring.appraisal.domain.shapes import DATE, KEY, NOT_NEGATIVE, POSITIVE, by_key, mapping, sequence

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


@dataclass(frozen=True, slots=True)
class PlannedCard:
    points: Fraction
    times: Reference


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedMilestone:
    key: str
    due: date
    share: Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Where each input comes from; `counts` holds a reference for each level, `cards` one for each card's times.

    Milestones come from no measure: people give the dates on which they were done. Nor do claims, which count up to their closing day.
    """

    single: Mapping[str, Reference]
    counts: Mapping[str, Reference]
    cards: tuple[PlannedCard, ...] = ()
    milestones: tuple[PlannedMilestone, ...] = ()
    claims_close: date | None = None

    def references(self) -> Iterator[tuple[str, Reference]]:
        yield from self.single.items()
        for level, reference in self.counts.items():
            yield f"counts.{level}", reference
        for place, card in enumerate(self.cards):
            yield f"cards.{place}", card.times

    @property
    def measures(self) -> frozenset[MeasureKey]:
        return frozenset(reference.measure for _, reference in self.references())


NO_INPUTS: Final = Plan(single={}, counts={})
_SEVERAL: Final = {"counts", "cards", "milestones", "claims"}
REFERENCE: Final = {
    "if": {"type": "object"},
    "then": {**mapping(total=KEY, n=KEY, mean=KEY), "minProperties": 1, "maxProperties": 1},
    "else": KEY,
    "description": "度量名，或 {total|n|mean: 度量名} · a measure's name, or {total|n|mean: name}",
}
CARD: Final = mapping(("points", "times"), points=NOT_NEGATIVE, times=REFERENCE)
MILESTONE: Final = mapping(("key", "due", "share"), key=KEY, due=DATE, share=POSITIVE)
CLAIMS: Final = mapping(("close",), close=DATE)
FIGURES: Final[Mapping[str, Any]] = dict.fromkeys(("a", "b", "x", "n"), REFERENCE) | {"counts": by_key(REFERENCE)}
SHAPE: Final = mapping(**FIGURES, found=REFERENCE, cards=sequence(CARD, least=1), milestones=sequence(MILESTONE, least=1), claims=CLAIMS)
_NOTHING: Final[frozenset[str]] = frozenset()
_SHARE: Final = frozenset({"a", "b"})
NAMES: Final[Mapping[type[Inputs], tuple[frozenset[str], ...]]] = {
    Quotient: (_SHARE,),
    Number: (frozenset({"x"}),),
    Count: (frozenset({"n"}),),
    Counts: (frozenset({"counts"}),),
    Events: (frozenset({"claims"}),),
    Group: (frozenset({"x"}), _SHARE),
    Found: (frozenset({"found"}),),
    Cards: (frozenset({"cards"}),),
    Milestones: (frozenset({"milestones"}),),
    Mark: (_NOTHING,),
    Marks: (_NOTHING,),
    Ballots: (_NOTHING,),
}
"""What a scheme states for each shape of inputs; nothing where people give them."""


def plan_of(stated: Mapping[str, Any]) -> Plan:
    """The plan of an `inputs` that fits `SHAPE`; `x: {mean: m}` is the quotient of m's total and n."""
    if _mean_of(stated.get("x")):
        measure = MeasureKey(stated["x"]["mean"])
        return Plan(single={"a": Reference(measure), "b": Reference(measure, "n")}, counts={})
    return Plan(
        single={name: _reference(value) for name, value in stated.items() if name not in _SEVERAL},
        counts={level: _reference(value) for level, value in stated.get("counts", {}).items()},
        cards=tuple(PlannedCard(number_of(card["points"]), _reference(card["times"])) for card in stated.get("cards", ())),
        milestones=tuple(_milestone(milestone) for milestone in stated.get("milestones", ())),
        claims_close=date.fromisoformat(stated["claims"]["close"]) if "claims" in stated else None,
    )


def place_of(name: str) -> tuple[str | int, ...]:
    """Where a scheme states the input of this name: `counts.revoked`, `cards.0`."""
    first, *rest = name.split(".", 1)
    return (first, int(rest[0]), "times") if first == "cards" else (first, *rest)


def gathered(plan: Plan, totals: Totals) -> dict[str, Any]:
    """The rule's inputs as JSON values, exact."""
    raw: dict[str, Any] = {name: plain(reference.sum_of(totals)) for name, reference in plan.single.items()}
    if plan.counts:
        raw["counts"] = {level: plain(reference.sum_of(totals)) for level, reference in plan.counts.items()}
    if plan.cards:
        raw["cards"] = [{"points": plain(card.points), "times": plain(card.times.sum_of(totals))} for card in plan.cards]
    return raw


def sources_of(plan: Plan, totals: Totals) -> dict[str, Any]:
    """Where each input came from: measure, n and total by month."""
    return {
        name: {"measure": reference.measure, "take": reference.take, "months": _by_month(totals.get(reference.measure, {}))}
        for name, reference in plan.references()
    }


def _milestone(stated: Mapping[str, Any]) -> PlannedMilestone:
    return PlannedMilestone(key=stated["key"], due=date.fromisoformat(stated["due"]), share=number_of(stated["share"]))


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
