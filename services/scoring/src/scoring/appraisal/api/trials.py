"""Trials of drafts over HTTP: for the office and leaders, who see points before they are published."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel

from scoring.appraisal.api.desks import Judge, KeyPath
from scoring.appraisal.api.schemes import VersionPath
from scoring.appraisal.domain.numbers import written
from scoring.appraisal.domain.schemes import CycleKey, Scheme, Version
from scoring.appraisal.domain.standings import Ranked
from scoring.appraisal.domain.trials import TriedGroup, TriedScore, TriedUnit
from scoring.appraisal.handlers import trials as handlers

router = APIRouter(tags=["schemes 考核方案"])


class SideView(BaseModel):
    """A unit on one side: now, or under the draft."""

    total: str
    rank: int


class TriedScoreView(BaseModel):
    """Points now and under the draft, each of how many; none where it does not judge the unit, does not apply or is not marked."""

    indicator: str
    name: str
    now: str | None
    now_of: str | None
    then: str | None
    then_of: str | None
    changes: bool


class TriedUnitView(BaseModel):
    """A side is none where no scheme appraises the unit."""

    unit: str
    name: str
    now: SideView | None
    then: SideView | None
    scores: list[TriedScoreView]


class TriedGroupView(BaseModel):
    group: str
    name: str
    units: list[TriedUnitView]


class TrialView(BaseModel):
    """What the draft would change, tried for the months from `since` to `through`; nothing was touched."""

    cycle: str
    version: int
    since: str
    through: str
    made_by: str
    made_at: datetime
    records: int
    milliseconds: int
    groups: list[TriedGroupView]


@router.post("/schemes/{cycle}/{version}/trial")
async def trial(cycle: KeyPath, version: VersionPath, desk: Judge) -> TrialView:
    """Try a draft out: every unit's and indicator's points, totals and ranks now and under it, counted from one snapshot of all records.

    Nothing is written but that it was made; a revision is activated only after it. A draft whose months are all to come is tried as if
    it began with the present month.
    """
    made = await handlers.try_out(CycleKey(cycle), Version(version), by=desk.caller.subject, work=desk.work)
    return TrialView(
        cycle=cycle,
        version=version,
        since=made.since,
        through=made.through,
        made_by=made.made.by,
        made_at=made.made.at,
        records=made.made.records,
        milliseconds=made.made.milliseconds,
        groups=[_group(one, made) for one in made.groups],
    )


def _group(one: TriedGroup, made: handlers.Trial) -> TriedGroupView:
    return TriedGroupView(group=one.group.key, name=one.group.name, units=[_unit(row, made) for row in one.units])


def _unit(row: TriedUnit, made: handlers.Trial) -> TriedUnitView:
    return TriedUnitView(
        unit=row.unit.code,
        name=row.unit.name,
        now=_side(row.now, made.now),
        then=_side(row.then, made.draft.scheme),
        scores=[_score(score) for score in row.scores],
    )


def _side(row: Ranked | None, scheme: Scheme | None) -> SideView | None:
    return SideView(total=written(row.standing.total.score, scheme.rounding.places), rank=row.rank) if row and scheme else None


def _score(score: TriedScore) -> TriedScoreView:
    now, now_of = _points(score.now)
    then, then_of = _points(score.then)
    changes = (now, now_of) != (then, then_of)
    return TriedScoreView(indicator=score.indicator, name=score.name, now=now, now_of=now_of, then=then, then_of=then_of, changes=changes)


def _points(trace: Mapping[str, Any] | None) -> tuple[str | None, str | None]:
    return (trace["result"], trace["points"]) if trace else (None, None)
