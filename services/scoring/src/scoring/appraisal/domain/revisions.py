"""What a scheme says about being a revision, and what it may not change of the version before it."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from scoring.appraisal.domain.faults import Fault
from scoring.appraisal.domain.inputs import Month
from scoring.appraisal.domain.rules import rule_faults, rule_of
from scoring.appraisal.domain.rules.outcome import Role
from scoring.appraisal.domain.schemes import Cycle, IndicatorKey, Scheme
from scoring.appraisal.domain.shapes import NOT_NEGATIVE, fault, faults_of
from scoring.appraisal.domain.words import Text

Stated = Mapping[str, Any]

EFFECTIVE: Final = {
    "type": "string",
    "pattern": r"^[0-9]{4}-(0[1-9]|1[0-2])$",
    "description": "生效月份，例如 2026-07 · the first month that it counts for, such as 2026-07",
}
RESTATE: Final = {
    "type": "boolean",
    "description": "true 或 false；true 表示整个周期按本版计分 · true or false; true counts for the whole cycle",
}
_WORDS: Final = {
    Role.ORDINARY: Text("普通指标", "an ordinary indicator"),
    Role.BONUS: Text("加分项", "a bonus"),
    Role.DEDUCT_ONLY: Text("扣分项", "a pure deduction"),
}


def revision_faults(document: Stated, indicators: Iterable[tuple[int, Stated]], *, cycle: Cycle, latest: Scheme | None) -> Iterator[Fault]:
    """`latest` is the last version of the cycle that was put to work; the document may have any fault beside these."""
    if "effective" not in document or not faults_of(document["effective"], EFFECTIVE):
        yield from _month_faults(document, Month(document.get("effective", cycle.start)), cycle, latest)
    if latest is not None:
        yield from _nature_faults(indicators, latest)


def _month_faults(document: Stated, effective: Month, cycle: Cycle, latest: Scheme | None) -> Iterator[Fault]:
    if not cycle.start <= effective <= cycle.end:
        wrong = Text(f"{effective} 不在周期内", f"{effective} is no month of the cycle")
        yield fault(("effective",), wrong, Text(f"{cycle.start} 至 {cycle.end}", f"{cycle.start} to {cycle.end}"))
    elif latest is not None and document.get("restate") is not True and effective <= latest.begins(cycle):
        held = latest.begins(cycle)
        wrong = Text(f"自 {effective} 起生效，而前一版自 {held} 起", f"it begins with {effective}, the version before it with {held}")
        allowed = Text(f"effective 晚于 {held}，或写 restate: true", f"effective after {held}, or restate: true")
        yield fault(("effective",), wrong, allowed)


def _nature_faults(indicators: Iterable[tuple[int, Stated]], latest: Scheme) -> Iterator[Fault]:
    """Points that count in a part and points that are added to it can't be made one sum over months."""
    for index, stated in indicators:
        before, role = latest.indicator(IndicatorKey(str(stated.get("key")))), _role_of(stated)
        if before is not None and role is not None and role is not before.rule.role:
            was = _WORDS[before.rule.role]
            wrong = Text(f"“{before.key}”在前一版是{was.zh}", f"{before.key!r} was {was.en} in the version before")
            yield fault(("indicators", index, "rule"), wrong, Text("性质不变，或换用新的 key", "the same nature, or a new key"))


def _role_of(stated: Stated) -> Role | None:
    rule = stated.get("rule")
    if not isinstance(rule, Mapping) or rule_faults(rule) or faults_of(stated.get("points"), NOT_NEGATIVE):
        return None
    return rule_of(rule, stated["points"]).role
