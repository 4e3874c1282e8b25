"""Inputs as JSON values are read: every number, date and word is checked before a rule sees it."""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from fractions import Fraction
from typing import Final

from scoring.appraisal.domain.faults import InputRefused
from scoring.appraisal.domain.numbers import NotANumber, number_of
from scoring.appraisal.domain.rules.inputs import (
    Ballots,
    Card,
    Cards,
    Count,
    Counts,
    Event,
    Events,
    Found,
    Group,
    Inputs,
    Mark,
    Marks,
    Milestone,
    Milestones,
    Number,
    Paper,
    Quotient,
    Raw,
    Tally,
)
from scoring.appraisal.domain.words import Text

_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
MOST_UNITS: Final = 5_000  # of a group: a mean over shares gets as many digits as there are different denominators
_SHOWN: Final = 60  # characters of a wrong value that an error repeats


def inputs_of(raw: Raw) -> Inputs:
    """Raises `InputRefused` for an unknown shape, and for a number, date or word that is none."""
    names = frozenset(raw) - {"reason"}
    if names not in _READERS:
        known = _short(", ".join(sorted(raw)) or "-")
        raise InputRefused(Text(f"输入项不可识别：{known}", f"these inputs are unknown or not complete: {known}"))
    return _READERS[names](raw)


def date_of(value: object, name: str) -> date:
    """A date that exists, written `2026-03-31`; raises `InputRefused`."""
    try:
        if isinstance(value, str) and _DATE.fullmatch(value):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise _not(value, name, Text("存在的日期（YYYY-MM-DD）", "a date that exists (YYYY-MM-DD)"))


def _number(value: object, name: str) -> Fraction:
    try:
        return number_of(value)
    except NotANumber as error:
        raise _not(value, name, Text("小数", "a decimal number")) from error


def _count(value: object, name: str) -> Fraction:
    n = _number(value, name)
    if n < 0:
        raise InputRefused(Text(f"{name} 不得小于 0", f"{name} is negative"))
    return n


def _positive(value: object, name: str) -> Fraction:
    n = _number(value, name)
    if n <= 0:
        raise InputRefused(Text(f"{name} 应大于 0", f"{name} is not positive"))
    return n


def _text(value: object, name: str) -> str:
    if not isinstance(value, str):
        raise _not(value, name, Text("文字", "a text"))
    return value


def _list(value: object, name: str) -> list[object]:
    if not isinstance(value, list | tuple):
        raise _not(value, name, Text("列表", "a list"))
    return list(value)


def _mapping(value: object, name: str) -> Raw:
    if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
        raise _not(value, name, Text("键值对", "a mapping"))
    return value


def _mappings(value: object, name: str) -> Iterable[Raw]:
    return [_mapping(each, f"{name}[{index}]") for index, each in enumerate(_list(value, name))]


def _mark(raw: Raw) -> Mark:
    return Mark(_number(raw["mark"], "mark"), _text(raw.get("reason") or "", "reason"))


def _event(raw: Raw) -> Event:
    level, accepted = raw.get("level"), raw.get("accepted")
    if not isinstance(accepted, bool):
        raise _not(accepted, "accepted", Text("true 或 false", "true or false"))
    return Event(document=_text(raw.get("document"), "document"), level=None if level is None else _text(level, "level"), accepted=accepted)


def _group(raw: Raw) -> Group:
    unit = _text(raw["unit"], "unit")
    if len(_mapping(raw["group"], "group")) > MOST_UNITS:
        raise InputRefused(Text(f"一个分组最多 {MOST_UNITS} 个单位", f"a group has at most {MOST_UNITS} units"))
    values = {code: _value(value, f"group.{code}") for code, value in _mapping(raw["group"], "group").items()}
    if unit not in values:
        raise _outside(unit, Text("分组", "group"))
    return Group(values, unit)


def _value(value: object, name: str) -> Fraction | None:
    """A unit's x: a decimal, a quotient `{a, b}`, or none; a quotient over zero is none."""
    if value is None:
        return None
    if not isinstance(value, Mapping):
        return _number(value, name)
    a, b = (_number(value.get(part), f"{name}.{part}") for part in ("a", "b"))
    return a / b if b else None


def _ballots(raw: Raw) -> Ballots:
    unit = _text(raw["unit"], "unit")
    candidates = frozenset(_text(each, "candidates") for each in _list(raw["candidates"], "candidates"))
    if unit not in candidates:
        raise _outside(unit, Text("被测评对象", "candidates"))
    stated = _mapping(raw["ballots"], "ballots")
    return Ballots({name: tuple(map(_paper, _mappings(papers, f"ballots.{name}"))) for name, papers in stated.items()}, candidates, unit)


def _paper(raw: Raw) -> Paper:
    return Paper(voter=_text(raw.get("voter"), "voter"), marks=_mapping(raw.get("marks"), "marks"))


def _tally(raw: Raw) -> Tally:
    stated = _mapping(raw["tally"], "tally")
    counts = {name: {mark: _whole(n, mark) for mark, n in _mapping(marks, name).items()} for name, marks in stated.items()}
    return Tally(counts, {reason: _whole(n, reason) for reason, n in _mapping(raw["invalid"], "invalid").items()})


def _whole(value: object, name: str) -> int:
    n = _count(value, name)
    if n.denominator != 1:
        raise _not(value, name, Text("整数", "a whole number"))
    return n.numerator


def _card(raw: Raw) -> Card:
    return Card(points=_count(raw.get("points"), "points"), times=_count(raw.get("times"), "times"))


def _milestone(raw: Raw) -> Milestone:
    done = raw.get("done")
    return Milestone(
        due=date_of(raw.get("due"), "due"),
        done=None if done is None else date_of(done, "done"),
        share=_positive(raw.get("share"), "share"),
    )


def _counts(raw: Raw) -> Counts:
    return Counts({level: _count(n, f"counts.{level}") for level, n in _mapping(raw["counts"], "counts").items()})


def _milestones(raw: Raw) -> Milestones:
    reckoned_on = date_of(raw["reckoned_on"], "reckoned_on")
    return Milestones(tuple(map(_milestone, _mappings(raw["milestones"], "milestones"))), reckoned_on)


def _not(value: object, name: str, wanted: Text) -> InputRefused:
    shown = _short(repr(value)) if isinstance(value, str | int) else type(value).__name__
    return InputRefused(Text(f"{_short(name)} 应为{wanted.zh}：{shown}", f"{_short(name)} is not {wanted.en}: {shown}"))


def _outside(unit: str, whole: Text) -> InputRefused:
    return InputRefused(Text(f"{_short(unit)} 不在{whole.zh}内", f"{_short(unit)} is not in the {whole.en}"))


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


_READERS: Final[Mapping[frozenset[str], Callable[[Raw], Inputs]]] = {
    frozenset({"a", "b"}): lambda raw: Quotient(_number(raw["a"], "a"), _number(raw["b"], "b")),
    frozenset({"x"}): lambda raw: Number(_number(raw["x"], "x")),
    frozenset({"n"}): lambda raw: Count(_count(raw["n"], "n")),
    frozenset({"counts"}): _counts,
    frozenset({"events"}): lambda raw: Events(tuple(map(_event, _mappings(raw["events"], "events")))),
    frozenset({"mark"}): _mark,
    frozenset({"group", "unit"}): _group,
    frozenset({"found"}): lambda raw: Found(_count(raw["found"], "found")),
    frozenset({"marks"}): lambda raw: Marks(tuple(_number(mark, "marks") for mark in _list(raw["marks"], "marks"))),
    frozenset({"ballots", "candidates", "unit"}): _ballots,
    frozenset({"tally", "invalid"}): _tally,
    frozenset({"cards"}): lambda raw: Cards(tuple(map(_card, _mappings(raw["cards"], "cards")))),
    frozenset({"milestones", "reckoned_on"}): _milestones,
}
