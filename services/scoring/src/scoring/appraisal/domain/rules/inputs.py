"""What a rule judges: the shapes of its inputs, read from and written as JSON."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final, TypeAlias

from scoring.appraisal.domain.faults import InputRefused
from scoring.appraisal.domain.numbers import NotANumber, number_of, plain
from scoring.appraisal.domain.words import Text


@dataclass(frozen=True, slots=True)
class Quotient:
    a: Fraction
    b: Fraction


@dataclass(frozen=True, slots=True)
class Number:
    x: Fraction


@dataclass(frozen=True, slots=True)
class Count:
    n: Fraction


@dataclass(frozen=True, slots=True)
class Counts:
    """How often each level occurred."""

    by_level: Mapping[str, Fraction]


@dataclass(frozen=True, slots=True)
class Event:
    document: str
    level: str | None
    accepted: bool


@dataclass(frozen=True, slots=True)
class Events:
    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class Mark:
    mark: Fraction
    reason: str


Inputs: TypeAlias = Quotient | Number | Count | Counts | Events | Mark
Raw = Mapping[str, Any]


def inputs_of(raw: Raw) -> Inputs:
    """Raises `InputRefused` for an unknown shape or a number that is none."""
    names = frozenset(raw) - {"reason"}
    if names not in _READERS:
        raise InputRefused(Text(f"输入项不可识别：{', '.join(sorted(raw))}", f"these inputs are unknown: {', '.join(sorted(raw))}"))
    return _READERS[names](raw)


def value_of(inputs: Inputs) -> tuple[Fraction | None, str]:
    """The x of a rule with its spelling; none where it is a quotient over zero."""
    match inputs:
        case Number(x):
            return x, plain(x)
        case Quotient(a, b):
            return (a / b if b else None), f"({plain(a)} / {plain(b)})"
        case _:
            raise unsuitable(inputs)


def unsuitable(inputs: Inputs) -> InputRefused:
    shape = type(inputs).__name__
    return InputRefused(Text(f"该计分规则不接受 {shape} 形式的输入", f"this rule does not take inputs of the shape {shape}"))


def _number(raw: Raw, name: str) -> Fraction:
    try:
        return number_of(raw[name])
    except NotANumber as error:
        raise InputRefused(Text(f"{name} 不是小数：{error}", f"{name} is not a decimal number: {error}")) from error


def _count(raw: Raw, name: str) -> Fraction:
    n = _number(raw, name)
    if n < 0:
        raise InputRefused(Text(f"{name} 不得小于 0", f"{name} is negative"))
    return n


def _event(raw: Raw) -> Event:
    return Event(document=raw["document"], level=raw.get("level"), accepted=raw["accepted"])


_READERS: Final[Mapping[frozenset[str], Callable[[Raw], Inputs]]] = {
    frozenset({"a", "b"}): lambda raw: Quotient(_number(raw, "a"), _number(raw, "b")),
    frozenset({"x"}): lambda raw: Number(_number(raw, "x")),
    frozenset({"n"}): lambda raw: Count(_count(raw, "n")),
    frozenset({"counts"}): lambda raw: Counts({level: _count(raw["counts"], level) for level in raw["counts"]}),
    frozenset({"events"}): lambda raw: Events(tuple(_event(event) for event in raw["events"])),
    frozenset({"mark"}): lambda raw: Mark(_number(raw, "mark"), raw.get("reason") or ""),
}
