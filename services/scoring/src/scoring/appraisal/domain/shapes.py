"""JSON Schemas as the one definition of what a document may hold, and their violations in two languages."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, cast

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from scoring.appraisal.domain.faults import Fault
from scoring.appraisal.domain.numbers import DECIMAL
from scoring.appraisal.domain.words import Text

Shape = Mapping[str, Any]

_BETWEEN: Final = " · "  # a description holds its Chinese and its English half

_MOST: Final = 10**18 - 1  # an integer that was not written as text has as many digits at most
NUMBER: Final[Shape] = {
    "type": ["string", "integer"],
    "pattern": DECIMAL,
    "minimum": -_MOST,
    "maximum": _MOST,
    "description": "小数，整数部分不超过 18 位、小数部分不超过 9 位 · a decimal of at most 18 and 9 digits",
}
NOT_NEGATIVE: Final[Shape] = {
    "type": ["string", "integer"],
    "pattern": r"^[0-9]{1,18}(\.[0-9]{1,9})?$",
    "minimum": 0,
    "maximum": _MOST,
    "description": "不小于 0 的小数 · a decimal of at least 0",
}
POSITIVE: Final[Shape] = {
    "type": ["string", "integer"],
    "pattern": r"^(?=.*[1-9])[0-9]{1,18}(\.[0-9]{1,9})?$",
    "exclusiveMinimum": 0,
    "maximum": _MOST,
    "description": "大于 0 的小数 · a decimal above 0",
}
KEY: Final[Shape] = {
    "type": "string",
    "pattern": r"^[a-z0-9][a-z0-9_.-]{0,59}$",
    "description": "小写字母、数字、下划线、连字符或点，最长 60 · lower-case letters, digits, _ - . , at most 60",
}
NAME: Final[Shape] = {
    "type": "string",
    "minLength": 1,
    "maxLength": 200,
    "description": "1 至 200 个字的文字 · a text of 1 to 200 characters",
}
DATE: Final[Shape] = {
    "type": "string",
    "pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
    "description": "日期，例如 2026-06-30 · a date, for example 2026-06-30",
}
ON_EMPTY: Final[Shape] = {"enum": ["full", "zero", "exclude"]}
BETTER: Final[Shape] = {"enum": ["higher", "lower"]}
FLOOR: Final[Shape] = {"enum": ["0", 0, None]}


def mapping(required: Iterable[str] = (), /, **properties: Shape) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(required), "additionalProperties": False}


def sequence(items: Shape, *, least: int = 0) -> dict[str, Any]:
    return {"type": "array", "items": items, "minItems": least}


def by_key(values: Shape) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": values, "minProperties": 1}


def whole(least: int) -> dict[str, Any]:
    """A whole number of at least `least`, and of no more than a person would count."""
    return {
        "type": "integer",
        "minimum": least,
        "maximum": 1_000_000,
        "description": f"不小于 {least} 的整数{_BETWEEN}a whole number of at least {least}",
    }


def path_of(parts: Iterable[str | int]) -> str:
    """`indicators[3].rule.target`."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts).removeprefix(".")


def faults_of(value: object, shape: Shape, *, at: tuple[str | int, ...] = ()) -> tuple[Fault, ...]:
    """Every violation, in the order of the document, each once."""
    errors = sorted(Draft202012Validator(dict(shape)).iter_errors(value), key=lambda error: [str(part) for part in error.absolute_path])
    return tuple(dict.fromkeys(fault for error in errors for fault in _faults(error, at)))


def fault(at: Iterable[str | int], wrong: Text, allowed: Text) -> Fault:
    return Fault(path_of(at), wrong, allowed)


def listed(names: Iterable[object]) -> Text:
    text = ", ".join(str(name) for name in names)
    return Text(f"可用：{text}", f"one of: {text}") if text else Text("无", "nothing")


def _faults(error: ValidationError, at: tuple[str | int, ...]) -> Iterable[Fault]:
    here = (*at, *error.absolute_path)
    yield from _SPEAKERS.get(str(error.validator), _misfit)(error, here)


def _missing(error: ValidationError, here: tuple[str | int, ...]) -> Iterable[Fault]:
    properties = _schema(error).get("properties", {})
    for name in _schema(error)["required"]:
        if name not in _instance(error):
            yield fault((*here, name), Text("缺少此项", "this is missing"), allowed_by(properties.get(name, {})))


def _unknown(error: ValidationError, here: tuple[str | int, ...]) -> Iterable[Fault]:
    known = list(_schema(error).get("properties", {}))
    for name in _instance(error):
        if name not in known:
            yield fault((*here, name), Text(f"不认识“{name}”", f"{name!r} is unknown"), listed(known))


def _misfit(error: ValidationError, here: tuple[str | int, ...]) -> Iterable[Fault]:
    shown = _shown(error.instance)
    yield fault(here, Text(f"{shown} 不符合要求", f"{shown} does not fit"), allowed_by(_schema(error)))


def _schema(error: ValidationError) -> Shape:
    return cast("Shape", error.schema)


def _instance(error: ValidationError) -> Mapping[str, object]:
    return cast("Mapping[str, object]", error.instance)


_SPEAKERS: Final[Mapping[str, Callable[[ValidationError, tuple[str | int, ...]], Iterable[Fault]]]] = {
    "required": _missing,
    "additionalProperties": _unknown,
}


def allowed_by(shape: Shape) -> Text:
    """What a shape lets through, in words."""
    if "description" in shape:
        zh, _, en = str(shape["description"]).partition(_BETWEEN)
        return Text(zh, en or zh)
    if "enum" in shape:
        return listed("null" if value is None else value for value in shape["enum"])
    if shape.get("minItems"):
        return Text(f"至少 {shape['minItems']} 项的列表", f"a list of at least {shape['minItems']}")
    names = shape.get("type", "value")
    text = " | ".join(names) if isinstance(names, list) else str(names)
    return Text(f"类型 {text}", f"a value of type {text}")


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."  # noqa: PLR2004 - a glance, not the document
