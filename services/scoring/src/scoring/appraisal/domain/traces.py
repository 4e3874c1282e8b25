"""Everything that led to an indicator's points, as JSON; told in words, and evaluated again to the same digits."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, Final

from scoring.appraisal.domain.comparing import gathered_beside
from scoring.appraisal.domain.faults import InputRefused, MarkRefused, Refused
from scoring.appraisal.domain.given import Given
from scoring.appraisal.domain.inputs import Totals, gathered, sources_of
from scoring.appraisal.domain.members import Member, judged_members, mean_of_members, told_missing
from scoring.appraisal.domain.numbers import Mode, Rounding, number_of, plain, rounded, written
from scoring.appraisal.domain.overrides import computed_of, told_override
from scoring.appraisal.domain.rules import Result, RuleOf, evaluate, rule_of
from scoring.appraisal.domain.rules.reading import inputs_of
from scoring.appraisal.domain.rules.words import told_of
from scoring.appraisal.domain.schemes import Indicator, Scheme, UnitCode, Version
from scoring.appraisal.domain.versions import Share, Term, Whole, whole_of, within
from scoring.appraisal.domain.words import Text, both

Trace = Mapping[str, Any]

NOBODY: Final[Mapping[UnitCode, Totals]] = {}
AWAITING: Final = Text("尚未评分", "not marked yet")
NEVER_APPLICABLE: Final = Text("各版均不适用", "applicable under no version")
_WAITING: Final = {"inputs": None, "awaiting": True, "exact": None, "result": None, "empty": None}
_COMMA: Final = Text("，", ", ")
_SEMICOLON: Final = Text("；", "; ")


def counted(
    indicator: Indicator, unit: UnitCode, totals: Totals, *, scheme: Scheme, term: Term, beside: Mapping[UnitCode, Totals] = NOBODY
) -> Trace:
    """The trace of an indicator that measures judge, over the months of its version; `beside` are the totals of the unit's whole group.

    The trace of a rule that compares holds the figures of the whole group: it is for the office and leaders.
    """
    own = within(totals, term)
    group = {code: within(theirs, term) for code, theirs in (beside or {unit: totals}).items()}
    raw = gathered_beside(indicator.plan, unit, group) if indicator.compares else gathered(indicator.plan, own)
    result = evaluate(indicator.rule_for(unit), inputs_of(raw), scheme.rounding)
    return {
        **_head(indicator, unit, scheme, term.version),
        "since": term.since,
        "through": term.through,
        "inputs": raw,
        "sources": sources_of(indicator.plan, own),
        **_tail(result, scheme.rounding),
    }


def judged(
    indicator: Indicator, unit: UnitCode, given: Given | None, *, members: Sequence[Member] = (), scheme: Scheme, version: Version
) -> Trace:
    """The trace of an indicator that people judge; until they gave what its rule takes, of each member if it judges these, it waits."""
    head = _head(indicator, unit, scheme, version)
    if indicator.of_members:
        return {**head, **_of_members(indicator.rule_for(unit), given, members, scheme.rounding)}
    if given is None:
        return {**head, **_WAITING}
    try:
        result = evaluate(indicator.rule_for(unit), inputs_of(given.raw), scheme.rounding)
    except (InputRefused, MarkRefused) as refused:  # given under another version, whose rule or points were others
        unfit = {"given": given.raw, "zh": refused.text.zh, "en": refused.text.en}
        return {**head, **_WAITING, "sources": given.source, "unfit": unfit}
    return {**head, "inputs": given.raw, "sources": given.source, **_tail(result, scheme.rounding)}


def _of_members(rule: RuleOf, given: Given | None, members: Sequence[Member], rounding: Rounding) -> Trace:
    raw, sources = (given.raw, given.source) if given else ({}, {})
    try:
        return {"sources": sources, **judged_members(rule, raw, members, rounding)}
    except (InputRefused, MarkRefused) as refused:  # as above
        return {**_WAITING, "sources": sources, "unfit": {"given": raw, "zh": refused.text.zh, "en": refused.text.en}}


def over_versions(traces: Sequence[tuple[Term, Trace]], *, present: Version, rounding: Rounding) -> Trace:
    """One trace of an indicator's traces under each version, the oldest first; the digits are rounded once, as the present version does.

    What waits for people under the present version waits; what waits under an older one had no points in those months.
    """
    traces = [pair for pair in traces if pair[0].months] or traces[-1:]
    term, last = traces[-1]
    is_present = term.version == present
    if is_present and (len(traces) == 1 or last.get("awaiting")):
        return last
    whole = whole_of(_share(each.months, trace, trace["exact"]) for each, trace in traces)
    return {
        "scheme": {**last["scheme"], "version": present},
        **{name: last[name] for name in ("indicator", "unit", "rule")},
        "points": plain(rounded(whole.points, rounding)),
        "rounding": _rounding(rounding),
        **({} if is_present else {"dropped": True}),
        "since": traces[0][0].since,
        "through": term.through,
        "versions": [
            {"version": each.version, "since": each.since, "through": each.through, "months": each.months, "trace": trace}
            for each, trace in traces
        ],
        **_sum(whole, traces, rounding),
    }


def again(trace: Trace) -> str | None:
    """The points that the trace's rule gives for the trace's inputs, or that people set: the digits of its `result`."""
    rounding = Rounding(trace["rounding"]["places"], Mode(trace["rounding"]["mode"]))
    if "overridden" in trace:
        return written(rounded(number_of(trace["overridden"]["points"]), rounding), rounding.places)
    exact = _exact_again(trace, rounding)
    return None if exact is None else written(rounded(exact, rounding), rounding.places)


def leaves(trace: Trace) -> tuple[Trace, ...]:
    """The traces under single versions that a trace is made of, the oldest first; itself where it is one."""
    return tuple(one["trace"] for one in trace["versions"]) if "versions" in trace else (trace,)


def difference(trace: Trace, kept: str | None) -> str | None:
    """What is wrong when a stored trace is evaluated again, beside the points that are kept with it; none when all are the same digits."""
    try:
        found = again(trace)
    except (Refused, LookupError, TypeError, ValueError) as error:
        return f"can't be evaluated: {type(error).__name__}: {error}"
    if found == trace["result"] == kept:
        return None
    return f"kept {kept}, trace {trace['result']}, again {found}"


def told(trace: Trace) -> Text:
    """`(38 / 40) / 0.95 x 10 = 10.00, capped at 10`, in both languages; of several versions one after the other, then their sum."""
    if "overridden" in trace:
        return told_override(trace, told(computed_of(trace)))
    if trace.get("awaiting"):
        return told_missing(trace["missing"]) if "missing" in trace else both((AWAITING, *_unfit(trace)), _COMMA)
    if "versions" in trace:
        return both((*(_told_version(one) for one in trace["versions"]), _told_sum(trace)), _SEMICOLON)
    empty = trace.get("empty")
    return told_of(
        trace["result"],
        formula=trace["formula"],
        bites=[Text(bite["zh"], bite["en"]) for bite in trace["bites"]],
        empty=Text(empty["zh"], empty["en"]) if empty else None,
    )


def _unfit(trace: Trace) -> tuple[Text, ...]:
    unfit = trace.get("unfit")
    if not unfit:
        return ()
    zh = f"原评分不合本版规则，须重新评分：{unfit['zh']}"
    return (Text(zh, f"what was given does not fit this version, give it again: {unfit['en']}"),)


def _told_version(one: Mapping[str, Any]) -> Text:
    words, months = told(one["trace"]), one["months"]
    return Text(
        f"第 {one['version']} 版（{one['since']} 至 {one['through']}，{months} 个月）：{words.zh}",
        f"version {one['version']} ({one['since']} to {one['through']}, {months} {'month' if months == 1 else 'months'}): {words.en}",
    )


def _told_sum(trace: Trace) -> Text:
    if trace["result"] is None:
        return Text("本指标不适用", "not applicable")
    return Text(f"合计 {trace['formula']} = {trace['result']}", f"together {trace['formula']} = {trace['result']}")


def _share(months: int, trace: Trace, exact: str | None) -> Share:
    return Share(months=months, points=Fraction(trace["points"]), exact=None if exact is None else Fraction(exact))


def _sum(whole: Whole, traces: Sequence[tuple[Term, Trace]], rounding: Rounding) -> dict[str, Any]:
    """The tail of a trace over several versions: `19/2 x 3/9 + 9 x 6/9`."""
    summands = [f"{trace['exact']} x {term.months}/{whole.months}" for term, trace in traces if trace["exact"] is not None]
    empty = None if summands else {"zh": NEVER_APPLICABLE.zh, "en": NEVER_APPLICABLE.en}
    return {
        "months": whole.months,
        "formula": " + ".join(summands),
        "numbers": {},
        "bites": [],
        "exact": None if whole.exact is None else plain(whole.exact),
        "result": None if whole.exact is None else written(rounded(whole.exact, rounding), rounding.places),
        "empty": empty,
    }


def _exact_again(trace: Trace, rounding: Rounding) -> Fraction | None:
    if trace.get("awaiting"):
        return None
    if "versions" in trace:
        return whole_of(_share_again(one, rounding) for one in trace["versions"]).exact
    if "members" in trace["inputs"]:
        return mean_of_members(rule_of(trace["rule"], trace["points"]), trace["inputs"], rounding)
    return evaluate(rule_of(trace["rule"], trace["points"]), inputs_of(trace["inputs"]), rounding).exact


def _share_again(one: Mapping[str, Any], rounding: Rounding) -> Share:
    return Share(months=one["months"], points=Fraction(one["trace"]["points"]), exact=_exact_again(one["trace"], rounding))


def _rounding(rounding: Rounding) -> dict[str, Any]:
    return {"places": rounding.places, "mode": rounding.mode.value}


def _head(indicator: Indicator, unit: UnitCode, scheme: Scheme, version: Version) -> dict[str, Any]:
    rule = indicator.rule_for(unit)
    return {
        "scheme": {"cycle": scheme.cycle, "version": version},
        "indicator": indicator.key,
        "unit": unit,
        "rule": {"kind": rule.kind.name, **rule.parameters},
        "points": plain(rule.points),
        "rounding": _rounding(scheme.rounding),
    }


def _tail(result: Result, rounding: Rounding) -> dict[str, Any]:
    return {
        "formula": result.formula,
        "numbers": {name: plain(value) for name, value in result.numbers.items()},
        "bites": [{"zh": bite.zh, "en": bite.en} for bite in result.bites],
        "exact": None if result.exact is None else plain(result.exact),
        "result": None if result.points is None else written(result.points, rounding.places),
        "empty": None if result.empty is None else {"zh": result.empty.zh, "en": result.empty.en},
        **({"invalid": dict(result.invalid)} if result.invalid else {}),
    }
