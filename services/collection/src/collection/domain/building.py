"""From the document to the mapping: what the schema cannot say is checked here, and all faults are listed at once."""

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import TypeVar, assert_never
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from collection.domain.documents import (
    AttributeDocument,
    BooleanDocument,
    ConditionDocument,
    ConstantDocument,
    DateDocument,
    EventsDocument,
    InstantDocument,
    InvalidMapping,
    MappingDocument,
    MomentDocument,
    NumberDocument,
    Problem,
    SnapshotDocument,
    TextDocument,
    parsed,
)
from collection.domain.formats import (
    ISO,
    BooleanFormat,
    DayFormat,
    InstantFormat,
    NumberFormat,
    Pattern,
    TextFormat,
    ValueFormat,
)
from collection.domain.mappings import Attribute, Condition, EventType, EventTypes, FileMapping, Moment, SnapshotRule, UnitRule

Built = TypeVar("Built")
WRITTEN_DATES = "iso, 或由 / or a pattern of YYYY ROC MM M DD D hh h mm ss"


def mapping_from(text: str) -> FileMapping:
    """Raises `InvalidMapping` with every fault."""
    return _Building(parsed(text)).mapping()


class _Building:
    """One document being built; problems are gathered so that a person mends all of them in one go."""

    def __init__(self, document: MappingDocument) -> None:
        self._document = document
        self._problems: list[Problem] = []
        self._zone = self._zone_of(document.source.zone)

    def mapping(self) -> FileMapping:
        document = self._document
        self._check_mode()
        self._check_encoding()
        built = FileMapping(
            name=document.name,
            title=document.title,
            mode=document.mode,
            revision=document.revision,
            source=document.source.uri,
            slug=document.source.slug,
            zone=self._zone,
            format=document.input.format,
            encoding=document.input.encoding,
            delimiter=document.input.delimiter,
            kind=document.record.kind,
            key=document.record.key,
            unit=_unit(document.record.unit),
            time=self._moment("record.time", document.record.time),
            position=document.record.position,
            attributes=self._attributes("attributes", document.attributes),
            events=self._events(document.events),
            snapshot=self._snapshot(document.snapshot),
            where=[self._condition(f"where.{index}", one) for index, one in enumerate(document.where)],
        )
        if self._problems:
            raise InvalidMapping(self._problems)
        return built

    def _fault(self, path: str, wrong: str, allowed: str) -> None:
        self._problems.append(Problem(path, wrong, allowed))

    def _zone_of(self, name: str) -> ZoneInfo:
        try:
            return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            self._fault("source.zone", f"没有这个时区 / no such time zone: {name}", "IANA: Asia/Shanghai, Europe/Rome, ...")
            return ZoneInfo("UTC")

    def _check_mode(self) -> None:
        document = self._document
        if document.mode == "events":
            if document.record.time is None:
                self._fault("record.time", "事件没有时间 / events need a time", '{ from = "field", formats = [...] }')
            if document.snapshot is not None:
                self._fault("snapshot", "只用于快照 / only for snapshots", 'mode = "snapshots"')
        else:
            self._check_snapshots()

    def _check_snapshots(self) -> None:
        document = self._document
        if document.record.time is not None:
            self._fault("record.time", "快照以登记日为时间 / a snapshot is stamped with its day", "无 / none")
        if document.record.position:
            self._fault("record.position", "只用于事件 / only for events", 'mode = "events"')
        if document.events is not None:
            self._fault("events", "只用于事件 / only for events", 'mode = "events"')
        if document.input.format == "xes":
            self._fault("input.format", "事件日志不是登记簿 / a log is no register", "csv, jsonl")

    def _check_encoding(self) -> None:
        try:
            splits = "a\n".encode(self._document.input.encoding).endswith(b"a\n")
        except LookupError:
            splits = False
        if not splits:  # lines are split before they are decoded, so that a broken one rejects itself only
            self._fault(
                "input.encoding", "没有这种编码, 或不能按行分割 / no such encoding, or not split by lines", "utf-8, gb18030, big5, ..."
            )

    def _moment(self, path: str, moment: MomentDocument | None) -> Moment | None:
        if moment is None:
            return None
        return Moment(moment.from_, InstantFormat(patterns=self._patterns(f"{path}.formats", moment.formats), zone=self._zone))

    def _patterns(self, path: str, formats: Sequence[str]) -> list[Pattern | None]:
        built = (self._tried(f"{path}.{index}", WRITTEN_DATES, lambda text=text: _pattern(text)) for index, text in enumerate(formats))  # type: ignore[misc]
        return list(built)

    def _tried(self, path: str, allowed: str, build: Callable[[], Built]) -> Built | None:
        try:
            return build()
        except ValueError as error:
            self._fault(path, str(error), allowed)
            return None

    def _attributes(self, path: str, attributes: Mapping[str, AttributeDocument]) -> list[Attribute]:
        return [self._attribute(f"{path}.{name}", name, one) for name, one in attributes.items()]

    def _attribute(self, path: str, name: str, one: AttributeDocument) -> Attribute:
        if (one.from_ is None) == (one.value is None):
            self._fault(path, "须写 from 或 value 之一 / needs either from or value", "from, value")
        built = self._format(path, one)
        for key, text in (("value", one.value), ("default", one.default)):
            if text:
                self._tried(f"{path}.{key}", "该类型可读的值 / what the type reads", lambda text=text: built.read(text))  # type: ignore[misc]
        null = one.empty == "null" or (one.empty is None and self._document.mode == "snapshots")
        return Attribute(
            name=name, field=one.from_, constant=one.value, format=built, required=one.required, empty_is_null=null, default=one.default
        )

    def _format(self, path: str, one: AttributeDocument) -> ValueFormat:
        match one:
            case TextDocument():
                return TextFormat(words=one.words, other=one.other)
            case NumberDocument():
                if one.thousands == one.decimal:
                    self._fault(f"{path}.thousands", "与小数点相同 / is the decimal mark too", "另一个符号 / another mark")
                return NumberFormat(thousands=one.thousands, decimal=one.decimal)
            case BooleanDocument():
                return self._boolean(path, one)
            case DateDocument():
                return DayFormat(patterns=self._patterns(f"{path}.formats", one.formats), zone=self._zone)
            case InstantDocument():
                return InstantFormat(patterns=self._patterns(f"{path}.formats", one.formats), zone=self._zone)
            case _:
                assert_never(one)

    def _boolean(self, path: str, one: BooleanDocument) -> BooleanFormat:
        both = sorted(set(one.yes) & set(one.no))
        if both:
            self._fault(f"{path}.no", f"同一词既是又否 / both yes and no: {', '.join(both)}", "不同的词 / different words")
        return BooleanFormat(yes=frozenset(one.yes), no=frozenset(one.no))

    def _events(self, events: EventsDocument | None) -> EventTypes | None:
        if events is None:
            return None
        types = {
            name: EventType(_unit(one.unit), self._attributes(f"events.types.{name}.attributes", one.attributes))
            for name, one in events.types.items()
        }
        return EventTypes(events.field, events.other == "skip", types)

    def _snapshot(self, snapshot: SnapshotDocument | None) -> SnapshotRule:
        one = snapshot or SnapshotDocument()
        day = self._tried("snapshot.day_in_name", WRITTEN_DATES, lambda: Pattern.of(one.day_in_name) if one.day_in_name else None)
        return SnapshotRule(self._moment("snapshot.updated", one.updated), day, Fraction(one.most_withdrawn))

    def _condition(self, path: str, one: ConditionDocument) -> Condition:
        asked = [name for name in ("among", "not_among", "present") if getattr(one, name) is not None]
        if len(asked) != 1:
            self._fault(path, "须写一个条件 / needs exactly one condition", "among, not_among, present")
        return Condition(one.field, _holds(one))


def _pattern(text: str) -> Pattern | None:
    return None if text == ISO else Pattern.of(text)


def _unit(unit: str | ConstantDocument | None) -> UnitRule | None:
    match unit:
        case None:
            return None
        case ConstantDocument():
            return UnitRule(None, unit.value)
        case _:
            return UnitRule(unit, None)


def _holds(one: ConditionDocument) -> Callable[[str], bool]:
    if one.among is not None:
        allowed = frozenset(one.among)
        return lambda value: value in allowed
    if one.not_among is not None:
        refused = frozenset(one.not_among)
        return lambda value: value not in refused
    return lambda value: bool(value) == one.present
