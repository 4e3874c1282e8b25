"""The grammar of measures: a document becomes a measure, or a list of everything that is wrong with it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final

from scoring.ledger.domain.values import AttributeType, Kind, Schema, Typed, read


class Operator(StrEnum):
    EQUAL = "="
    UNEQUAL = "!="
    LESS = "<"
    AT_MOST = "<="
    MORE = ">"
    AT_LEAST = ">="
    IN = "in"
    NOT_IN = "not_in"
    PRESENT = "present"
    ABSENT = "absent"


class Aggregate(StrEnum):
    COUNT = "count"
    SUM = "sum"
    DAYS = "days"
    WORKING_DAYS = "working_days"


UNARY: Final = frozenset({Operator.PRESENT, Operator.ABSENT})
LISTED: Final = frozenset({Operator.IN, Operator.NOT_IN})
ORDERED: Final = frozenset({Operator.LESS, Operator.AT_MOST, Operator.MORE, Operator.AT_LEAST})
TEMPORAL: Final = frozenset({AttributeType.DATE, AttributeType.INSTANT})
MOST_PLUS_DAYS: Final = 36_500
FIELDS: Final = ("kind", "source", "at", "where", "take")
PAIR: Final = 2


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in a document: where, what, and what would be right."""

    path: str
    wrong: str
    allowed: str

    def __str__(self) -> str:
        return f"{self.path}: {self.wrong}; {self.allowed}"


class InvalidMeasure(Exception):
    """A measure's document has mistakes; `problems` are all of them."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(map(str, problems)))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class Other:
    """Another attribute of the same record, some calendar days later."""

    attribute: str
    plus_days: int = 0


@dataclass(frozen=True, slots=True)
class Literal:
    """A value of the scheme, read as `of`: an instant's condition may be written with a date."""

    of: AttributeType
    value: Typed


@dataclass(frozen=True, slots=True)
class Condition:
    attribute: str
    operator: Operator
    against: Other | tuple[Literal, ...] = ()


@dataclass(frozen=True, slots=True)
class Take:
    aggregate: Aggregate
    attributes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Measure:
    key: str
    kind: Kind
    at: str
    where: tuple[Condition, ...]
    take: Take
    source: str | None = None

    @property
    def reads(self) -> frozenset[str]:
        """The attributes that decide what a record contributes."""
        others = (condition.against.attribute for condition in self.where if isinstance(condition.against, Other))
        return frozenset((self.at, *self.take.attributes, *(condition.attribute for condition in self.where), *others))


def parse_measure(key: str, document: object, *, kinds: Mapping[str, Kind], path: str | None = None) -> Measure:
    """The measure that a document of domain.md §4 describes; raises `InvalidMeasure` with all mistakes in one pass."""
    reading = _Reading(path or f"measures.{key}")
    measure = reading.measure(key, document, kinds)
    if reading.problems or measure is None:
        raise InvalidMeasure(reading.problems)
    return measure


class _Reading:
    """Collects problems while it reads; a part that can't be read is left out."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.problems: list[Problem] = []
        self.schema: Schema = {}

    def wrong(self, path: str, wrong: str, allowed: str) -> None:
        self.problems.append(Problem(f"{self.path}.{path}" if path else self.path, wrong, allowed))

    def measure(self, key: str, document: object, kinds: Mapping[str, Kind]) -> Measure | None:
        if not isinstance(document, Mapping):
            self.wrong("", "is no object / 不是对象", f"fields: {', '.join(FIELDS)}")
            return None
        self._fields(document)
        kind = self._kind(document.get("kind"), kinds)
        if kind is None:
            return None
        self.schema = kind.attributes
        return Measure(
            key=key,
            kind=kind,
            at=self._temporal("at", document.get("at")),
            where=tuple(self._where(document.get("where", []))),
            take=self._take(document.get("take", Aggregate.COUNT.value)),
            source=self._source(document.get("source")),
        )

    def _fields(self, document: Mapping[object, object]) -> None:
        for name in document:
            if name == "unit_on":
                self.wrong("unit_on", "needs attributes with history / 需要历史属性", "not offered yet: leave it out / 尚未开放")
            elif name not in FIELDS:
                self.wrong(str(name), "is no field of a measure / 未知字段", ", ".join(FIELDS))

    def _kind(self, found: object, kinds: Mapping[str, Kind]) -> Kind | None:
        kind = kinds.get(found) if isinstance(found, str) else None
        if kind is None:
            self.wrong(
                "kind", f"{found!r} is not registered / 类别未登记", ", ".join(sorted(kinds)) or "register a kind first / 请先登记类别"
            )
        return kind

    def _source(self, found: object) -> str | None:
        if isinstance(found, str | None):
            return found
        self.wrong("source", f"{found!r}", "the slug of a registered source / 数据来源代号")
        return None

    def _attribute(self, path: str, found: object, allowed: frozenset[AttributeType] = frozenset(AttributeType)) -> str:
        of = self.schema.get(found) if isinstance(found, str) else None
        if of is None or of not in allowed:
            fitting = sorted(name for name, each in self.schema.items() if each in allowed)
            wrong = f"{found!r} is not declared / 未声明的字段" if of is None else f"{found!r} is of type {of} / 类型不符"
            self.wrong(path, wrong, ", ".join(fitting) or "no attribute of the kind fits / 该类别没有合适的字段")
            return ""
        return str(found)

    def _temporal(self, path: str, found: object) -> str:
        return self._attribute(path, found, TEMPORAL)

    def _take(self, found: object) -> Take:
        if found == Aggregate.COUNT:
            return Take(Aggregate.COUNT)
        match found:
            case {"sum": name, **rest} if not rest:
                return Take(Aggregate.SUM, (self._attribute("take.sum", name, frozenset({AttributeType.NUMBER})),))
            case {"days": [first, second], **rest} if not rest:
                return Take(Aggregate.DAYS, (self._temporal("take.days[0]", first), self._temporal("take.days[1]", second)))
            case {"working_days": [first, second], **rest} if not rest:
                pair = self._temporal("take.working_days[0]", first), self._temporal("take.working_days[1]", second)
                return Take(Aggregate.WORKING_DAYS, pair)
        self.wrong("take", f"{found!r}", "count, {sum: attribute}, {days: [from, to]}, {working_days: [from, to]}")
        return Take(Aggregate.COUNT)

    def _where(self, found: object) -> Iterator[Condition]:
        if not isinstance(found, list | tuple):
            self.wrong("where", f"{found!r} is no list / 不是列表", "[[attribute, operator, value], ...]")
            return
        for index, each in enumerate(found):
            condition = self._condition(f"where[{index}]", each)
            if condition:
                yield condition

    def _condition(self, path: str, found: object) -> Condition | None:
        if not isinstance(found, list | tuple) or len(found) not in (PAIR, PAIR + 1):
            self.wrong(path, f"{found!r}", "[attribute, operator, value] or [attribute, present] / [字段, 运算符, 值]")
            return None
        name = self._attribute(f"{path}[0]", found[0])
        if not isinstance(found[1], str) or found[1] not in set(Operator):
            self.wrong(f"{path}[1]", f"{found[1]!r} is no operator / 未知运算符", " ".join(Operator))
            return None
        operator = Operator(found[1])
        if (operator in UNARY) != (len(found) == PAIR):
            self.wrong(path, f"{operator} with {len(found) - PAIR} values / 参数个数不符", "present and absent take none, the others one")
            return None
        return self._against(path, name, operator, found[2] if operator not in UNARY else None) if name else None

    def _against(self, path: str, name: str, operator: Operator, found: object) -> Condition | None:
        of = self.schema[name]
        if operator in ORDERED and of is AttributeType.BOOLEAN:
            self.wrong(f"{path}[1]", f"{operator} for a boolean / 布尔值不能比较大小", "= != in not_in present absent")
        if operator in UNARY:
            return Condition(name, operator)
        if operator in LISTED:
            return Condition(name, operator, tuple(self._list(f"{path}[2]", of, found)))
        if isinstance(found, Mapping):
            other = self._other(f"{path}[2]", of, found)
            return Condition(name, operator, other) if other else None
        return Condition(name, operator, tuple(self._literal(f"{path}[2]", of, found)))

    def _list(self, path: str, of: AttributeType, found: object) -> Iterator[Literal]:
        if not isinstance(found, list | tuple):
            self.wrong(path, f"{found!r} is no list / 不是列表", "[value, ...]")
            return
        for index, each in enumerate(found):
            yield from self._literal(f"{path}[{index}]", of, each)

    def _other(self, path: str, of: AttributeType, found: Mapping[object, object]) -> Other | None:
        for name in found:
            if name == "take":
                self.wrong(f"{path}.take", "needs attributes with history / 需要历史属性", "not offered yet: leave it out / 尚未开放")
            elif name not in ("attribute", "plus_days"):
                self.wrong(f"{path}.{name}", "unknown / 未知字段", "attribute, plus_days")
        comparable = TEMPORAL if of in TEMPORAL else frozenset({of})
        other = self._attribute(f"{path}.attribute", found.get("attribute"), comparable)
        days = found.get("plus_days", 0)
        if not isinstance(days, int) or isinstance(days, bool) or abs(days) > MOST_PLUS_DAYS or (days and of not in TEMPORAL):
            self.wrong(f"{path}.plus_days", f"{days!r}", "a whole number of days beside a date or instant / 整数天,仅限日期")
            return None
        return Other(other, days) if other else None

    def _literal(self, path: str, of: AttributeType, found: object) -> Iterator[Literal]:
        for each in (of, AttributeType.DATE) if of is AttributeType.INSTANT else (of,):
            value = read(each, _LITERALS[each](found))
            if value is not None:
                yield Literal(each, value)
                return
        self.wrong(path, f"{found!r} is no {of} / 值与字段类型不符", _WRITTEN[of])


def _as_it_is(found: object) -> object:
    return found


def _number(found: object) -> object:
    return found if isinstance(found, str | int | Decimal) else None


def _moment(found: object) -> object:
    return found.isoformat() if isinstance(found, date | datetime) else found


_LITERALS: Final[Mapping[AttributeType, Callable[[object], object]]] = {
    AttributeType.TEXT: _as_it_is,
    AttributeType.NUMBER: _number,
    AttributeType.BOOLEAN: _as_it_is,
    AttributeType.DATE: _moment,
    AttributeType.INSTANT: _moment,
}
_WRITTEN: Final = {
    AttributeType.TEXT: "a text / 文字",
    AttributeType.NUMBER: 'a whole number, or a decimal in quotes: "10.50" / 小数请加引号',
    AttributeType.BOOLEAN: "true, false",
    AttributeType.DATE: "2026-03-31, or {attribute: due_on}",
    AttributeType.INSTANT: "2026-03-31T09:00:00+08:00, 2026-03-31, or {attribute: received_at}",
}
