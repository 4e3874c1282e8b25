"""What is wrong with the inputs that a scheme states for a rule: names, measures, levels, milestones."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from scoring.appraisal.domain import inputs
from scoring.appraisal.domain.faults import Fault
from scoring.appraisal.domain.inputs import place_of, plan_of
from scoring.appraisal.domain.rules import RuleOf
from scoring.appraisal.domain.rules.inputs import Counts, Events, Group, Quotient
from scoring.appraisal.domain.rules.outcome import Role
from scoring.appraisal.domain.schemes import Cycle
from scoring.appraisal.domain.shapes import fault, listed
from scoring.appraisal.domain.words import Text

At = tuple[str | int, ...]
Stated = Mapping[str, Any]


def input_faults(rule: RuleOf, stated: Stated, given: Stated, *, at: At) -> Iterator[Fault]:
    """Of inputs that have their shape, beside the rule that is to judge them."""
    names = _names_in(rule, given)
    fitting = [each for shape in rule.kind.takes if _levels_fit(stated, shape) for each in inputs.NAMES.get(shape, ())]
    if names not in fitting:
        allowed = " | ".join("{" + ", ".join(sorted(shape)) + "}" for shape in fitting)
        wrong = Text(f"输入项 {sorted(given)} 不合该计分规则", f"the inputs {sorted(given)} do not fit the rule")
        yield fault(at, wrong, Text(allowed, allowed))
    elif "claims" in given and rule.role is Role.ORDINARY:
        wrong = Text("加分申报、扣分认定只用于加分项和扣分项", "claims are for a bonus or a pure deduction")
        yield fault((*at, "claims"), wrong, Text("per_event_add，或 floor 为 null 的 per_event_deduct", "per_event_add, or floor: null"))
    elif "counts" in given and set(given["counts"]) != set(stated["each"]):
        wrong = Text("档次与 rule.each 不一致", "the levels are not those of rule.each")
        yield fault((*at, "counts"), wrong, listed(stated["each"]))


def shape_faults(given: Stated, *, at: At, measures: Mapping[str, Any]) -> Iterator[Fault]:
    """Of inputs that fit their JSON Schema, whatever the rule: measures that are not there, days that make no sense."""
    wrong = (*_milestone_faults(given.get("milestones", ()), at=(*at, "milestones")), *_closing_faults(given, at=at))
    yield from wrong
    if not wrong:
        yield from unknown_measures(given, at=at, measures=measures)


def cycle_faults(given: Stated, cycle: Cycle, *, at: At) -> Iterator[Fault]:
    """Of inputs that fit their JSON Schema: claims close on a day of the cycle."""
    close = given.get("claims", {}).get("close")
    if close is not None and _exists(close) and not cycle.start <= close[:7] <= cycle.end:
        wrong = Text(f"截止日期 {close} 不在周期内", f"{close} is no day of the cycle")
        yield fault((*at, "claims", "close"), wrong, Text(f"{cycle.start} 至 {cycle.end}", f"{cycle.start} to {cycle.end}"))


def unknown_measures(given: Stated, *, at: At, measures: Mapping[str, Any]) -> Iterator[Fault]:
    for name, reference in plan_of(given).references():
        if reference.measure not in measures:
            yield unknown((*at, *place_of(name)), reference.measure, measures)


def unknown(at: At, name: object, known: Mapping[Any, Any] | frozenset[Any] | list[Any]) -> Fault:
    return fault(at, Text(f"没有“{name}”", f"there is no {name!r}"), listed(sorted(str(each) for each in known)))


def _names_in(rule: RuleOf, given: Stated) -> frozenset[str]:
    """`x: {mean: m}` is a quotient where the rule takes one."""
    x = given.get("x")
    is_mean = isinstance(x, Mapping) and "mean" in x
    return frozenset({"a", "b"}) if is_mean and {Quotient, Group} & set(rule.kind.takes) else frozenset(given)


def _levels_fit(stated: Stated, shape: type) -> bool:
    """Counts by level belong to a rule that states points by level, and only to such a rule; claims to either."""
    return shape is Events or isinstance(stated.get("each"), Mapping) == (shape is Counts)


def _milestone_faults(milestones: Any, *, at: At) -> Iterator[Fault]:  # noqa: ANN401 - a list that fits its schema
    seen: set[str] = set()
    for place, milestone in enumerate(milestones):
        if not _exists(milestone["due"]):
            wrong = Text(f"没有 {milestone['due']} 这一天", f"there is no day {milestone['due']}")
            yield fault((*at, place, "due"), wrong, Text("存在的日期", "a date that exists"))
        if milestone["key"] in seen:
            wrong = Text(f"“{milestone['key']}”重复", f"{milestone['key']!r} stands twice")
            yield fault((*at, place, "key"), wrong, Text("每个 key 只用一次", "a key once only"))
        seen.add(milestone["key"])


def _closing_faults(given: Stated, *, at: At) -> Iterator[Fault]:
    if "claims" in given and not _exists(given["claims"]["close"]):
        day = given["claims"]["close"]
        yield fault(
            (*at, "claims", "close"), Text(f"没有 {day} 这一天", f"there is no day {day}"), Text("存在的日期", "a date that exists")
        )


def _exists(day: str) -> bool:
    try:
        date.fromisoformat(day)
    except ValueError:
        return False
    return True
