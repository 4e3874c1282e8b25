"""What may not be rewarded: more penalties, or more money from fines (行政处罚法 第七十四条: 不得同考核、考评挂钩)."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from scoring.appraisal.domain.faults import Fault
from scoring.appraisal.domain.inputs import Plan, Reference, place_of
from scoring.appraisal.domain.rules import RuleOf
from scoring.appraisal.domain.shapes import fault
from scoring.appraisal.domain.words import Text

Measures = Mapping[str, Mapping[str, Any]]
At = tuple[str | int, ...]


def _words(english: str, chinese: str) -> re.Pattern[str]:
    """Whole words, underscores between them: `defined_on` and `refined` are no fines."""
    return re.compile(rf"(?:^|[^a-z])(?:{english})(?:$|[^a-z])|{chinese}", re.IGNORECASE)


MONEY: Final = _words(r"fines?|penalt(?:y|ies)|confiscat\w*|forfeit\w*", "罚|没收|没款")
PENALTY: Final = _words(r"fines?|fined|penalt(?:y|ies)|penali[sz]ed|sanction(?:s|ed)?", "处罚|罚款|拘留|吊销")


def lawful_faults(rule: RuleOf, plan: Plan, measures: Measures, *, at: At) -> Iterator[Fault]:
    """Faults of an indicator whose points hang on fines, or grow with the number of penalties.

    Sums of fines are refused in either direction; counts of penalties where more is better, unless they are a share of
    penalties of the same conditions (reviewed penalties among penalties is quality, penalties among cases is not).
    """
    sums = [name for name, reference in plan.references() if _sums_fines(measures.get(reference.measure, {}))]
    for name in sums:
        yield _unlawful((*at, *place_of(name)), Text("罚没款数额不得作为考核指标", "sums of fines may not be judged"))
    if not sums and rule.more_is_better and _rewards_penalties(plan, measures):
        yield _unlawful(at, Text("处罚数量越多得分越高", "more penalties would give more points"))


def _unlawful(at: At, wrong: Text) -> Fault:
    allowed = Text(
        "质量类指标，例如按期率、审核率、纠错率（行政处罚法第七十四条）",
        "indicators of quality: shares in time, reviewed, corrected (Law on Administrative Penalties, art. 74)",
    )
    return fault(at, wrong, allowed)


def _sums_fines(measure: Mapping[str, Any]) -> bool:
    take = measure.get("take")
    return isinstance(take, Mapping) and bool(MONEY.search(str(take.get("sum", ""))))


def _rewards_penalties(plan: Plan, measures: Measures) -> bool:
    under = plan.single.get("b")
    tops = [reference for name, reference in plan.references() if name != "b"]
    return any(_counts_penalties(top, under, measures) for top in tops)


def _counts_penalties(top: Reference, under: Reference | None, measures: Measures) -> bool:
    judged, among = measures.get(top.measure, {}), measures.get(under.measure, {}) if under else {}
    if among.get("kind") != judged.get("kind"):
        return bool(PENALTY.search(f"{top.measure} {judged.get('kind')} {judged.get('where', '')}"))
    return any(PENALTY.search(str(condition)) for condition in _conditions(judged) if condition not in _conditions(among))


def _conditions(measure: Mapping[str, Any]) -> list[Any]:
    stated = measure.get("where")
    return stated if isinstance(stated, list) else []
