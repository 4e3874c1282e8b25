"""The mapping document: TOML, its JSON Schema, and every fault of it with path, what is wrong and what is allowed."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from collection.domain.formats import ISO
from kit.errors import Refused

Name = Annotated[str, Field(pattern=r"^[^\W\d]\w{0,59}$")]
Slug = Annotated[str, Field(pattern=r"^[a-z0-9-]{1,60}$")]
FieldName = Annotated[str, Field(min_length=1, max_length=200)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SourceDocument(_Part):
    """Where the facts come from: the CloudEvents source, the slug of its topic `feed.<slug>`, the zone of its local times."""

    uri: str = Field(pattern=r"^[A-Za-z][A-Za-z0-9+.-]*:\S+$", max_length=255)
    slug: Slug
    zone: str = "Asia/Shanghai"


class InputDocument(_Part):
    """How the file is written; `.gz` and `.xz` are seen from its bytes."""

    format: Literal["csv", "jsonl", "xes"]
    encoding: str = "utf-8-sig"
    delimiter: str = Field(default=",", min_length=1, max_length=1)


class ConstantDocument(_Part):
    """A value that every row has."""

    value: str = Field(min_length=1)


class MomentDocument(_Part):
    """A moment read from a field."""

    from_: FieldName = Field(alias="from")
    formats: list[str] = Field(default=[ISO], min_length=1)


class RecordDocument(_Part):
    """Which record a row is about; several key fields are joined with `/`."""

    kind: Name
    key: list[FieldName] = Field(min_length=1)
    unit: FieldName | ConstantDocument | None = None
    time: MomentDocument | None = None
    position: list[FieldName] = []


class _Attribute(_Part):
    from_: FieldName | None = Field(default=None, alias="from")
    value: str | None = Field(default=None, description="a constant, read like a field's text")
    required: bool = False
    empty: Literal["omit", "null"] | None = Field(
        default=None, description="what an empty field becomes; events omit it, snapshots say null"
    )
    default: str | None = Field(default=None, description="read in place of an empty field")


class TextDocument(_Attribute):
    type: Literal["text"]
    words: dict[str, str] = {}
    other: str | None = None


class NumberDocument(_Attribute):
    type: Literal["number"]
    thousands: Literal["", ",", ".", " ", "'"] = ""
    decimal: Literal[".", ","] = "."


class BooleanDocument(_Attribute):
    type: Literal["boolean"]
    yes: list[str] = Field(default=["true"], min_length=1)
    no: list[str] = Field(default=["false"], min_length=1)


class DateDocument(_Attribute):
    type: Literal["date"]
    formats: list[str] = Field(default=[ISO], min_length=1)


class InstantDocument(_Attribute):
    type: Literal["instant"]
    formats: list[str] = Field(default=[ISO], min_length=1)


AttributeDocument = Annotated[
    TextDocument | NumberDocument | BooleanDocument | DateDocument | InstantDocument,
    Field(discriminator="type"),
]


class EventDocument(_Part):
    """What an event of one type says of its record."""

    unit: FieldName | ConstantDocument | None = None
    attributes: dict[Name, AttributeDocument] = {}


class EventsDocument(_Part):
    """Events told apart by a field (XES: the activity); a type that is not listed is rejected, or skipped where `other` says so."""

    field: FieldName
    other: Literal["reject", "skip"] = "reject"
    types: dict[str, EventDocument] = Field(min_length=1)


class SnapshotDocument(_Part):
    """How whole registers are compared: which row of one key is the latest, and the day in the file's name."""

    updated: MomentDocument | None = None
    day_in_name: str | None = None
    most_withdrawn: str = Field(
        default="0.2", pattern=r"^(0(\.\d{1,4})?|1)$", description="a larger share gone at once is refused: files get cut off"
    )


class ConditionDocument(_Part):
    """Rows that do not meet every condition are skipped, not rejected."""

    field: FieldName
    among: list[str] | None = None
    not_among: list[str] | None = None
    present: bool | None = None


class MappingDocument(_Part):
    """A mapping: how a file of another system becomes facts."""

    name: Slug
    title: str = Field(min_length=1, max_length=200)
    mode: Literal["events", "snapshots"]
    revision: int = Field(default=1, ge=1, le=999, description="raise it to state the facts of an events mapping anew")
    source: SourceDocument
    input: InputDocument
    record: RecordDocument
    attributes: dict[Name, AttributeDocument] = {}
    events: EventsDocument | None = None
    snapshot: SnapshotDocument | None = None
    where: list[ConditionDocument] = []


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault of a document: where, what is wrong, what is allowed."""

    path: str
    wrong: str
    allowed: str


class InvalidMapping(Refused):
    """The document is no mapping; `problems` has all of its faults."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        told = "; ".join(f"{one.path}: {one.wrong}" for one in self.problems)
        super().__init__(f"映射有误, 请逐项修改: {told}", f"the mapping has faults, mend each: {told}")

    @property
    def errors(self) -> list[dict[str, str]]:
        return [{"path": one.path, "wrong": one.wrong, "allowed": one.allowed} for one in self.problems]


SENTENCES: Final = {
    "missing": "缺少此项 / is missing",
    "extra_forbidden": "没有这一项 / is not known here",
    "literal_error": "不是允许的值 / is none of the allowed values",
    "string_pattern_mismatch": "写法不符 / is not written as required",
    "union_tag_invalid": "没有这种类型 / is no type",
    "union_tag_not_found": "没有写类型 / has no type",
    "too_short": "不能为空 / must not be empty",
    "string_too_short": "不能为空 / must not be empty",
}
ALLOWED: Final = {
    "missing": "必填 / required",
    "extra_forbidden": "只能写格式说明中的项 / only what the JSON Schema names",
    "union_tag_not_found": "text, number, boolean, date, instant",
}


def parsed(text: str) -> MappingDocument:
    """Raises `InvalidMapping`."""
    try:
        return MappingDocument.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise InvalidMapping([Problem("", f"不是 TOML / is no TOML: {error}", "https://toml.io")]) from error
    except ValidationError as error:
        raise InvalidMapping(_problem(fault) for fault in error.errors(include_url=False)) from error


def json_schema() -> dict[str, Any]:
    return MappingDocument.model_json_schema(by_alias=True)


def _problem(fault: Any) -> Problem:  # noqa: ANN401 - pydantic's own dictionary of details
    kind, details = fault["type"], fault.get("ctx", {})
    allowed = details.get("expected") or details.get("expected_tags") or details.get("pattern") or ALLOWED.get(kind) or fault["msg"]
    path = ".".join(str(step) for step in fault["loc"] if step not in TAGS)
    return Problem(path, SENTENCES.get(kind, fault["msg"]), str(allowed))


TAGS: Final = frozenset({"ConstantDocument", "constrained-str", "function-after"})
