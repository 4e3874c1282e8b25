"""Rules of every kind with inputs that they take, as Hypothesis draws them; and each kind's points worked out in another way."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_CEILING, ROUND_HALF_UP, Context, Decimal, localcontext
from typing import Any, Final

from hypothesis import strategies as st

DIGITS: Final = Context(prec=120, rounding=ROUND_HALF_UP)  # products first and one division last: a tie is then seen as a tie
START: Final = date(2026, 1, 1)
MARKS: Final = {"A": 100, "B": 80, "C": 60, "D": 40}


@dataclass(frozen=True, slots=True)
class Case:
    rule: dict[str, Any]
    points: str
    inputs: dict[str, Any]


def numbers(least: int = 0, most: int = 1000, places: int = 2) -> st.SearchStrategy[str]:
    return st.decimals(least, most, places=places).map(str)


def above_zero(most: int = 1000, places: int = 2) -> st.SearchStrategy[str]:
    return st.decimals(Decimal(1).scaleb(-places), most, places=places).map(str)


POINTS: Final = above_zero(50)
HIGHER_OR_LOWER: Final = st.sampled_from(["higher", "lower"])
XS: Final = st.one_of(st.fixed_dictionaries({"x": numbers()}), st.fixed_dictionaries({"a": numbers(), "b": above_zero()}))


def rules(kind: str, inputs: st.SearchStrategy[dict[str, Any]], points: st.SearchStrategy[str] = POINTS, **parameters: Any) -> Any:  # noqa: ANN401 - a strategy of cases
    stated = st.fixed_dictionaries({"kind": st.just(kind), **parameters})
    return st.builds(Case, stated, points, inputs)


@st.composite
def groups(draw: st.DrawFn) -> dict[str, Any]:
    values = draw(st.lists(st.one_of(st.none(), numbers(0, 9, 1), numbers()), min_size=1, max_size=8))
    group = {f"u{index}": value for index, value in enumerate(values)}
    return {"group": group, "unit": draw(st.sampled_from(sorted(group)))}


@st.composite
def ballots(draw: st.DrawFn) -> dict[str, Any]:
    candidates = ["east", "west", "south"]
    marks = st.fixed_dictionaries({candidate: st.sampled_from([*MARKS, ""]) for candidate in candidates})
    papers = {
        name: [{"voter": f"{name}{index}", "marks": each} for index, each in enumerate(draw(st.lists(marks, max_size=5)))]
        for name in ("leaders", "staff")
    }
    return {"ballots": papers, "candidates": candidates, "unit": draw(st.sampled_from(candidates))}


@st.composite
def milestones(draw: st.DrawFn) -> dict[str, Any]:
    days = st.integers(0, 200).map(lambda count: (START + timedelta(count)).isoformat())
    each = st.fixed_dictionaries({"due": days, "done": st.one_of(st.none(), days), "share": above_zero(5)})
    return {"milestones": draw(st.lists(each, max_size=5)), "reckoned_on": draw(days)}


EVENTS: Final = st.fixed_dictionaries(
    {
        "events": st.lists(
            st.fixed_dictionaries(
                {
                    "document": st.sampled_from(["n1", "n2", "n3"]),
                    "level": st.sampled_from(["city", "province"]),
                    "accepted": st.booleans(),
                }
            ),
            max_size=6,
        )
    }
)
CARDS: Final = st.fixed_dictionaries(
    {"cards": st.lists(st.fixed_dictionaries({"points": numbers(0, 5), "times": numbers(0, 4, 0)}), max_size=5)}
)
LEVELS: Final = st.fixed_dictionaries({"city": numbers(0, 3), "province": numbers(0, 3)})
TRIM: Final = st.fixed_dictionaries({"high": st.integers(0, 2), "low": st.integers(0, 2)})
CLASSES: Final = st.fixed_dictionaries(
    {name: st.fixed_dictionaries({"weight": above_zero(2), "reject_uniform": st.booleans()}) for name in ("leaders", "staff")}
)
LATE: Final = st.fixed_dictionaries({"per_day": numbers(0, 1, 3), "max": st.integers(0, 60)})

CASES: Final[dict[str, st.SearchStrategy[Case]]] = {
    "ratio": rules("ratio", st.fixed_dictionaries({"a": numbers(), "b": numbers()}), target=above_zero(2)),
    "ratio_floor": rules(
        "ratio_floor", st.fixed_dictionaries({"a": numbers(), "b": numbers()}), floor=numbers(0, 1), full=st.sampled_from(["1", "1.5"])
    ),
    "step_deduct": rules("step_deduct", XS, target=numbers(), step=above_zero(9), deduct=numbers(0, 5), better=HIGHER_OR_LOWER),
    "linear_over": rules("linear_over", XS, target=above_zero(), limit=numbers(0, 3)),
    "per_event_deduct": rules("per_event_deduct", EVENTS, each=LEVELS, cap=numbers(0, 9)),
    "per_event_add": rules("per_event_add", EVENTS, st.just("0"), each=LEVELS, cap=numbers(0, 9)),
    "rank_ladder": rules(
        "rank_ladder",
        groups(),
        better=HIGHER_OR_LOWER,
        ladder=st.lists(numbers(0, 60), min_size=1, max_size=5),
        ties=st.sampled_from(["share", "best", "cancel"]),
        then=st.one_of(st.just("last"), st.fixed_dictionaries({"less": numbers(0, 5)})),
    ),
    "relative_best": rules("relative_best", groups(), better=HIGHER_OR_LOWER),
    "relative_mean": rules("relative_mean", groups(), better=HIGHER_OR_LOWER, per_percent=numbers(0, 3)),
    "tiers": rules("tiers", XS, tiers=st.just([["1", "2"], ["5.5", "7.995"], ["300", "90"]]), below=numbers(0, 3)),
    "proof": rules("proof", st.fixed_dictionaries({"found": numbers(0, 9, 0)}), required=st.integers(1, 9), partial=st.booleans()),
    "sampling_mean": rules("sampling_mean", st.fixed_dictionaries({"marks": st.lists(numbers(0, 100), max_size=9)}), trim=TRIM),
    "ballot": rules("ballot", ballots(), classes=CLASSES),
    "convert": rules("convert", st.fixed_dictionaries({"mark": numbers(-5, 150)}), scale=above_zero(150)),
    "negative_card": rules("negative_card", CARDS),
    "milestone": rules("milestone", milestones(), late=LATE),
    "manual": rules("manual", st.fixed_dictionaries({"mark": st.just("0"), "reason": st.just("迟报")})),
}


def worked_out(case: Case) -> str | None:
    """The points in decimals, by another way than the rule's; none is not applicable."""
    with localcontext(DIGITS):
        found = _WAYS[case.rule["kind"]](case.rule, Decimal(case.points), case.inputs)
        if found is None:
            return None
        over, under = found
        value = over / under
        if case.rule["kind"] != "per_event_add":
            value = min(Decimal(case.points), max(Decimal(0), value))
        return str(abs(value.quantize(Decimal("0.01"))) if value == 0 else value.quantize(Decimal("0.01")))


Way = Callable[[dict[str, Any], Decimal, dict[str, Any]], tuple[Decimal, Decimal] | None]
ONE: Final = Decimal(1)


def _linear_over(rule: dict[str, Any], points: Decimal, inputs: dict[str, Any]) -> tuple[Decimal, Decimal]:
    a, b = Decimal(inputs["x"] if "x" in inputs else inputs["a"]), Decimal(inputs.get("b", 1))
    target, limit = Decimal(rule["target"]) * b, Decimal(rule["limit"])
    if a <= target:
        return points, ONE
    return (points * (target * limit - a + target), target * limit) if a - target <= limit * target else (Decimal(0), ONE)


def _events(rule: dict[str, Any], inputs: dict[str, Any]) -> Decimal:
    accepted = [event for event in inputs["events"] if event["accepted"]]
    documents = {event["document"] for event in accepted}
    best = (max(Decimal(rule["each"][event["level"]]) for event in accepted if event["document"] == name) for name in documents)
    return min(Decimal(rule["cap"]), sum(best, Decimal(0)))


def _values(inputs: dict[str, Any]) -> tuple[Decimal, list[Decimal]] | None:
    own, values = inputs["group"][inputs["unit"]], [Decimal(value) for value in inputs["group"].values() if value is not None]
    return (Decimal(own), values) if own is not None and len(values) > 1 else None


def _rank_ladder(rule: dict[str, Any], points: Decimal, inputs: dict[str, Any]) -> tuple[Decimal, Decimal] | None:
    found = _values(inputs)
    if found is None:
        return None
    own, values = found
    order = sorted(values, reverse=rule["better"] == "higher")
    steps = [Decimal(step) for step in rule["ladder"]]
    less = Decimal(0) if rule["then"] == "last" else Decimal(rule["then"]["less"])
    while len(steps) < len(order):
        steps.append(steps[-1] - less)
    places = [min(points, max(Decimal(0), step)) for step, value in zip(steps, order, strict=False) if value == own]
    if rule["ties"] == "cancel" and len(places) > 1:
        return None
    return (places[0], ONE) if rule["ties"] == "best" else (sum(places, Decimal(0)), Decimal(len(places)))


def _relative_best(rule: dict[str, Any], points: Decimal, inputs: dict[str, Any]) -> tuple[Decimal, Decimal] | None:
    found = _values(inputs)
    if found is None:
        return None
    own, values = found
    if rule["better"] == "lower":
        return (points, ONE) if own == min(values) else (points * min(values), own)
    return (points * own, max(values)) if max(values) else None


def _relative_mean(rule: dict[str, Any], points: Decimal, inputs: dict[str, Any]) -> tuple[Decimal, Decimal] | None:
    found = _values(inputs)
    if found is None or not sum(found[1]):
        return None
    own, values = found
    whole = sum(values, Decimal(0))
    behind = (whole - own * len(values)) * (1 if rule["better"] == "higher" else -1)
    percents = (100 * max(Decimal(0), behind) / whole).to_integral_value(ROUND_CEILING)
    return points - Decimal(rule["per_percent"]) * percents, ONE


def _proof(rule: dict[str, Any], points: Decimal, inputs: dict[str, Any]) -> tuple[Decimal, Decimal]:
    found, required = Decimal(inputs["found"]), Decimal(rule["required"])
    return (points * found, required) if rule["partial"] else (points if found >= required else Decimal(0), ONE)


def _sampling_mean(rule: dict[str, Any], points: Decimal, inputs: dict[str, Any]) -> tuple[Decimal, Decimal] | None:
    marks, trim = [Decimal(mark) for mark in inputs["marks"]], rule["trim"]
    if len(marks) > trim["high"] + trim["low"]:
        for drop, times in ((max, trim["high"]), (min, trim["low"])):
            for _ in range(times):
                marks.remove(drop(marks))
    return (points * sum(marks, Decimal(0)), Decimal(100 * len(marks))) if marks else None


def _ballot(rule: dict[str, Any], points: Decimal, inputs: dict[str, Any]) -> tuple[Decimal, Decimal] | None:
    over, under, weights = Decimal(0), ONE, Decimal(0)
    for name, voters in rule["classes"].items():
        papers = [paper["marks"] for paper in inputs["ballots"][name]]
        full = [marks for marks in papers if "" not in marks.values()]
        valid = [marks for marks in full if not (voters["reject_uniform"] and len(set(marks.values())) == 1)]
        if valid:
            total = sum(MARKS[marks[inputs["unit"]]] for marks in valid)
            weight, many = Decimal(voters["weight"]), len(valid)
            over, under, weights = over * many + weight * total * under, under * many, weights + weight
    return (points * over, under * weights * 100) if weights else None


def _milestone(rule: dict[str, Any], points: Decimal, inputs: dict[str, Any]) -> tuple[Decimal, Decimal] | None:
    due = [each for each in inputs["milestones"] if each["due"] <= inputs["reckoned_on"]]
    got = Decimal(0)
    for each in due:
        if each["done"] is not None and each["done"] <= inputs["reckoned_on"]:
            days = max(0, (date.fromisoformat(each["done"]) - date.fromisoformat(each["due"])).days)
            left = max(Decimal(0), 1 - Decimal(rule["late"]["per_day"]) * days)
            got += Decimal(each["share"]) * (left if days <= rule["late"]["max"] or not days else 0)
    return (points * got, sum((Decimal(each["share"]) for each in due), Decimal(0))) if due else None


_WAYS: Final[dict[str, Way]] = {
    "linear_over": _linear_over,
    "per_event_deduct": lambda rule, points, inputs: (points - _events(rule, inputs), ONE),
    "per_event_add": lambda rule, _points, inputs: (_events(rule, inputs), ONE),
    "rank_ladder": _rank_ladder,
    "relative_best": _relative_best,
    "relative_mean": _relative_mean,
    "proof": _proof,
    "sampling_mean": _sampling_mean,
    "ballot": _ballot,
    "convert": lambda rule, points, inputs: (points * Decimal(inputs["mark"]), Decimal(rule["scale"])),
    "negative_card": lambda _rule, points, inputs: (
        points - sum((Decimal(card["points"]) * Decimal(card["times"]) for card in inputs["cards"]), Decimal(0)),
        ONE,
    ),
    "milestone": _milestone,
}
WORKED_OUT: Final = tuple(_WAYS)
