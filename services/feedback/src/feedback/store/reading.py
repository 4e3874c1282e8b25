"""What is read for people: lists of items and deductions, an item's story, and how far the timers are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import RowMapping, Select, case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from feedback.domain.deductions import Decision, Deduction
from feedback.domain.errors import NoSuchItem
from feedback.domain.ladder import DAY
from feedback.domain.rectification import Rectification
from feedback.domain.states import ENDED
from feedback.domain.words import CycleKey, ItemId, UnitCode
from feedback.handlers import Progress, Sought, Story
from feedback.store.items import to_rectification, unlooked, within
from feedback.store.office import to_deduction
from feedback.store.tables import PLUMBING, deduction, finding, history, proof, rectification, stage
from kit.outbox import count_unsent


@dataclass(frozen=True, slots=True)
class SqlReading:
    session: AsyncSession
    units: frozenset[UnitCode] | None

    async def items(self, sought: Sought) -> Sequence[Rectification]:
        c = rectification.c
        chosen = within(self.units)
        if sought.is_open is not None:
            chosen = chosen.where(c.state.not_in(sorted(ENDED)) if sought.is_open else c.state.in_(sorted(ENDED)))
        for column, value in ((c.cycle, sought.cycle), (c.unit, sought.unit), (c.state, sought.state)):
            chosen = chosen if value is None else chosen.where(column == value)
        ordered = chosen.order_by(c.due_on.asc().nulls_last(), c.raised_on, c.id).limit(sought.limit).offset(sought.offset)
        return [to_rectification(row) for row in await self.session.execute(ordered)]

    async def story(self, item: ItemId) -> Story:
        row = (await self.session.execute(within(self.units).where(rectification.c.id == item))).one_or_none()
        if row is None:
            raise NoSuchItem(item)
        return Story(
            item=to_rectification(row),
            findings=await self._lines(select(finding).where(finding.c.item == item).order_by(finding.c.id)),
            history=await self._lines(select(history).where(history.c.item == item).order_by(history.c.id)),
            stages=await self._lines(select(stage).where(stage.c.item == item).order_by(stage.c.on, stage.c.skipped.desc())),
            proofs=await self._lines(select(proof).where(proof.c.item == item).order_by(proof.c.accepted_on)),
        )

    async def deductions(self, *, decision: Decision | None, cycle: CycleKey | None) -> Sequence[Deduction]:
        c = deduction.c
        chosen = select(deduction) if self.units is None else select(deduction).where(c.unit.in_(sorted(self.units)))
        for column, value in ((c.decision, decision), (c.cycle, cycle)):
            chosen = chosen if value is None else chosen.where(column == value)
        return [to_deduction(row) for row in await self.session.execute(chosen.order_by(c.proposed_on, c.id))]

    async def progress(self, day: date) -> Progress:
        c = rectification.c
        worked = case((c.looked_on < day, c.looked_on), (c.looked_on > day, day - DAY))  # the clock went back: this day is not worked yet
        counted = select(func.count().label("pending"), func.min(worked).label("first")).where(unlooked(day))
        waiting = (await self.session.execute(counted)).one()
        blocked = await self.session.execute(select(c.id, c.blocked).where(c.blocked.is_not(None)).order_by(c.id))
        return Progress(
            day=day,
            pending=waiting.pending,
            earliest=waiting.first,
            unsent=await count_unsent(self.session, PLUMBING),
            blocked={row.id: row.blocked for row in blocked},
        )

    async def _lines(self, chosen: Select[Any]) -> Sequence[RowMapping]:
        lines: Sequence[RowMapping] = (await self.session.execute(chosen)).mappings().all()
        return lines
