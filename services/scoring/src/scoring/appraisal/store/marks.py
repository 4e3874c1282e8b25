"""Marks in PostgreSQL: none is ever deleted, one an indicator and unit counts."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

from sqlalchemy import ARRAY, ColumnElement, Row, Text, bindparam, insert, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from scoring.appraisal.domain.faults import NotFound
from scoring.appraisal.domain.given import Given, GivenOf
from scoring.appraisal.domain.marks import OVER, PRIVATE, Decision, Held, Mark, MarkId, Place, State, Succession, given_of
from scoring.appraisal.domain.numbers import plain
from scoring.appraisal.domain.schemes import CycleKey, IndicatorKey, UnitCode
from scoring.appraisal.domain.words import Text as Words
from scoring.appraisal.store.tables import marks

_LOCKS: Final = text("select pg_advisory_xact_lock(hashtextextended(place, 0)) from unnest(:places) as place").bindparams(
    bindparam("places", type_=ARRAY(Text))
)


class SqlMarks:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def held(self, places: Collection[Place]) -> Mapping[Place, Held]:
        """Locked in the order of the places: of two who mark the same ones the second waits here, and then sees the first's."""
        names = [f"mark/{place.cycle}/{place.unit}/{place.indicator}{place.slot and '/'}{place.slot}" for place in sorted(places)]
        await self._session.execute(_LOCKS, {"places": names})
        wanted = (
            select(marks)
            .where(
                marks.c.cycle.in_({place.cycle for place in places}),
                marks.c.unit.in_({place.unit for place in places}),
                marks.c.indicator.in_({place.indicator for place in places}),
                marks.c.state.not_in(OVER),
            )
            .order_by(marks.c.marked_at, marks.c.id)
        )
        standing: dict[Place, list[Mark]] = defaultdict(list)
        for mark in map(_mark, await self._session.execute(wanted)):
            standing[mark.place].append(mark)
        return {place: _held(standing[place]) for place in places}

    async def keep(self, successions: Iterable[Succession]) -> None:
        """First what no longer counts, then what counts instead."""
        changed = list(successions)
        rows = [_row(former) for one in changed for former in one.former]
        rows += [_row(one.mark) for one in changed if not one.is_new]
        for row in rows:
            await self._session.execute(update(marks).where(marks.c.id == row["id"]).values(row))
        new = [_row(one.mark) for one in changed if one.is_new]
        if new:
            await self._session.execute(insert(marks), new)

    async def mark(self, known: MarkId) -> Mark:
        row = (await self._session.execute(select(marks).where(marks.c.id == known))).one_or_none()
        if row is None:
            raise NotFound(Words(f"评分 {known}", f"mark {known}"))
        return _mark(row)

    async def given(self, cycle: CycleKey, *, reader: str, indicators: Collection[IndicatorKey] | None) -> Sequence[Mark]:
        """A draft is shown to its author alone; the others' marks only of these indicators, or of all."""
        others: ColumnElement[bool] = marks.c.state.not_in(PRIVATE)
        if indicators is not None:
            others &= marks.c.indicator.in_(indicators)
        wanted = select(marks).where(marks.c.cycle == cycle, or_(marks.c.assessor == reader, others))
        return [_mark(row) for row in await self._session.execute(wanted.order_by(marks.c.marked_at.desc(), marks.c.id.desc()))]


class SqlJudgements:
    """What counts now of all that people gave."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def given(self, cycle: CycleKey, units: Collection[UnitCode]) -> Mapping[UnitCode, GivenOf]:
        wanted = select(marks).where(marks.c.cycle == cycle, marks.c.unit.in_(units), marks.c.counts | marks.c.counts_beside)
        counting: dict[tuple[UnitCode, IndicatorKey], list[Mark]] = defaultdict(list)
        for mark in map(_mark, await self._session.execute(wanted)):
            counting[mark.unit, mark.indicator].append(mark)
        found: dict[UnitCode, dict[IndicatorKey, Given]] = defaultdict(dict)
        for (unit, indicator), several in counting.items():
            found[unit][indicator] = given_of(several)
        return found


def _held(standing: Sequence[Mark]) -> Held:
    """From the oldest to the newest mark of a place."""
    given = [mark for mark in standing if mark.state is not State.DRAFT]
    return Held(
        current=given[-1] if given else None,
        counting=next((mark for mark in given if mark.counts), None),
        drafts=tuple(mark for mark in standing if mark.state is State.DRAFT),
    )


def _row(mark: Mark) -> dict[str, Any]:
    return {
        "id": mark.id,
        "cycle": mark.cycle,
        "unit": mark.unit,
        "indicator": mark.indicator,
        "mark": Decimal(plain(mark.mark)),
        "reason": mark.reason,
        "assessor": mark.assessor,
        "marked_at": mark.marked_at,
        "counts": mark.counts and not mark.counts_beside,
        "counts_beside": mark.counts_beside,
        "sample": mark.sample,
        "member": mark.member,
        "state": mark.state,
        "evidence": list(mark.evidence),
        "replaces": mark.replaces,
        "decided_by": mark.decision.by if mark.decision else None,
        "decided_at": mark.decision.at if mark.decision else None,
        "decision_reason": mark.decision.reason if mark.decision else None,
    }


def _mark(row: Row[Any]) -> Mark:
    return Mark(
        id=MarkId(row.id),
        cycle=CycleKey(row.cycle),
        unit=UnitCode(row.unit),
        indicator=IndicatorKey(row.indicator),
        mark=Fraction(row.mark),
        reason=row.reason,
        assessor=row.assessor,
        marked_at=row.marked_at,
        evidence=tuple(row.evidence),
        replaces=None if row.replaces is None else MarkId(row.replaces),
        state=State(row.state),
        counts=row.counts or row.counts_beside,
        sample=row.sample,
        member=row.member,
        decision=Decision(by=row.decided_by, at=row.decided_at, reason=row.decision_reason or "") if row.decided_by else None,
    )
