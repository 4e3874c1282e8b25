"""JSON lines: one object a line."""

import json
import re
from collections.abc import Iterator
from typing import Any, Final

from collection.domain.rows import Place, Reject, Row
from collection.readers.lines import Lines

UNSPEAKABLE: Final = re.compile(r"[\ud800-\udfff]|\\u0000")  # no store and no message takes them


class JsonRows:
    def __init__(self, *, encoding: str) -> None:
        self._lines = Lines(encoding)

    def feed(self, data: bytes) -> Iterator[Row | Reject]:
        return _rows(self._lines.feed(data))

    def close(self) -> Iterator[Row | Reject]:
        return _rows(self._lines.close())


def _rows(lines: Iterator[tuple[int, str] | Reject]) -> Iterator[Row | Reject]:
    for line in lines:
        if isinstance(line, Reject):
            yield line
        elif line[1].strip():
            yield _row(*line)


def _row(number: int, text: str) -> Row | Reject:
    try:
        # numbers stay the literals that stand in the file: nothing passes through a binary float
        found = json.loads(text, parse_float=str, parse_int=str, parse_constant=str)
    except ValueError as error:
        return Reject(Place(number), f"不是 JSON / is no JSON: {error}")
    except RecursionError:
        return Reject(Place(number), "JSON 嵌套过深 / the JSON is nested too deeply")
    if not isinstance(found, dict):
        return Reject(Place(number), "不是 JSON 对象 / is no JSON object")
    if "\\u" in text and UNSPEAKABLE.search(json.dumps(found, ensure_ascii=False) + "".join(found)):
        return Reject(Place(number), "含有空字符或半个代理对 / holds NUL or half of a surrogate pair")
    return Row(Place(number), {name: _text(value) for name, value in found.items()})


def _text(value: Any) -> str:  # noqa: ANN401 - whatever JSON holds
    match value:
        case str():
            return value.strip()
        case None:
            return ""
        case _:
            return json.dumps(value, ensure_ascii=False)
