"""A scheme's document becomes a scheme, or the list of everything that is wrong with it, in one pass."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from scoring.appraisal.domain import inputs, lines
from scoring.appraisal.domain.faults import Fault, SchemeRefused
from scoring.appraisal.domain.input_faults import cycle_faults, input_faults, shape_faults, unknown, unknown_measures
from scoring.appraisal.domain.inputs import NO_INPUTS, Month, plan_of
from scoring.appraisal.domain.lawful import lawful_faults
from scoring.appraisal.domain.numbers import Mode, Rounding, number_of
from scoring.appraisal.domain.parts import Part
from scoring.appraisal.domain.revisions import EFFECTIVE, RESTATE, revision_faults
from scoring.appraisal.domain.rules import KINDS, RuleOf, bonus_with_points, kind_shape, rule_faults, rule_of, unchecked_rule
from scoring.appraisal.domain.rules.outcome import Role
from scoring.appraisal.domain.schemes import Cycle, CycleKey, GroupKey, Indicator, IndicatorKey, Scheme, UnitCode
from scoring.appraisal.domain.shapes import KEY, NAME, NOT_NEGATIVE, POSITIVE, by_key, fault, faults_of, listed, mapping, sequence
from scoring.appraisal.domain.words import Text
from scoring.ledger.domain.measures import InvalidMeasure, parse_measure
from scoring.ledger.domain.values import Kind

At = tuple[str | int, ...]
Stated = Mapping[str, Any]

DEFAULT_ZONE: Final = "Asia/Shanghai"
_ROUNDING: Final = {
    "if": {"type": "object"},
    "then": mapping(places={"type": "integer", "minimum": 0, "maximum": 6}, mode={"enum": [mode.value for mode in Mode]}),
    "else": {"type": "integer", "minimum": 0, "maximum": 6},
    "description": "小数位数 0 至 6，或 {places, mode} · the number of decimals, 0 to 6, or {places, mode}",
}
_PART: Final = mapping(
    ("key", "name"), key=KEY, name=NAME, scale={"type": "boolean"}, weight=POSITIVE, bonus_cap=NOT_NEGATIVE, deduct_cap=NOT_NEGATIVE
)
_OF_MEMBERS: Final = ("manual", "convert")
_RULE: Final = {"type": "object"}  # what a rule may hold depends on its kind: `rule_faults` says it
_INDICATOR: Final = mapping(
    ("key", "part", "name", "definition", "department", "points", "rule"),
    key=KEY,
    part=KEY,
    name=NAME,
    definition={"type": "string", "minLength": 1, "maxLength": 4000, "description": "口径说明，不得为空 · the definition, not empty"},
    department=NAME,
    points=NOT_NEGATIVE,
    tags=sequence({"enum": ["key_task"]}),
    groups=sequence(KEY, least=1),
    units=sequence(KEY, least=1),
    targets=by_key(POSITIVE),
    rule=_RULE,
    inputs=inputs.SHAPE,
    lines=sequence(lines.SHAPE),
    confirm={"type": "boolean"},
    self_assessment={"type": "boolean"},
    scope={"enum": ["unit", "members"]},
)
_TOP: Final = mapping(
    ("cycle", "title", "parts", "indicators"),
    cycle=KEY,
    title=NAME,
    zone={"type": "string"},
    effective=EFFECTIVE,
    restate=RESTATE,
    rounding=_ROUNDING,
    groups=sequence(KEY, least=1),
    parts=sequence(_PART, least=1),
    indicators=sequence(_INDICATOR, least=1),
    measures={"type": "object", "propertyNames": KEY, "description": "{度量名: 度量} · {name: measure}"},
)
_NAMES_OF_FIGURES: Final = [frozenset(names) for names in ({"a", "b"}, {"x"}, {"n"}, {"counts"})]


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What a scheme may refer to; `latest` is what a revision has to fit: the last version that was put to work."""

    cycles: Mapping[CycleKey, Cycle]
    groups: frozenset[GroupKey]
    units: frozenset[UnitCode]
    kinds: Mapping[str, Kind]
    latest: Mapping[CycleKey, Scheme] = field(default_factory=dict)


def published_shape() -> dict[str, Any]:
    """The JSON Schema of a scheme's document, with every registered kind of rule."""
    shape = {**_TOP, "$schema": "https://json-schema.org/draft/2020-12/schema", "title": "考核方案 scheme"}
    rule = {"oneOf": [kind_shape(kind) for kind in KINDS.values()]}
    indicator = {**_INDICATOR, "properties": {**_INDICATOR["properties"], "rule": rule}}
    return {**shape, "properties": {**_TOP["properties"], "indicators": sequence(indicator, least=1)}}


def scheme_of(document: Stated, world: World) -> Scheme:
    """Raises `SchemeRefused` with all faults: of shape, of rules, of references, of measures and of law."""
    faults = tuple(dict.fromkeys([*faults_of(document, _TOP), *_faults(document, world)]))
    if faults:
        raise SchemeRefused(faults)
    return checked_scheme(document)


def checked_scheme(document: Stated) -> Scheme:
    """The scheme of a document that was found without fault before."""
    return Scheme(
        cycle=CycleKey(document["cycle"]),
        title=document["title"],
        zone=ZoneInfo(document.get("zone", DEFAULT_ZONE)),
        rounding=_rounding(document.get("rounding", {})),
        groups=frozenset(document.get("groups", ())),
        parts=tuple(_part(part) for part in document["parts"]),
        indicators=tuple(_indicator(indicator) for indicator in document["indicators"]),
        measures=document.get("measures", {}),
        effective=Month(document["effective"]) if "effective" in document else None,
        restates=document.get("restate", False),
    )


def _rounding(stated: int | Stated) -> Rounding:
    if isinstance(stated, int):
        return Rounding(stated)
    return Rounding(stated.get("places", Rounding().places), Mode(stated.get("mode", Rounding().mode)))


def _part(stated: Stated) -> Part:
    return Part(
        key=stated["key"],
        name=stated["name"],
        scale=stated.get("scale", False),
        weight=_number_or_none(stated, "weight"),
        bonus_cap=_number_or_none(stated, "bonus_cap"),
        deduct_cap=_number_or_none(stated, "deduct_cap"),
    )


def _number_or_none(stated: Stated, name: str) -> Fraction | None:
    return number_of(stated[name]) if name in stated else None


def _indicator(stated: Stated) -> Indicator:
    plan = plan_of(stated["inputs"]) if "inputs" in stated else NO_INPUTS
    return Indicator(
        key=IndicatorKey(stated["key"]),
        name=stated["name"],
        part=stated["part"],
        definition=stated["definition"],
        department=stated["department"],
        tags=frozenset(stated.get("tags", ())),
        groups=frozenset(stated.get("groups", ())),
        units=frozenset(stated.get("units", ())),
        stated=stated["rule"],
        rule=rule_of(stated["rule"], stated["points"]),
        targets={UnitCode(unit): str(target) for unit, target in stated.get("targets", {}).items()},
        plan=plan,
        lines=tuple(lines.line_of(line, plan=plan) for line in stated.get("lines", ())),
        confirm=stated.get("confirm", False),
        self_assessment=stated.get("self_assessment", False),
        of_members=stated.get("scope") == "members",
    )


def _faults(document: Stated, world: World) -> Iterator[Fault]:
    """What no JSON Schema can say; a part that has not its shape is passed over here, since that was said already."""
    if isinstance(document.get("cycle"), str) and document["cycle"] not in world.cycles:
        yield unknown(("cycle",), document["cycle"], frozenset(world.cycles))
    if not _is_zone(str(document.get("zone", DEFAULT_ZONE))):
        yield fault(("zone",), Text("没有这个时区", "there is no such zone"), Text("例如 Asia/Shanghai", "for example Asia/Shanghai"))
    key = CycleKey(str(document.get("cycle")))
    if key in world.cycles:
        yield from revision_faults(document, _stated(document, "indicators"), cycle=world.cycles[key], latest=world.latest.get(key))
        for index, stated in _stated(document, "indicators"):
            if not faults_of(stated.get("inputs", {}), inputs.SHAPE):
                yield from cycle_faults(stated.get("inputs", {}), world.cycles[key], at=("indicators", index, "inputs"))
    yield from _unknown_in(document.get("groups"), at=("groups",), known=world.groups)
    for name in ("parts", "indicators"):
        yield from _repeated(_stated(document, name), name)
    stated_measures = document.get("measures", {})
    measures = stated_measures if isinstance(stated_measures, Mapping) else {}
    yield from _measure_faults(measures, world)
    parts = [part.get("key") for _, part in _stated(document, "parts")]
    for index, stated in _stated(document, "indicators"):
        yield from _indicator_faults(stated, at=("indicators", index), parts=parts, measures=measures, world=world)


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _stated(document: Stated, name: str) -> list[tuple[int, Stated]]:
    values = document.get(name)
    return [(index, value) for index, value in enumerate(values) if isinstance(value, Mapping)] if isinstance(values, list) else []


def _repeated(stated: list[tuple[int, Stated]], name: str) -> Iterator[Fault]:
    seen: set[object] = set()
    for index, each in stated:
        key = str(each.get("key"))
        if key in seen:
            yield fault((name, index, "key"), Text(f"“{key}”重复", f"{key!r} stands twice"), Text("每个 key 只用一次", "a key once only"))
        seen.add(key)


def _measure_faults(measures: Mapping[str, Any], world: World) -> Iterator[Fault]:
    for key, stated in measures.items():
        try:
            parse_measure(key, stated, kinds=world.kinds)
        except InvalidMeasure as invalid:
            for problem in invalid.problems:
                yield Fault(problem.path, _text(problem.wrong), _text(problem.allowed))


def _text(sentence: str) -> Text:
    en, _, zh = sentence.partition(" / ")
    return Text(zh or en, en)


def _indicator_faults(stated: Stated, *, at: At, parts: list[Any], measures: Mapping[str, Any], world: World) -> Iterator[Fault]:
    if "part" in stated and stated["part"] not in parts:
        yield unknown((*at, "part"), stated["part"], parts)
    yield from _unknown_in(stated.get("groups"), at=(*at, "groups"), known=world.groups)
    yield from _unknown_in(stated.get("units"), at=(*at, "units"), known=world.units)
    yield from _unknown_in(stated.get("targets"), at=(*at, "targets"), known=world.units)
    for index, line in _stated(stated, "lines"):
        yield from _line_faults(line, at=(*at, "lines", index), own=stated.get("inputs"), measures=measures)
    rule, given = stated.get("rule"), stated.get("inputs", {})
    if isinstance(rule, Mapping) and isinstance(given, Mapping):
        yield from _judged(stated, rule, given, at=at, measures=measures)


def _judged(stated: Stated, rule: Stated, given: Stated, *, at: At, measures: Mapping[str, Any]) -> Iterator[Fault]:
    """Faults of the rule, of its inputs and of what both make together."""
    own = rule_faults(rule, at=(*at, "rule"))
    yield from own
    fits = not faults_of(given, inputs.SHAPE)
    if fits:
        misstated = tuple(shape_faults(given, at=(*at, "inputs"), measures=measures))
        yield from misstated
        fits = not any("milestones" in each.path or "claims" in each.path for each in misstated)
    if own or not fits or faults_of(stated.get("points"), NOT_NEGATIVE):
        return
    ready = unchecked_rule(rule, stated["points"])
    yield from _points_faults(ready, at=at)
    yield from _people_faults(stated, given, at=at)
    yield from _target_faults(stated, ready, at=at)
    unfit = tuple(input_faults(ready, rule, given, at=(*at, "inputs")))
    yield from unfit
    if not unfit:
        yield from lawful_faults(ready, plan_of(given), _mappings(measures), at=(*at, "inputs"))


def _points_faults(rule: RuleOf, *, at: At) -> Iterator[Fault]:
    if rule.role is Role.ORDINARY and rule.points == 0:
        yield fault((*at, "points"), Text("分值为 0", "0 points"), Text("大于 0", "above 0"))
    if rule.role is not Role.ORDINARY and rule.points != 0:
        stated = bonus_with_points()
        yield fault((*at, stated.path), stated.wrong, stated.allowed)


def _people_faults(stated: Stated, given: Stated, *, at: At) -> Iterator[Fault]:
    for name in ("confirm", "self_assessment"):
        if stated.get(name) and given:
            wrong = Text("该指标由数据自动计分，没有评分可供确认或自评", "records count this indicator: nobody marks it")
            yield fault((*at, name), wrong, Text(f"去掉 {name}", f"leave {name} out"))
    kind = stated["rule"]["kind"]
    if stated.get("scope") == "members" and kind not in _OF_MEMBERS:
        wrong = Text(f"计分规则 {kind} 不逐个评价成员", f"the kind {kind} does not judge members one by one")
        yield fault((*at, "scope"), wrong, listed(_OF_MEMBERS))


def _target_faults(stated: Stated, rule: RuleOf, *, at: At) -> Iterator[Fault]:
    if "targets" in stated and "target" not in rule.kind.shape["properties"]:
        wrong = Text(f"计分规则 {rule.kind.name} 没有目标值", f"the kind {rule.kind.name} has no target")
        yield fault((*at, "targets"), wrong, Text("去掉 targets", "leave targets out"))


def _line_faults(line: Stated, *, at: At, own: object, measures: Mapping[str, Any]) -> Iterator[Fault]:
    tests = [name for name in lines.TESTS if name in line]
    if len(tests) != 1:
        yield fault(at, Text(f"写了 {len(tests)} 个条件，应恰好一个", f"{len(tests)} tests where exactly one belongs"), listed(lines.TESTS))
    elif not faults_of(line, lines.SHAPE):
        yield from _recovery_faults(line, tests[0], at=at)
    of = line.get("of", own)
    if not isinstance(of, Mapping) or not of or "milestones" in of or "claims" in of:
        yield fault(at, Text("没有可判断的度量", "there is no measure to judge"), Text("写明 of: {a, b} 或 {x}", "say of: {a, b} or {x}"))
    elif "of" in line and not faults_of(of, lines.OF):
        if frozenset(of) not in _NAMES_OF_FIGURES:
            yield fault((*at, "of"), Text("输入项不全", "these inputs make no figure"), Text("{a, b}、{x} 或 {n}", "{a, b}, {x} or {n}"))
        yield from unknown_measures(of, at=(*at, "of"), measures=measures)


def _recovery_faults(line: Stated, test: str, *, at: At) -> Iterator[Fault]:
    bound = line[test]
    if not lines.RECOVERS[test](number_of(line.get("recover", bound)), number_of(bound)):
        wrong = Text(f"恢复值 {line['recover']} 在 {bound} 的差侧", f"recover {line['recover']} is on the bad side of {bound}")
        side = "不低于" if test in {"below", "at_most"} else "不高于"
        than = "at least" if test in {"below", "at_most"} else "at most"
        yield fault((*at, "recover"), wrong, Text(f"{side} {bound}", f"{than} {bound}"))


def _unknown_in(stated: object, *, at: At, known: Mapping[Any, Any] | frozenset[Any]) -> Iterator[Fault]:
    names = stated if isinstance(stated, list | Mapping) else ()
    for index, name in enumerate(names):
        if isinstance(name, str) and name not in known:
            yield unknown((*at, name if isinstance(stated, Mapping) else index), name, known)


def _mappings(measures: Mapping[str, Any]) -> dict[str, Stated]:
    return {key: stated for key, stated in measures.items() if isinstance(stated, Mapping)}
