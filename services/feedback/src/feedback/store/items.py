"""Rectifications, their findings, history and stages, in PostgreSQL."""

import re
from collections.abc import Callable, Sequence
from dataclasses import fields
from datetime import date
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, Select, and_, func, insert, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from feedback.domain import facts
from feedback.domain.errors import NoSuchItem
from feedback.domain.ladder import ORDER, Stage
from feedback.domain.rectification import Rectification, Request
from feedback.domain.states import ENDED, RUNNING, State
from feedback.domain.words import IndicatorKey, ItemId, Severity, UnitCode
from feedback.store.tables import finding, history, rectification, stage
from kit.db import after_commit

TIMED: Final = sorted({State.NOTICED, *RUNNING})
REQUESTS: Final = ("extension", "cancellation")
PLAIN: Final = [field.name for field in fields(Rectification) if field.name not in REQUESTS]
CAMEL: Final = re.compile(r"(?<!^)(?=[A-Z])")


def to_rectification(row: Row[Any]) -> Rectification:
    plain = {name: getattr(row, name) for name in PLAIN}
    extension = row.extension_by and Request(by=row.extension_by, reason=row.extension_reason, until=row.extension_until)
    cancellation = row.cancellation_by and Request(by=row.cancellation_by, reason=row.cancellation_reason)
    return Rectification(
        **{**plain, "state": State(row.state), "severity": Severity(row.severity)}, extension=extension, cancellation=cancellation
    )


def to_row(item: Rectification) -> dict[str, Any]:
    extension, cancellation = item.extension, item.cancellation
    return {
        **{name: getattr(item, name) for name in PLAIN},
        "extension_by": extension and extension.by,
        "extension_reason": extension and extension.reason,
        "extension_until": extension and extension.until,
        "cancellation_by": cancellation and cancellation.by,
        "cancellation_reason": cancellation and cancellation.reason,
        "looked_on": None,
        "blocked": None,
    }


def within(units: frozenset[UnitCode] | None) -> Select[Any]:
    """The items of these units alone; of all when there is no limit."""
    chosen = select(rectification)
    return chosen if units is None else chosen.where(rectification.c.unit.in_(sorted(units)))


class SqlItems:
    """`changed` is called when a transaction has committed that gives the timers something to look at."""

    def __init__(self, session: AsyncSession, units: frozenset[UnitCode] | None, *, changed: Callable[[], None]) -> None:
        self._session = session
        self._units = units
        self._changed = changed

    async def locked(self, item: ItemId) -> Rectification:
        row = (await self._session.execute(within(self._units).where(rectification.c.id == item).with_for_update())).one_or_none()
        if row is None:
            raise NoSuchItem(item)
        return to_rectification(row)

    async def locked_unlooked(self, item: ItemId, day: date) -> Rectification | None:
        due = within(self._units).where(rectification.c.id == item, unlooked(day)).with_for_update(skip_locked=True)
        row = (await self._session.execute(due)).one_or_none()
        return None if row is None else to_rectification(row)

    async def open_matter(self, unit: UnitCode, indicator: IndicatorKey, cause: str) -> Rectification | None:
        matter = f"matter/{unit}/{indicator}/{cause}"
        await self._session.execute(text("select pg_advisory_xact_lock(hashtextextended(:matter, 0))"), {"matter": matter})
        c = rectification.c
        same = and_(c.unit == unit, c.indicator == indicator, c.cause == cause, c.state.not_in(sorted(ENDED)))
        row = (await self._session.execute(within(self._units).where(same).with_for_update())).one_or_none()
        return None if row is None else to_rectification(row)

    async def save(self, item: Rectification) -> None:
        row = to_row(item)
        made = upsert(rectification).values(row)
        await self._session.execute(made.on_conflict_do_update(index_elements=["id"], set_=row))
        after_commit(self._session, self._changed)

    async def looked(self, item: ItemId, day: date, *, blocked: str | None = None) -> None:
        await self._session.execute(update(rectification).where(rectification.c.id == item).values(looked_on=day, blocked=blocked))

    async def look_again(self) -> None:
        await self._session.execute(update(rectification).where(rectification.c.state.in_(TIMED)).values(looked_on=None))
        after_commit(self._session, self._changed)

    async def remember(self, fact: facts.ItemFact) -> None:
        line = {"item": fact.item.id, "what": CAMEL.sub("_", type(fact).__name__).lower(), "state": fact.item.state}
        await self._session.execute(insert(history).values(**line, by=fact.by, on=fact.on, note=fact.note))
        if isinstance(fact, facts.ProblemRaised | facts.FindingAdded):
            found = {"text": fact.finding.text, "severity": fact.finding.severity}
            await self._session.execute(insert(finding).values(item=fact.item.id, **found, found_by=fact.by, found_on=fact.on))


class SqlStages:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def told(self, item: ItemId, due_on: date) -> frozenset[Stage]:
        rows = await self._session.execute(select(stage.c.stage).where(stage.c.item == item, stage.c.due_on == due_on))
        return frozenset(Stage(row.stage) for row in rows)

    async def add(self, fact: facts.StageReached) -> None:
        """A row of a stage that is there already fails on the primary key: it was told."""
        row = {"item": fact.item.id, "due_on": fact.due_on, "on": fact.on}
        rows = [{**row, "stage": missed, "skipped": True} for missed in fact.skipped]
        await self._session.execute(insert(stage).values([*rows, {**row, "stage": fact.stage, "skipped": False}]))


def unlooked(day: date) -> ColumnElement[bool]:
    """Items that time may change and that the timers have not looked at on this day, or since they changed.

    A later day stands there when the clock went back: what holds on a day off is nothing, and would silence the day before.
    """
    c = rectification.c
    return and_(c.state.in_(TIMED), or_(c.looked_on.is_(None), c.looked_on < day, c.looked_on > day))


class SqlWaiting:
    """What the timers ask, over all units."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def unlooked(self, day: date, *, most: int) -> Sequence[ItemId]:
        found = select(rectification.c.id).where(unlooked(day)).order_by(rectification.c.id).limit(most)
        return [ItemId(row.id) for row in await self._session.execute(found)]

    async def by_state(self) -> dict[State, int]:
        counted = select(rectification.c.state, func.count().label("n")).group_by(rectification.c.state)
        return {State(row.state): row.n for row in await self._session.execute(counted)}

    async def by_stage(self) -> dict[Stage, int]:
        """Running items by the last stage that was told for their present due date."""
        same = and_(stage.c.item == rectification.c.id, stage.c.due_on == rectification.c.due_on, stage.c.skipped.is_(False))
        told = select(stage.c.item, stage.c.stage).select_from(stage.join(rectification, same))
        last: dict[str, int] = {}
        for row in await self._session.execute(told.where(rectification.c.state.in_(sorted(RUNNING)))):
            last[row.item] = max(last.get(row.item, 0), ORDER.index(Stage(row.stage)))
        reached = list(last.values())
        return {each: reached.count(ORDER.index(each)) for each in Stage}
