"""Feedback's Protocols in memory, with the semantics of PostgreSQL: row locks, unique keys, and all of a transaction or nothing.

Each step at which the real thing waits for PostgreSQL is a turn that another actor may have, or at which the actor may die.
"""

import types
from collections import defaultdict
from collections.abc import Collection, Generator, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from types import TracebackType
from typing import Any

from feedback.domain import facts
from feedback.domain.deductions import Deduction, DeductionId
from feedback.domain.errors import NoSuchDeduction, NoSuchItem
from feedback.domain.ladder import Stage
from feedback.domain.rectification import Rectification
from feedback.domain.states import ENDED, State
from feedback.domain.words import CycleKey, IndicatorKey, ItemId, Person, UnitCode
from feedback.store.items import TIMED
from kit.workdays import Calendar, shipped


class KeyTakenError(Exception):
    """A row with this key is there: the transaction fails, as it would in PostgreSQL."""


@types.coroutine
def turn() -> Generator[None, None, None]:
    """Let somebody else go on."""
    yield


@dataclass(slots=True)
class Tables:
    """What is committed, who holds which lock, and what was said, in the order of commits."""

    rows: dict[str, dict[Hashable, Any]] = field(default_factory=lambda: defaultdict(dict))
    locks: dict[Hashable, "Transaction"] = field(default_factory=dict)
    said: list[facts.Fact] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Transaction:
    tables: Tables
    own: dict[str, dict[Hashable, Any]] = field(default_factory=lambda: defaultdict(dict))
    said: list[facts.Fact] = field(default_factory=list)

    async def lock(self, key: Hashable) -> None:
        await turn()
        while not self.try_lock(key):
            await turn()

    def try_lock(self, key: Hashable) -> bool:
        return self.tables.locks.setdefault(key, self) is self

    def all(self, table: str) -> Mapping[Hashable, Any]:
        return {**self.tables.rows[table], **self.own[table]}

    def get(self, table: str, key: Hashable) -> Any:  # noqa: ANN401 - a row of any table
        return self.own[table].get(key, self.tables.rows[table].get(key))

    async def put(self, table: str, key: Hashable, row: object) -> None:
        await turn()
        self.own[table][key] = row

    async def insert(self, table: str, key: Hashable, row: object) -> None:
        """Waits for another transaction that inserts the same key, as a unique index does."""
        await self.lock((table, key))
        if self.get(table, key) is not None:
            raise KeyTakenError(table, key)
        self.own[table][key] = row

    async def end(self, kind: type[BaseException] | None) -> None:
        """Commit, unless the work failed; who asked may die before it, or after it without knowing."""
        try:
            if kind is None:
                await turn()
                for table, rows in self.own.items():
                    self.tables.rows[table] |= rows
                self.tables.said += self.said
        finally:
            for key in [key for key, owner in self.tables.locks.items() if owner is self]:
                del self.tables.locks[key]
        if kind is None:
            await turn()


@dataclass(frozen=True, slots=True)
class Looked:
    """A row of rectifications."""

    item: Rectification
    on: date | None = None

    def waits(self, day: date) -> bool:
        return self.item.state in TIMED and self.on != day


@dataclass(slots=True)
class MemoryItems:
    tx: Transaction

    async def locked(self, item: ItemId) -> Rectification:
        await self.tx.lock(("item", item))
        row: Looked | None = self.tx.get("item", item)
        if row is None:
            raise NoSuchItem(item)
        return row.item

    async def locked_unlooked(self, item: ItemId, day: date) -> Rectification | None:
        await turn()
        if not self.tx.try_lock(("item", item)):
            return None
        row: Looked = self.tx.get("item", item)
        return row.item if row.waits(day) else None

    async def open_matter(self, unit: UnitCode, indicator: IndicatorKey, cause: str) -> Rectification | None:
        await self.tx.lock(("matter", unit, indicator, cause))
        same = (
            row.item
            for row in self.tx.all("item").values()
            if (row.item.unit, row.item.indicator, row.item.cause) == (unit, indicator, cause)
        )
        found = next((item for item in same if item.state not in ENDED), None)
        if found is None:
            return None
        standing = await self.locked(found.id)
        return None if standing.state in ENDED else standing

    async def save(self, item: Rectification) -> None:
        await self.tx.lock(("item", item.id))
        await self.tx.put("item", item.id, Looked(item))

    async def looked(self, item: ItemId, day: date, *, blocked: str | None = None) -> None:
        assert blocked is None, "no history lacks a year of the calendar, and nothing else may block an item"
        await self.tx.put("item", item, Looked(self.tx.get("item", item).item, day))

    async def look_again(self) -> None:
        raise NotImplementedError("no history enters a year")

    async def remember(self, fact: facts.ItemFact) -> None:  # noqa: ARG002 - the Protocol's
        """The story for readers: nothing here rests on it."""
        await turn()


@dataclass(slots=True)
class MemoryNumbers:
    tx: Transaction

    async def next(self, cycle: CycleKey) -> int:
        await self.tx.lock(("number", cycle))
        number: int = (self.tx.get("number", cycle) or 0) + 1
        await self.tx.put("number", cycle, number)
        return number


@dataclass(slots=True)
class MemoryStages:
    tx: Transaction

    async def told(self, item: ItemId, due_on: date) -> frozenset[Stage]:
        await turn()
        return frozenset(stage for stage in Stage if self.tx.get("stage", (item, due_on, stage)) is not None)

    async def add(self, fact: facts.StageReached) -> None:
        for stage in (*fact.skipped, fact.stage):
            await self.tx.insert("stage", (fact.item.id, fact.due_on, stage), Skipped(stage is not fact.stage))


@dataclass(frozen=True, slots=True)
class Skipped:
    """A row of the ladder's ledger."""

    it_was: bool


@dataclass(slots=True)
class MemoryProofs:
    tx: Transaction

    async def add(self, item: ItemId, *, evidence: str, revision: int, unit: UnitCode | None, on: date) -> None:
        await self.tx.put("proof", (item, evidence), (unit, revision, on))

    async def count(self, item: Rectification) -> int:
        await turn()
        return sum(key[0] == item.id for key in self.tx.all("proof") if isinstance(key, tuple))


@dataclass(slots=True)
class MemoryDeductions:
    tx: Transaction

    async def locked(self, deduction: DeductionId) -> Deduction:
        raise NoSuchDeduction(deduction)

    async def of_matter(self, matter: str) -> Deduction | None:
        await self.tx.lock(("matter of a deduction", matter))
        found: Deduction | None = self.tx.get("deduction", matter)
        return found

    async def save(self, deduction: Deduction) -> None:
        await self.tx.put("deduction", deduction.matter, deduction)


@dataclass(slots=True)
class MemoryYears:
    async def calendar(self) -> Calendar:
        await turn()
        return shipped()

    async def enter(self, year: int, *, holidays: Collection[date], workdays: Collection[date], by: Person) -> None:
        raise NotImplementedError("no history enters a year")


@dataclass(slots=True)
class MemoryOutbox:
    tx: Transaction

    async def add(self, fact: facts.Fact) -> None:
        await turn()
        self.tx.said.append(fact)


@dataclass(slots=True)
class MemoryWaiting:
    tx: Transaction

    async def unlooked(self, day: date, *, most: int) -> Sequence[ItemId]:
        await turn()
        waiting = [row.item.id for row in self.tx.tables.rows["item"].values() if row.waits(day)]
        return sorted(waiting)[:most]

    async def by_state(self) -> dict[State, int]:
        return {}

    async def by_stage(self) -> dict[Stage, int]:
        return {}


@dataclass(slots=True)
class Opening:
    """The transaction's work for as long as a block lasts."""

    work: Any
    tx: Transaction

    async def __aenter__(self) -> tuple[Any, MemoryWaiting]:
        return self.work, MemoryWaiting(self.tx)

    async def __aexit__(self, kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None) -> None:
        await self.tx.end(kind)
