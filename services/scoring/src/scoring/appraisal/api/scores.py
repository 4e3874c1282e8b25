"""Scores and standings over HTTP: for the office and leaders only until they are published."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel

from scoring.appraisal.api.counts import CountView, count_view
from scoring.appraisal.api.desks import KEY, Judge, KeyPath, OwnReader, Watcher
from scoring.appraisal.api.periods import PeriodQuery, PeriodScoresView, scores_of_period, sees_points
from scoring.appraisal.domain.faults import NotAllowed
from scoring.appraisal.domain.numbers import Rounding, plain, written
from scoring.appraisal.domain.parts import Part, PartScore
from scoring.appraisal.domain.schemes import CycleKey, GroupKey, UnitCode
from scoring.appraisal.domain.settling import score_of
from scoring.appraisal.domain.standings import UnitStanding
from scoring.appraisal.domain.traces import Trace, told
from scoring.appraisal.domain.words import Text
from scoring.appraisal.handlers import reading, settling

router = APIRouter(tags=["scores 得分"])


class Words(BaseModel):
    zh: str
    en: str


class PartView(BaseModel):
    """`score` is none for a part that is not applicable; its bonus and deductions count all the same."""

    key: str
    name: str
    points: str
    score: str | None
    bonus: str
    deducted: str


class StandingView(BaseModel):
    """Points so far; `awaiting` are indicators that nobody marked yet."""

    unit: str
    name: str
    total: str
    bonus: str
    deducted: str
    parts: list[PartView]
    awaiting: list[str]


class RankedView(StandingView):
    rank: int


class GroupView(BaseModel):
    group: str
    name: str
    units: list[RankedView]


class StandingsView(BaseModel):
    cycle: str
    version: int
    groups: list[GroupView]


class ScoreView(BaseModel):
    """`id` is the score's own for good: `/v1/scores/{id}/trace` tells how it came about."""

    id: str
    indicator: str
    name: str
    part: str
    points: str | None
    of: str
    standing: str
    words: Words


class UnitScoresView(BaseModel):
    cycle: str
    version: int
    standing: StandingView
    scores: list[ScoreView]


class SettlementView(BaseModel):
    """All is settled when nothing waits and nothing is being counted; `counts` says how far the counts beside the feed have come."""

    waiting: int
    counting: bool
    counts: list[CountView]
    reckoned_through: dict[str, str | None]


@router.get("/standings/{cycle}")
async def standings(cycle: KeyPath, desk: Judge, group: Annotated[str | None, Query(pattern=KEY)] = None) -> StandingsView:
    """The groups in the order of their totals so far. Units see nothing of it before publication."""
    kept, groups = await reading.standings(CycleKey(cycle), group=GroupKey(group) if group else None, work=desk.work)
    rounding = kept.scheme.rounding
    return StandingsView(
        cycle=cycle,
        version=kept.version,
        groups=[
            GroupView(
                group=one.group.key,
                name=one.group.name,
                units=[RankedView(rank=row.rank, **_standing(row.standing, rounding)) for row in one.rows],
            )
            for one in groups
        ],
    )


@router.get("/scores/{cycle}/{unit}")
async def scores(cycle: KeyPath, unit: KeyPath, desk: OwnReader, period: PeriodQuery = None) -> UnitScoresView | PeriodScoresView:
    """A unit's indicators with their points in words, so far or of one period; a unit sees its own of periods that are locked."""
    if period is not None:
        return await scores_of_period(cycle, unit, period, desk)
    if not sees_points(desk):
        raise NotAllowed(Text("请指明期间：仅可查看已核定期间的本单位得分", "name a period: you see your own points of confirmed ones"))
    standing, traces, kept = await reading.scores_of(CycleKey(cycle), UnitCode(unit), work=desk.work)
    rows = [(indicator, traces[indicator.key]) for indicator in kept.scheme.indicators_of(standing.unit) if indicator.key in traces]
    return UnitScoresView(
        cycle=cycle,
        version=kept.version,
        standing=StandingView(**_standing(standing, kept.scheme.rounding)),
        scores=[
            ScoreView(
                id=score_id(cycle, unit, indicator.key),
                indicator=indicator.key,
                name=indicator.name,
                part=indicator.part,
                points=trace["result"],
                of=trace["points"],
                standing=score_of(trace).standing,
                words=words_of(trace),
            )
            for indicator, trace in rows
        ],
    )


@router.get("/settlement")
async def settlement(desk: Watcher) -> SettlementView:
    """Whether scores have caught up with the feed: nothing waits, nothing is being counted."""
    work = desk.work
    waiting = await settling.waiting(work)
    through = {kept.cycle: await work.scores.reckoned_through(kept.cycle, kept.version) for kept in await work.schemes.all_active()}
    counts = [count_view(one) for one in await work.figures.under_way()]
    counting = bool(counts) or not await work.figures.are_still()
    return SettlementView(waiting=waiting, counting=counting, counts=counts, reckoned_through=dict(through))


def score_id(cycle: str, unit: str, indicator: str) -> str:
    return f"{cycle}/{unit}/{indicator}"


def _standing(standing: UnitStanding, rounding: Rounding) -> dict[str, Any]:
    total, places = standing.total, rounding.places
    return {
        "unit": standing.unit.code,
        "name": standing.unit.name,
        "total": written(total.score, places),
        "bonus": written(total.bonus, places),
        "deducted": written(total.deducted, places),
        "parts": [_part(part, score, places) for part, score in standing.parts],
        "awaiting": list(standing.awaiting),
    }


def _part(part: Part, score: PartScore, places: int) -> PartView:
    return PartView(
        key=part.key,
        name=part.name,
        points=plain(score.worth),
        score=None if score.score is None else written(score.score, places),
        bonus=written(score.bonus, places),
        deducted=written(score.deducted, places),
    )


def words_of(trace: Trace) -> Words:
    words = told(trace)
    return Words(zh=words.zh, en=words.en)
