"""A scheme's YAML as plain values: decimals stay text, dates stay text, nothing is guessed."""

from collections.abc import Hashable
from typing import Any, Final

import yaml

from scoring.appraisal.domain.faults import Fault, SchemeRefused
from scoring.appraisal.domain.words import Text

MOST_CHARACTERS: Final = 1_000_000  # the largest scheme seen has 60 thousand
DEEPEST: Final = 40
_KEPT_AS_TEXT: Final = {"tag:yaml.org,2002:float", "tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:value", "tag:yaml.org,2002:merge"}
_PLAIN_BOOLEANS: Final = {"true", "false", "True", "False"}


class _Loader(yaml.SafeLoader):
    """YAML without surprises: no floats (they are not exact), no dates, no yes/no/on/off, no aliases, no repeated keys."""

    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise self._refused("anchors and aliases are not allowed")
        self.depth += 1
        if self.depth > DEEPEST:
            raise self._refused("nested too deeply")
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node

    def _refused(self, problem: str) -> yaml.composer.ComposerError:
        mark: yaml.Mark = self.get_mark()
        return yaml.composer.ComposerError(problem=problem, problem_mark=mark)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:  # noqa: FBT001, FBT002 - PyYAML's signature
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode) or key.tag != "tag:yaml.org,2002:str":
                raise yaml.constructor.ConstructorError(problem=f"the key {key.value!r} is no text", problem_mark=key.start_mark)
            if key.value in seen:
                raise yaml.constructor.ConstructorError(problem=f"the key {key.value!r} stands twice", problem_mark=key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep)


def _resolvers() -> dict[str, list[tuple[str, Any]]]:
    return {
        first: [(tag, pattern) for tag, pattern in resolvers if tag not in _KEPT_AS_TEXT]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def _boolean_or_text(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> bool | str:
    text = str(loader.construct_scalar(node))
    return text.lower() == "true" if text in _PLAIN_BOOLEANS else text


def _integer_or_text(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> int | str:
    """Only decimal integers: `010`, `0x1F`, `1_000` and `12:30` stay the text that was written."""
    text = str(loader.construct_scalar(node))
    digits = text.removeprefix("-")
    return int(text) if digits.isascii() and digits.isdigit() and (digits == "0" or digits[0] != "0") and len(digits) <= 18 else text  # noqa: PLR2004


_Loader.yaml_implicit_resolvers = _resolvers()
_Loader.add_constructor("tag:yaml.org,2002:bool", _boolean_or_text)
_Loader.add_constructor("tag:yaml.org,2002:int", _integer_or_text)


def document_of(text: str) -> dict[str, Any]:
    """The document; JSON is YAML too. Raises `SchemeRefused` with line and column of what can't be read."""
    if len(text) > MOST_CHARACTERS:
        raise _unreadable("", Text("文件过大", "the document is too long"), Text("不超过 100 万字", "at most 1,000,000 characters"))
    try:
        value = yaml.load(text, _Loader)  # noqa: S506 - a narrowed SafeLoader
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f"line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        wrong = Text(f"YAML 无法解析：{error.problem}", f"this YAML can't be read: {error.problem}")
        raise _unreadable(where, wrong, Text("合法的 YAML", "valid YAML")) from error
    except yaml.YAMLError as error:
        raise _unreadable(
            "", Text("YAML 含有不允许的字符", "the YAML holds forbidden characters"), Text("合法的 YAML", "valid YAML")
        ) from error
    if not isinstance(value, dict):
        raise _unreadable(
            "", Text("不是键值对文档", "this is no mapping"), Text("以 cycle:、parts: 等开头的文档", "a document of cycle:, parts: ...")
        )
    return value


def _unreadable(where: str, wrong: Text, allowed: Text) -> SchemeRefused:
    return SchemeRefused((Fault(where, wrong, allowed),))
