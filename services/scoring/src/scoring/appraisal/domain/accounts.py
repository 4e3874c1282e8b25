"""A score told so that somebody who doubts it can check it: what was counted, over which months, from which records, what was capped."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from scoring.appraisal.domain.claim_counts import told_claim
from scoring.appraisal.domain.numbers import Mode
from scoring.appraisal.domain.overrides import computed_of
from scoring.appraisal.domain.schemes import Indicator, Scheme, Version
from scoring.appraisal.domain.traces import Trace, leaves, told
from scoring.appraisal.domain.words import Text, both

_MODES: Final[Mapping[str, Text]] = {
    Mode.HALF_UP: Text("四舍五入", "half up"),
    Mode.HALF_EVEN: Text("四舍六入五成双", "half to even"),
    Mode.DOWN: Text("直接舍去", "down"),
}
_AND: Final = Text("、", ", ")
_ALSO: Final = Text("，且 ", " and ")
_COMPARED: Final[Mapping[str, Text]] = {
    "present": Text("有值", "is there"),
    "absent": Text("无值", "is missing"),
    "in": Text("属于", "is one of"),
    "not_in": Text("不属于", "is none of"),
}


def account_of(trace: Trace, schemes: Mapping[Version, Scheme]) -> tuple[Text, ...]:
    """The sentences in their order: under each version what it counted, then what all come to; `schemes` are by version."""
    if "versions" not in trace:
        return (*_of_version(trace, schemes), *_replaced(trace))
    own = tuple(sentence for leaf in leaves(trace) for sentence in _of_version(leaf, schemes))
    return (*own, *_sum(trace), *_replaced(trace))


def _of_version(trace: Trace, schemes: Mapping[Version, Scheme]) -> tuple[Text, ...]:
    scheme = schemes[trace["scheme"]["version"]]
    indicator = scheme.indicator(trace["indicator"])
    definition = () if indicator is None else (_definition(trace, indicator),)
    return (*definition, *_inputs(trace, scheme.measures), *_sum(trace))


def measure_in_words(key: str, stated: Mapping[str, Any]) -> Text:
    """Which records a measure counts, and in which month: its definition as the scheme froze it."""
    conditions = [_condition(condition) for condition in stated.get("where", ())]
    source = stated.get("source")
    where = both(tuple(conditions), _ALSO)
    return Text(
        f"度量 {key}：{stated['kind']} 记录，按 {stated['at']} 所在月份计入"
        + (f"，只计数据来源 {source}" if source else "")
        + (f"，条件是 {where.zh}" if conditions else "")
        + _others(stated).zh
        + _taken(stated.get("take", "count")).zh,
        f"the measure {key}: records of the kind {stated['kind']}, in the month of {stated['at']}"
        + (f", of the source {source} only" if source else "")
        + (f", where {where.en}" if conditions else "")
        + _others(stated).en
        + _taken(stated.get("take", "count")).en,
    )


def _definition(trace: Trace, indicator: Indicator) -> Text:
    scheme = trace["scheme"]
    named = f"{scheme['cycle']}/{scheme['version']}"
    return Text(
        f"“{indicator.name}”分值 {trace['points']} 分，按考核方案 {named} 计分。口径说明：{indicator.definition}",
        f"“{indicator.name}” is worth {trace['points']} points under the scheme {named}. Its definition: {indicator.definition}",
    )


def _inputs(trace: Trace, measures: Mapping[str, Any]) -> Iterator[Text]:
    for name, source in trace.get("sources", {}).items():
        if isinstance(source, Mapping) and "months" in source:
            yield _counted(name, source, trace, measures.get(source["measure"], {}))
        elif isinstance(source, Mapping) and "claim" in source:
            yield told_claim(source)
        else:
            yield Text(f"依据 {name}：{_spelled(source)}。", f"It rests on {name}: {_spelled(source)}.")


def _counted(name: str, source: Mapping[str, Any], trace: Trace, stated: Mapping[str, Any]) -> Text:
    """`take` says whether the rule reads the number of records or what they add up to."""
    since, through = trace["since"], trace["through"]
    words = measure_in_words(source["measure"], stated) if stated else Text(f"度量 {source['measure']}", f"the measure {source['measure']}")
    if not source["months"]:
        return Text(
            f"“{name}”取自{words.zh}；{since} 至 {through} 没有记录。",
            f"“{name}” is {words.en}; there is no record from {since} through {through}.",
        )
    months = both(tuple(_month(month, total) for month, total in source["months"].items()), _AND)
    taken = Text("取记录数", "their number is taken") if source["take"] == "n" else Text("取累计值", "their total is taken")
    return Text(
        f"“{name}”取自{words.zh}；{since} 至 {through}：{months.zh}，{taken.zh}。",
        f"“{name}” is {words.en}; from {since} through {through}: {months.en}; {taken.en}.",
    )


def _month(month: str, total: Mapping[str, str]) -> Text:
    if total["n"] == total["total"]:
        return Text(f"{month} {total['n']} 条", f"{month} {total['n']} records")
    return Text(f"{month} {total['n']} 条计 {total['total']}", f"{month} {total['n']} records adding {total['total']}")


def _sum(trace: Trace) -> Iterator[Text]:
    """The arithmetic with what limited it, and the one rounding where it changed anything."""
    words = told(trace)
    yield Text(f"结果：{words.zh}。", f"The result: {words.en}.")
    computed = computed_of(trace) if "overridden" in trace else trace
    exact, result = trace.get("exact"), computed["result"]
    if (result is not None and "/" in (exact or "")) or (exact and _places(exact) > trace["rounding"]["places"]):
        rounding = trace["rounding"]
        mode = _MODES[rounding["mode"]]
        yield Text(
            f"取整前为 {exact}，{mode.zh}保留 {rounding['places']} 位小数，得 {result} 分；此前各步均未取整。",
            f"Before rounding it was {exact}; rounded {mode.en} to {rounding['places']} decimals: {result}; nothing was rounded before.",
        )


def _replaced(trace: Trace) -> Iterator[Text]:
    if trace.get("replaced"):
        was = trace["replaced"].get("result")
        former = Text("不适用或未评分", "not applicable or not marked") if was is None else Text(f"{was} 分", f"{was} points")
        yield Text(f"此前为 {former.zh}，由本结果取代。", f"Before it was {former.en}; this replaced it.")


def _condition(stated: list[Any]) -> Text:
    attribute, operator, *against = stated
    name = _spelled(attribute)
    compared = _COMPARED.get(operator, Text(operator, operator))
    value = f" {_spelled(against[0])}" if against else ""
    return Text(f"{name} {compared.zh}{value}", f"{name} {compared.en}{value}")


def _others(stated: Mapping[str, Any]) -> Text:
    unit_on = stated.get("unit_on")
    if unit_on is None:
        return Text("", "")
    return Text(f"，记在 {unit_on} 当日的办理单位名下", f", for the unit that held the record on {unit_on}")


def _taken(take: Any) -> Text:  # noqa: ANN401 - a word or {sum|days|working_days: ...} of the scheme
    if not isinstance(take, Mapping):
        return Text("，计条数", ", counted")
    ((how, of),) = take.items()
    if how == "sum":
        return Text(f"，累加 {of}", f", adding up {of}")
    first, last = of
    days = Text("工作日", "working days") if how == "working_days" else Text("天数", "days")
    return Text(f"，累加 {first} 至 {last} 的{days.zh}", f", adding up the {days.en} from {first} to {last}")


def _spelled(value: Any) -> str:  # noqa: ANN401 - any JSON value
    match value:
        case {"attribute": attribute, **more}:
            return " ".join([str(attribute), *(f"({name} {_spelled(each)})" for name, each in more.items())])
        case Mapping():
            return ", ".join(f"{name} {_spelled(each)}" for name, each in value.items())
        case list() | tuple():
            return " / ".join(map(_spelled, value))
        case _:
            return str(value)


def _places(number: str) -> int:
    return len(number.partition(".")[2])
