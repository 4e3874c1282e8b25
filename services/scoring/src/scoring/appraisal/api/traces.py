"""Traces over HTTP: a score in data and in words, with the way down to records and facts."""

from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

from fastapi import APIRouter
from pydantic import BaseModel

from scoring.appraisal.api.desks import After, FigureReader, Judge, KeyPath, Limit, LineNumber, RecordPath, sees_all_figures
from scoring.appraisal.api.scores import Words, score_id, words_of
from scoring.appraisal.domain.causes import Causes
from scoring.appraisal.domain.schemes import CycleKey, IndicatorKey, UnitCode
from scoring.appraisal.domain.settling import score_of
from scoring.appraisal.domain.traces import Trace, leaves
from scoring.appraisal.handlers import tracing
from scoring.appraisal.handlers.work import PastScore

router = APIRouter(tags=["traces 计分依据"])


class InputView(BaseModel):
    """An input that a measure gave; `records` leads to the records behind it, as they were counted for this score."""

    input: str
    measure: str
    take: str
    months: dict[str, dict[str, str]]
    records: str


class TraceView(BaseModel):
    """`account` are sentences for somebody who doubts the score; `again` are the points of the trace evaluated anew."""

    id: str
    indicator: str
    name: str
    definition: str
    department: str
    points: str | None
    of: str
    standing: str
    words: Words
    account: list[Words]
    trace: dict[str, Any]
    again: str | None
    inputs: list[InputView]
    history: str


class CausesView(BaseModel):
    """What lies between the line before and this one; `facts` leads to the facts that came meanwhile."""

    version: tuple[int | None, int] | None
    month: tuple[str | None, str] | None
    given: dict[str, Any]
    facts: str | None


class PastView(BaseModel):
    number: int
    version: int
    points: str | None
    was: str | None
    at: datetime
    words: Words
    causes: CausesView


class FactsView(BaseModel):
    """Facts in the order of their stamps, each with where it came from."""

    facts: list[dict[str, Any]]
    after: str | None


@router.get("/scores/{cycle}/{unit}/{indicator}/trace")
async def trace(cycle: KeyPath, unit: KeyPath, indicator: KeyPath, desk: Judge) -> TraceView:
    """One score, followed down: in data and in words, with links to the records behind each measure (计分依据)."""
    found = await tracing.trace_of(CycleKey(cycle), UnitCode(unit), IndicatorKey(indicator), work=desk.work)
    id_ = score_id(cycle, unit, indicator)
    return TraceView(
        id=id_,
        indicator=found.indicator.key,
        name=found.indicator.name,
        definition=found.indicator.definition,
        department=found.indicator.department,
        points=found.trace["result"],
        of=found.trace["points"],
        standing=score_of(found.trace).standing,
        words=words_of(found.trace),
        account=[Words(zh=sentence.zh, en=sentence.en) for sentence in found.account],
        trace=dict(found.trace),
        again=found.again,
        inputs=_inputs(cycle, unit, found.trace),
        history=f"/v1/scores/{id_}/history",
    )


@router.get("/scores/{cycle}/{unit}/{indicator}/history")
async def history(cycle: KeyPath, unit: KeyPath, indicator: KeyPath, desk: Judge) -> list[PastView]:
    """Each time that the rounded points changed, the oldest first, from what to what, and which facts or persons did it (得分变动)."""
    rows = await tracing.history(CycleKey(cycle), UnitCode(unit), IndicatorKey(indicator), work=desk.work)
    return [_past(row, causes, score_id(cycle, unit, indicator)) for row, causes in rows]


@router.get("/scores/{cycle}/{unit}/{indicator}/history/{number}/facts")
async def facts_between(
    cycle: KeyPath, unit: KeyPath, indicator: KeyPath, number: LineNumber, desk: Judge, *, after: After = None, limit: Limit = 20
) -> FactsView:
    """The facts that came between the line of history before and this one, of records that the unit holds or is known to have held."""
    key = IndicatorKey(indicator)
    page = await tracing.facts_between(CycleKey(cycle), UnitCode(unit), key, number=number, after=after, most=limit, work=desk.work)
    return FactsView(facts=[dict(fact) for fact in page.facts], after=page.after)


@router.get("/records/{source}/{subject:path}/facts")
async def facts(source: RecordPath, subject: RecordPath, desk: FigureReader, *, after: After = None, limit: Limit = 20) -> FactsView:
    """The facts behind a record; a unit's staff see those of records that their unit holds or once held (记录的事实)."""
    page = await tracing.facts_of(source, subject, after=after, most=limit, desk=desk, sees_all=sees_all_figures(desk))
    return FactsView(facts=[dict(fact) for fact in page.facts], after=page.after)


def _inputs(cycle: str, unit: str, trace: Trace) -> list[InputView]:
    return [
        InputView(
            input=name,
            measure=source["measure"],
            take=source["take"],
            months=source["months"],
            records=_records(cycle, unit, source["measure"], leaf),
        )
        for leaf in leaves(trace)
        for name, source in leaf.get("sources", {}).items()
        if "months" in source
    ]


def _records(cycle: str, unit: str, measure: str, trace: Trace) -> str:
    asked = urlencode({"version": trace["scheme"]["version"], "since": trace["since"], "through": trace["through"]})
    return f"/v1/measures/{quote(cycle)}/{quote(unit)}/{quote(measure)}/records?{asked}"


def _past(row: PastScore, causes: Causes, score: str) -> PastView:
    return PastView(
        number=row.number,
        version=row.version,
        points=row.trace["result"],
        was=row.trace.get("replaced", {}).get("result"),
        at=row.at,
        words=words_of(row.trace),
        causes=CausesView(
            version=causes.version,
            month=causes.month,
            given=dict(causes.given),
            facts=f"/v1/scores/{score}/history/{row.number}/facts" if causes.by_facts else None,
        ),
    )
