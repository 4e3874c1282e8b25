"""Assessors' marks over HTTP, and what units say of themselves."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from scoring.appraisal.api.desks import KEY, Confirmer, FigureReader, KeyPath, Marker, MarkReader, OwnUnit
from scoring.appraisal.domain.marks import Mark, MarkId, Place, SelfAssessment, standing
from scoring.appraisal.domain.missing import Missing
from scoring.appraisal.domain.numbers import number_of, plain
from scoring.appraisal.domain.schemes import CycleKey, IndicatorKey, UnitCode
from scoring.appraisal.handlers import marks as handlers

router = APIRouter(tags=["marks 评分"])

SAMPLE = r"^[a-z0-9_.-]{0,60}$"
MOST_AT_ONCE = 1000  # a transaction has to end within seconds
Points = Annotated[str, Field(pattern=r"^[0-9]{1,9}(\.[0-9]{1,9})?$")]
Reason = Annotated[str, Field(max_length=2000)]
Evidence = Annotated[list[Annotated[str, Field(min_length=1, max_length=200)]], Field(max_length=50)]
MarkPath = Annotated[UUID, Path()]


class MarkBody(BaseModel):
    """`sample` names what was sampled, where the rule is `sampling_mean` (0 to 100 each): one mark a sample and assessor; all count.
    `member` says who is marked, where the indicator says `scope: members`.

    `reason` is needed under 60 % of the points and for all of them, or wherever a point is taken (`reason: always`).

    `replaces` is the id of the mark that stands there now (`GET marks/{cycle}?unit&indicator&current=true`); none where nobody marked yet.
    A `draft` counts for nothing and is seen by its author only.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [{"mark": "7.5", "reason": "述职完整，谈话记录缺一次", "replaces": None}]})

    mark: Points
    reason: Reason = ""
    evidence: Evidence = []
    replaces: UUID | None = None
    state: Literal["draft", "given"] = "given"
    sample: str = Field(default="", pattern=SAMPLE)
    member: str = Field(default="", max_length=200)


class EntryBody(MarkBody):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"unit": "wanglan", "indicator": "file_quality", "mark": "7.5", "reason": "抽查 20 卷"}]}
    )

    unit: str = Field(pattern=KEY)
    indicator: str = Field(pattern=KEY)


class EntriesBody(BaseModel):
    marks: list[EntryBody] = Field(min_length=1, max_length=MOST_AT_ONCE)


class DecisionBody(BaseModel):
    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "请补充抽查案卷编号"}]})

    reason: Reason = ""


class MarkView(BaseModel):
    """`counts` says that scores rest on it; `state` is `draft`, `discarded`, `given`, `confirmed`, `returned` or `replaced`."""

    id: UUID
    cycle: str
    unit: str
    indicator: str
    mark: str
    reason: str
    evidence: list[str]
    sample: str
    member: str
    assessor: str
    marked_at: datetime
    state: str
    counts: bool
    replaces: UUID | None
    decided_by: str | None
    decision: str | None


class MarksView(BaseModel):
    """`kept` is false for a dry run."""

    kept: bool
    marks: list[MarkView]


class MissingView(BaseModel):
    """`wanted`: `mark`, `confirmation` or `better_mark` (it was returned)."""

    indicator: str
    name: str
    unit: str
    unit_name: str
    member: str | None
    member_name: str | None
    wanted: str


class DepartmentView(BaseModel):
    department: str
    missing: list[MissingView]


class SelfAssessmentBody(BaseModel):
    model_config = ConfigDict(json_schema_extra={"examples": [{"mark": "7.5", "reason": "全年述职两次，材料齐全"}]})

    mark: Points
    reason: str = Field(min_length=1, max_length=2000)
    evidence: Evidence = []


class SelfAssessmentView(SelfAssessmentBody):
    cycle: str
    unit: str
    indicator: str
    said_by: str
    said_at: datetime


@router.put("/marks/{cycle}/{unit}/{indicator}")
async def put_mark(cycle: KeyPath, unit: KeyPath, indicator: KeyPath, body: MarkBody, desk: Marker) -> MarkView:
    """Mark an indicator that one is appointed for, but not of the own unit; the former mark is kept. 409: somebody marked in between."""
    return _view(await handlers.mark(_command(cycle, unit, indicator, body), desk))


@router.get("/marks/{cycle}/missing")
async def still_missing(cycle: KeyPath, desk: MarkReader) -> list[DepartmentView]:
    """What nobody marked, confirmed or mended yet, by department: all of it for the office and leaders, an assessor's own."""
    by_department: dict[str, list[MissingView]] = {}
    for each in await handlers.still_missing(CycleKey(cycle), desk):
        by_department.setdefault(each.indicator.department, []).append(_missing(each))
    return [DepartmentView(department=name, missing=found) for name, found in by_department.items()]


@router.put("/marks/{cycle}")
async def put_marks(
    cycle: KeyPath, body: EntriesBody, desk: Marker, *, dry_run: Annotated[bool, Query(description="check all, keep nothing")] = False
) -> MarksView:
    """Mark many at once (批量评分): all or nothing, each entry that can't be taken with its index."""
    commands = [_command(cycle, entry.unit, entry.indicator, entry) for entry in body.marks]
    made = await handlers.mark_all(CycleKey(cycle), commands, desk, dry_run=dry_run)
    return MarksView(kept=not dry_run, marks=[_view(mark) for mark in made])


@router.get("/marks/{cycle}")
async def marks(
    cycle: KeyPath,
    desk: MarkReader,
    *,
    unit: Annotated[str | None, Query(pattern=KEY)] = None,
    indicator: Annotated[str | None, Query(pattern=KEY)] = None,
    current: Annotated[bool, Query(description="only the one that stands in each place, whether it counts yet or not")] = False,
) -> list[MarkView]:
    """Marks ever given, the newest first; an assessor sees the own ones, drafts too, and those of the own indicators."""
    found = [
        mark for mark in await handlers.marks_of(CycleKey(cycle), desk) if unit in (None, mark.unit) and indicator in (None, mark.indicator)
    ]
    return [_view(mark) for mark in (standing(found) if current else found)]


@router.post("/marks/{mark}/confirm")
async def confirm(mark: MarkPath, desk: Confirmer) -> MarkView:
    """Confirm somebody else's mark, where the scheme says `confirm: true` (复核确认): it counts from now on."""
    return _view(await handlers.decide(MarkId(mark), confirms=True, reason="", desk=desk))


@router.post("/marks/{mark}/return")
async def send_back(mark: MarkPath, body: DecisionBody, desk: Confirmer) -> MarkView:
    """Return somebody else's mark with what has to be mended (退回)."""
    return _view(await handlers.decide(MarkId(mark), confirms=False, reason=body.reason, desk=desk))


@router.put("/self-assessments/{cycle}/{unit}/{indicator}")
async def put_self_assessment(
    cycle: KeyPath, unit: KeyPath, indicator: KeyPath, body: SelfAssessmentBody, desk: OwnUnit
) -> SelfAssessmentView:
    """What a unit thinks that it deserves (自评), before its mark, where the scheme says `self_assessment: true`."""
    said = SelfAssessment(
        cycle=CycleKey(cycle),
        unit=UnitCode(unit),
        indicator=IndicatorKey(indicator),
        mark=number_of(body.mark),
        reason=body.reason,
        evidence=tuple(body.evidence),
        said_by=desk.caller.subject,
        said_at=desk.work.clock.now(),
    )
    return _said(await handlers.assess_oneself(said, desk))


@router.get("/self-assessments/{cycle}/{unit}/{indicator}")
async def self_assessment(cycle: KeyPath, unit: KeyPath, indicator: KeyPath, desk: FigureReader) -> SelfAssessmentView:
    """For the unit itself, the assessors of the indicator, the office and leaders."""
    return _said(await handlers.self_assessment(Place(CycleKey(cycle), UnitCode(unit), IndicatorKey(indicator)), desk))


def _command(cycle: str, unit: str, indicator: str, body: MarkBody) -> handlers.GiveMark:
    return handlers.GiveMark(
        cycle=CycleKey(cycle),
        unit=UnitCode(unit),
        indicator=IndicatorKey(indicator),
        mark=number_of(body.mark),
        reason=body.reason,
        evidence=tuple(body.evidence),
        replaces=None if body.replaces is None else MarkId(body.replaces),
        is_draft=body.state == "draft",
        sample=body.sample,
        member=body.member,
    )


def _view(mark: Mark) -> MarkView:
    return MarkView(
        id=mark.id,
        cycle=mark.cycle,
        unit=mark.unit,
        indicator=mark.indicator,
        mark=plain(mark.mark),
        reason=mark.reason,
        evidence=list(mark.evidence),
        sample=mark.sample,
        member=mark.member,
        assessor=mark.assessor,
        marked_at=mark.marked_at,
        state=mark.state,
        counts=mark.counts,
        replaces=mark.replaces,
        decided_by=mark.decision.by if mark.decision else None,
        decision=mark.decision.reason if mark.decision else None,
    )


def _missing(missing: Missing) -> MissingView:
    indicator, unit = missing.indicator, missing.unit
    return MissingView(
        indicator=indicator.key,
        name=indicator.name,
        unit=unit.code,
        unit_name=unit.name,
        member=missing.member.key if missing.member else None,
        member_name=missing.member.name if missing.member else None,
        wanted=missing.wanted,
    )


def _said(said: SelfAssessment) -> SelfAssessmentView:
    return SelfAssessmentView(
        cycle=said.cycle,
        unit=said.unit,
        indicator=said.indicator,
        mark=plain(said.mark),
        reason=said.reason,
        evidence=list(said.evidence),
        said_by=said.said_by,
        said_at=said.said_at,
    )
