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
    EVER = "ever"
    NEVER = "never"


class Aggregate(StrEnum):
    COUNT = "count"
    SUM = "sum"
    DAYS = "days"
    WORKING_DAYS = "working_days"


class Which(StrEnum):
    """What is read of an attribute; all but the last value need its history."""

    LAST = "last"
    FIRST = "first"
    CHANGES = "changes"


UNARY: Final = frozenset({Operator.PRESENT, Operator.ABSENT})
LISTED: Final = frozenset({Operator.IN, Operator.NOT_IN})
ORDERED: Final = frozenset({Operator.LESS, Operator.AT_MOST, Operator.MORE, Operator.AT_LEAST})
TEMPORAL: Final = frozenset({AttributeType.DATE, AttributeType.INSTANT})
MOST_PLUS_DAYS: Final = 36_500
OVER_ALL: Final = frozenset({Operator.EVER, Operator.NEVER})
FIELDS: Final = ("kind", "source", "at", "unit_on", "where", "take")
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
class Operand:
    """A value that a record has: an attribute's last or first one, or how often it changed."""

    attribute: str
    which: Which = Which.LAST


@dataclass(frozen=True, slots=True)
class Other:
    """Another value of the same record, some calendar days later."""

    operand: Operand
    plus_days: int = 0


@dataclass(frozen=True, slots=True)
class Literal:
    """A value of the scheme, read as `of`: an instant's condition may be written with a date."""

    of: AttributeType
    value: Typed


@dataclass(frozen=True, slots=True)
class Condition:
    operand: Operand
    operator: Operator
    against: Other | tuple[Literal, ...] = ()


@dataclass(frozen=True, slots=True)
class Take:
    aggregate: Aggregate
    operands: tuple[Operand, ...] = ()


@dataclass(frozen=True, slots=True)
class Measure:
    key: str
    kind: Kind
    at: Operand
    where: tuple[Condition, ...]
    take: Take
    source: str | None = None
    unit_on: Operand | None = None

    @property
    def operands(self) -> frozenset[Operand]:
        """All that decides what a record contributes."""
        others = (condition.against.operand for condition in self.where if isinstance(condition.against, Other))
        dated = [self.unit_on] if self.unit_on else []
        return frozenset((self.at, *dated, *self.take.operands, *(condition.operand for condition in self.where), *others))

    @property
    def reads(self) -> frozenset[str]:
        """The attributes that decide what a record contributes."""
        return frozenset(operand.attribute for operand in self.operands)

    @property
    def histories(self) -> frozenset[str]:
        """Those of them whose history it reads."""
        over_all = (condition.operand.attribute for condition in self.where if condition.operator in OVER_ALL)
        return frozenset((*over_all, *(operand.attribute for operand in self.operands if operand.which is not Which.LAST)))


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
        self.history: frozenset[str] = frozenset()

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
        self.schema, self.history = kind.attributes, kind.history
        return Measure(
            key=key,
            kind=kind,
            at=self._operand("at", document.get("at"), TEMPORAL),
            where=tuple(self._where(document.get("where", []))),
            take=self._take(document.get("take", Aggregate.COUNT.value)),
            source=self._source(document.get("source")),
            unit_on=self._unit_on(document["unit_on"]) if "unit_on" in document else None,
        )

    def _fields(self, document: Mapping[object, object]) -> None:
        for name in document:
            if name not in FIELDS:
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

    def _unit_on(self, found: object) -> Operand:
        if not self.history:
            self.wrong(
                "unit_on", "needs a kind with history / 需要保留历史的类别", _KEEP.format(found if isinstance(found, str) else "due_on")
            )
        return self._operand("unit_on", found, TEMPORAL)

    def _operand(self, path: str, found: object, allowed: frozenset[AttributeType] = frozenset(AttributeType)) -> Operand:
        """An attribute's name, or `{attribute, take}`."""
        if not isinstance(found, Mapping):
            return Operand(self._attribute(path, found, allowed))
        for name in found:
            if name not in ("attribute", "take"):
                self.wrong(f"{path}.{name}", "unknown / 未知字段", "attribute, take")
        return self._taken(path, found, allowed)

    def _taken(self, path: str, found: Mapping[object, object], allowed: frozenset[AttributeType]) -> Operand:
        which = self._which(f"{path}.take", found.get("take", Which.LAST.value))
        if which is Which.CHANGES and AttributeType.NUMBER not in allowed:
            self.wrong(f"{path}.take", "changes are a number / 变更次数是数值", "first, last")
        name = self._attribute(f"{path}.attribute", found.get("attribute"), frozenset(AttributeType) if which is Which.CHANGES else allowed)
        if which is not Which.LAST:
            self._needs_history(f"{path}.attribute", name)
        return Operand(name, which)

    def _which(self, path: str, found: object) -> Which:
        if isinstance(found, str) and found in set(Which):
            return Which(found)
        self.wrong(path, f"{found!r}", ", ".join(Which))
        return Which.LAST

    def _needs_history(self, path: str, name: str) -> None:
        if name and name not in self.history:
            self.wrong(path, f"{name} has no history / 未保留历史", _KEEP.format(name))

    def _type(self, operand: Operand) -> AttributeType:
        return AttributeType.NUMBER if operand.which is Which.CHANGES else self.schema[operand.attribute]

    def _take(self, found: object) -> Take:
        if found == Aggregate.COUNT:
            return Take(Aggregate.COUNT)
        match found:
            case {"sum": name, **rest} if not rest:
                return Take(Aggregate.SUM, (self._operand("take.sum", name, frozenset({AttributeType.NUMBER})),))
            case {"days": [first, second], **rest} if not rest:
                return Take(Aggregate.DAYS, self._span("take.days", first, second))
            case {"working_days": [first, second], **rest} if not rest:
                return Take(Aggregate.WORKING_DAYS, self._span("take.working_days", first, second))
        self.wrong("take", f"{found!r}", "count, {sum: attribute}, {days: [from, to]}, {working_days: [from, to]}")
        return Take(Aggregate.COUNT)

    def _span(self, path: str, first: object, second: object) -> tuple[Operand, Operand]:
        return self._operand(f"{path}[0]", first, TEMPORAL), self._operand(f"{path}[1]", second, TEMPORAL)

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
        operand = self._operand(f"{path}[0]", found[0])
        if not isinstance(found[1], str) or found[1] not in set(Operator):
            self.wrong(f"{path}[1]", f"{found[1]!r} is no operator / 未知运算符", " ".join(Operator))
            return None
        operator = Operator(found[1])
        if (operator in UNARY) != (len(found) == PAIR):
            self.wrong(path, f"{operator} with {len(found) - PAIR} values / 参数个数不符", "present and absent take none, the others one")
            return None
        if operator in UNARY | OVER_ALL:
            self._check_plain(path, operand, operator)
        return self._against(path, operand, operator, found[2] if operator not in UNARY else None) if operand.attribute else None

    def _check_plain(self, path: str, operand: Operand, operator: Operator) -> None:
        """Some operators ask about an attribute as a whole."""
        if operand.which is Which.CHANGES or (operand.which is Which.FIRST and operator in OVER_ALL):
            self.wrong(f"{path}[0]", f"{operator} beside take: {operand.which} / 不能同时使用", f"[{operand.attribute}, {operator}, ...]")
        if operator in OVER_ALL:
            self._needs_history(f"{path}[0]", operand.attribute)

    def _against(self, path: str, operand: Operand, operator: Operator, found: object) -> Condition | None:
        of = self._type(operand)
        if operator in ORDERED and of is AttributeType.BOOLEAN:
            self.wrong(f"{path}[1]", f"{operator} for a boolean / 布尔值不能比较大小", "= != in not_in present absent ever never")
        if operator in UNARY:
            return Condition(operand, operator)
        if operator in LISTED:
            return Condition(operand, operator, tuple(self._list(f"{path}[2]", of, found)))
        if isinstance(found, Mapping) and operator not in OVER_ALL:
            other = self._other(f"{path}[2]", of, found)
            return Condition(operand, operator, other) if other else None
        return Condition(operand, operator, tuple(self._literal(f"{path}[2]", of, found)))

    def _list(self, path: str, of: AttributeType, found: object) -> Iterator[Literal]:
        if not isinstance(found, list | tuple):
            self.wrong(path, f"{found!r} is no list / 不是列表", "[value, ...]")
            return
        for index, each in enumerate(found):
            yield from self._literal(f"{path}[{index}]", of, each)

    def _other(self, path: str, of: AttributeType, found: Mapping[object, object]) -> Other | None:
        for name in found:
            if name not in ("attribute", "take", "plus_days"):
                self.wrong(f"{path}.{name}", "unknown / 未知字段", "attribute, take, plus_days")
        operand = self._taken(path, found, TEMPORAL if of in TEMPORAL else frozenset({of}))
        days = found.get("plus_days", 0)
        if not isinstance(days, int) or isinstance(days, bool) or abs(days) > MOST_PLUS_DAYS or (days and of not in TEMPORAL):
            self.wrong(f"{path}.plus_days", f"{days!r}", "a whole number of days beside a date or instant / 整数天,仅限日期")
            return None
        return Other(operand, days) if operand.attribute else None

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
_KEEP: Final = "declare the kind with {0}: {{type: ..., history: true}} first / 请先在类别中声明 history: true"
_WRITTEN: Final = {
    AttributeType.TEXT: "a text / 文字",
    AttributeType.NUMBER: 'a whole number, or a decimal in quotes: "10.50" / 小数请加引号',
    AttributeType.BOOLEAN: "true, false",
    AttributeType.DATE: "2026-03-31, or {attribute: due_on}",
    AttributeType.INSTANT: "2026-03-31T09:00:00+08:00, 2026-03-31, or {attribute: received_at}",
}
