"""Everything that led to an indicator's points, as JSON; told in words, and evaluated again to the same digits."""

from collections.abc import Mapping
from typing import Any, Final

from scoring.appraisal.domain.given import Given
from scoring.appraisal.domain.inputs import Month, Totals, gathered, sources_of
from scoring.appraisal.domain.numbers import Mode, Rounding, plain, written
from scoring.appraisal.domain.rules import Result, evaluate, rule_of
from scoring.appraisal.domain.rules.reading import inputs_of
from scoring.appraisal.domain.rules.words import told_of
from scoring.appraisal.domain.schemes import Indicator, Scheme, UnitCode, Version
from scoring.appraisal.domain.words import Text

Trace = Mapping[str, Any]

AWAITING: Final = Text("尚未评分", "not marked yet")


def counted(indicator: Indicator, unit: UnitCode, totals: Totals, *, scheme: Scheme, version: Version, through: Month) -> Trace:
    """The trace of an indicator that measures judge, over the months up to `through`."""
    raw = gathered(indicator.plan, totals)
    rule = indicator.rule_for(unit)
    result = evaluate(rule, inputs_of(raw), scheme.rounding)
    return {
        **_head(indicator, unit, scheme, version),
        "through": through,
        "inputs": raw,
        "sources": sources_of(indicator.plan, totals),
        **_tail(result, scheme.rounding),
    }


def judged(indicator: Indicator, unit: UnitCode, given: Given | None, *, scheme: Scheme, version: Version) -> Trace:
    """The trace of an indicator that people judge; until they gave something it waits and has no points."""
    head = _head(indicator, unit, scheme, version)
    if given is None:
        return {**head, "inputs": None, "awaiting": True, "result": None, "empty": None}
    result = evaluate(indicator.rule_for(unit), inputs_of(given.raw), scheme.rounding)
    return {**head, "inputs": given.raw, "sources": given.source, **_tail(result, scheme.rounding)}


def again(trace: Trace) -> str | None:
    """The points that the trace's rule gives for the trace's inputs: the digits of its `result`."""
    if trace.get("awaiting"):
        return None
    rounding = Rounding(trace["rounding"]["places"], Mode(trace["rounding"]["mode"]))
    result = evaluate(rule_of(trace["rule"], trace["points"]), inputs_of(trace["inputs"]), rounding)
    return None if result.points is None else written(result.points, rounding.places)


def told(trace: Trace) -> Text:
    """`(38 / 40) / 0.95 x 10 = 10.00, capped at 10`, in both languages."""
    if trace.get("awaiting"):
        return AWAITING
    empty = trace.get("empty")
    return told_of(
        trace["result"],
        formula=trace["formula"],
        bites=[Text(bite["zh"], bite["en"]) for bite in trace["bites"]],
        empty=Text(empty["zh"], empty["en"]) if empty else None,
    )


def _head(indicator: Indicator, unit: UnitCode, scheme: Scheme, version: Version) -> dict[str, Any]:
    rule = indicator.rule_for(unit)
    return {
        "scheme": {"cycle": scheme.cycle, "version": version},
        "indicator": indicator.key,
        "unit": unit,
        "rule": {"kind": rule.kind.name, **rule.parameters},
        "points": plain(rule.points),
        "rounding": {"places": scheme.rounding.places, "mode": scheme.rounding.mode.value},
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
