"""Rules tried out line by line, with nothing but a file: `python -m scoring try-rules FILE`."""

import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO, Final

from scoring.appraisal.domain.faults import InputRefused, Refused, SchemeRefused
from scoring.appraisal.domain.numbers import Rounding, written
from scoring.appraisal.domain.rules import Result, evaluate, explained, rule_of
from scoring.appraisal.domain.rules.reading import inputs_of
from scoring.appraisal.domain.words import Text

COMMAND: Final = "try-rules"
WRONG_USE: Final = 2
MOST_BYTES: Final = 16_000_000  # of a line: the papers of a large ballot have some two
MOST_OF_A_RULE: Final = 100_000  # characters; the longest that was seen has four hundred
MOST_PLACES: Final = 12
MOST_DIGITS: Final = 18  # of an integer that is not text
_FAULTS_SHOWN: Final = 5


def try_rules(arguments: Sequence[str]) -> int:
    """Evaluate each line of a file (`-`: standard input) of `{name, rule, points, rounding, inputs}` to a line of JSON.

    A line that can't be evaluated is an error of that line; the status is 0 whenever the file was read to its end.
    """
    if len(arguments) != 1:
        sys.stderr.write(f"python -m scoring {COMMAND} FILE (- is standard input / - 表示标准输入)\n")
        return WRONG_USE
    try:
        return _tried(sys.stdin.buffer if arguments[0] == "-" else Path(arguments[0]).open("rb"))
    except BrokenPipeError:  # the reader has seen enough; the interpreter must not try to flush what is left
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        sys.stderr.write(f"{arguments[0]}: {error.strerror} (无法读取该文件)\n")
        return WRONG_USE


def outcome(line: bytes) -> dict[str, Any]:
    """What the line comes to: `points` with exactly its `rounding` decimals, and the words; or the error."""
    name: str | None = None
    try:
        case = _case(line)
        name = case["name"] if isinstance(case.get("name"), str) else None
        rounding = _rounding(case.get("rounding", Rounding().places))
        return _answer(name, _result(case, rounding), rounding)
    except Refused as refused:
        return _error(name, _said(refused))
    except (ValueError, RecursionError) as broken:
        return _error(name, Text("该行不是可读的 JSON 或嵌套过深", f"this line can't be read: {type(broken).__name__}"))


def _tried(stream: BinaryIO) -> int:
    with stream:
        for line in _lines(stream):
            answer = json.dumps(outcome(line), ensure_ascii=False)
            sys.stdout.buffer.write(answer.encode(errors="backslashreplace") + b"\n")  # a lone surrogate goes out as its escape
            sys.stdout.buffer.flush()
    return 0


def _lines(stream: BinaryIO) -> Iterator[bytes]:
    """Each line that holds something; of one that is too long only so much that it is seen to be."""
    while line := stream.readline(MOST_BYTES + 1):
        rest = line
        while len(rest) > MOST_BYTES and not rest.endswith(b"\n"):
            rest = stream.readline(MOST_BYTES + 1)
        if line.strip():
            yield line


def _case(line: bytes) -> Mapping[str, Any]:
    """Numbers stay as they are written: what is no plain decimal is refused by the rule, and costs nothing."""
    if len(line) > MOST_BYTES:
        raise InputRefused(Text(f"该行超过 {MOST_BYTES} 字节", f"this line has more than {MOST_BYTES} bytes"))
    case = json.loads(line.decode("utf-8-sig"), parse_float=str, parse_int=_whole, parse_constant=str)
    return _mapping(case, Text("该行", "the line"))


def _result(case: Mapping[str, Any], rounding: Rounding) -> Result:
    rule = _mapping(case.get("rule"), Text("rule", "rule"))
    if len(json.dumps(rule)) > MOST_OF_A_RULE:
        raise InputRefused(Text(f"rule 超过 {MOST_OF_A_RULE} 字", f"the rule has more than {MOST_OF_A_RULE} characters"))
    inputs = _mapping(case.get("inputs"), Text("inputs", "inputs"))
    return evaluate(rule_of(rule, case.get("points")), inputs_of(inputs), rounding)


def _whole(digits: str) -> int | str:
    return int(digits) if len(digits) <= MOST_DIGITS else digits


def _mapping(value: object, what: Text) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise InputRefused(Text(f"{what.zh}应为 JSON 对象", f"{what.en} is no JSON object"))
    return value


def _rounding(places: object) -> Rounding:
    if isinstance(places, bool) or not isinstance(places, int) or not 0 <= places <= MOST_PLACES:
        raise InputRefused(Text(f"rounding 应为 0 至 {MOST_PLACES} 的整数", f"rounding is no whole number of 0 to {MOST_PLACES}"))
    return Rounding(places)


def _answer(name: str | None, result: Result, rounding: Rounding) -> dict[str, Any]:
    return {
        "name": name,
        "points": None if result.points is None else written(result.points, rounding.places),
        "not_applicable": result.points is None,
        "error": None,
        "explanation": _both(explained(result, rounding)),
        **({"invalid": dict(result.invalid)} if result.invalid else {}),
    }


def _error(name: str | None, said: Text) -> dict[str, Any]:
    return {"name": name, "points": None, "not_applicable": False, "error": _both(said), "explanation": None}


def _said(refused: Refused) -> Text:
    """Of a rule with faults the first ones, each with its place and what is allowed there."""
    if not isinstance(refused, SchemeRefused):
        return refused.text
    shown = refused.errors[:_FAULTS_SHOWN]
    return Text(*("; ".join(f"{fault['path']}: {fault[language]}" for fault in shown) for language in ("zh", "en")))


def _both(text: Text) -> str:
    return text.zh if text.zh == text.en else f"{text.zh} / {text.en}"
