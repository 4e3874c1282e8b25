"""Members of a unit's leadership team (班子成员): each is judged one by one, and the unit gets the mean of its members."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any, NewType

from scoring.appraisal.domain.faults import Conflict, NotAllowed
from scoring.appraisal.domain.inputs import Month
from scoring.appraisal.domain.numbers import Rounding, added, number_of, plain, rounded, written
from scoring.appraisal.domain.rules import RuleOf, evaluate
from scoring.appraisal.domain.rules.reading import inputs_of
from scoring.appraisal.domain.schemes import UnitCode
from scoring.appraisal.domain.words import Text

MemberKey = NewType("MemberKey", str)


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """`key` is the person's subject where the person uses the platform; `until` is the last day of service, if it is known."""

    unit: UnitCode
    key: MemberKey
    name: str
    since: date
    until: date | None = None

    def serves_between(self, start: Month, through: Month) -> bool:
        return f"{self.since:%Y-%m}" <= through and (self.until is None or f"{self.until:%Y-%m}" >= start)


def checked(member: Member) -> Member:
    if member.until is not None and member.until < member.since:
        raise Conflict(Text("离任日期早于任职日期", "the last day of service lies before the first"))
    return member


def apart_from(members: Iterable[Member], subject: str) -> None:
    """Raises `NotAllowed` for whoever is a member of the team that is judged (回避)."""
    if any(member.key == subject for member in members):
        raise NotAllowed(Text("不得为本人及本单位班子评分（回避）", "nobody marks oneself or the own team"))


def judged_members(rule: RuleOf, raw: Mapping[str, Any], members: Sequence[Member], rounding: Rounding) -> dict[str, Any]:
    """What a trace holds of an indicator that judges members; it waits until every one of them was marked."""
    given: Mapping[str, Any] = raw.get("members", {})
    missing = [member.key for member in members if member.key not in given]
    if missing or not members:
        return {"inputs": None, "awaiting": True, "missing": missing, "exact": None, "result": None, "empty": None}
    inputs = {"members": {member.key: given[member.key] for member in members}}
    points = {key: exact_points(rule, one, rounding) for key, one in inputs["members"].items()}
    mean = mean_of(points.values())
    shown = {member.key: {"name": member.name, **_told(points[member.key], rounding)} for member in members}
    return {
        "inputs": inputs,
        "members": shown,
        "formula": f"({' + '.join(plain(value) for value in points.values())}) / {len(points)}",
        "numbers": {},
        "bites": [],
        "empty": None,
        **_told(mean, rounding),
    }


def mean_of_members(rule: RuleOf, inputs: Mapping[str, Any], rounding: Rounding) -> Fraction:
    """Of the members' points, none of which was rounded."""
    return mean_of(exact_points(rule, one, rounding) for one in inputs["members"].values())


def exact_points(rule: RuleOf, raw: Mapping[str, Any], rounding: Rounding) -> Fraction:
    return evaluate(rule, inputs_of(raw), rounding).exact or Fraction(0)


def mean_of(points: Iterable[Fraction]) -> Fraction:
    values = tuple(points)
    return added(values) / len(values)


def told_missing(missing: Sequence[str]) -> Text:
    if not missing:
        return Text("尚未登记班子成员", "no members are registered")
    return Text(f"还有 {len(missing)} 名成员尚未评分", f"{len(missing)} members are not marked yet")


def points_of(trace: Mapping[str, Any]) -> Mapping[MemberKey, Fraction]:
    """Each member's own points of an indicator, rounded; nothing while it waits."""
    return {MemberKey(key): number_of(one["result"]) for key, one in trace.get("members", {}).items()}


def _told(exact: Fraction, rounding: Rounding) -> dict[str, str]:
    return {"exact": plain(exact), "result": written(rounded(exact, rounding), rounding.places)}
