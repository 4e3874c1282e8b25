"""Bonus and deduction lists (加分扣分清单) over HTTP: applied for or proposed, checked, recognised."""

from datetime import datetime
from typing import Annotated, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from scoring.appraisal.api.desks import KEY, NO_NULLS, Applicant, FigureReader, KeyPath, own_unit, sees_claims_of
from scoring.appraisal.domain.claims import ClaimId, Content, Document, Move, Proven
from scoring.appraisal.domain.schemes import CycleKey, IndicatorKey, UnitCode
from scoring.appraisal.handlers import claims as handlers

router = APIRouter(tags=["claims 加分扣分清单"])

Reason = Annotated[str, Field(min_length=1, max_length=2000, pattern=NO_NULLS)]
Name = Annotated[str, Field(min_length=1, max_length=200, pattern=NO_NULLS)]
_BONUS: Final[JsonDict] = {
    "document": {"number": "市府通报〔2026〕7号", "organ": "市人民政府"},
    "level": "city",
    "reason": "专项行动受市政府通报表扬",
    "evidence": ["01890c5d-7b1e-7c3a-9d2f-3b1f0c5a7e11"],
}
StepName = Literal["check", "recognise", "return", "refuse", "withdraw"]


class DocumentBody(BaseModel):
    """文号 and 发文机关; the same document written with other brackets, spaces or full-width letters is the same."""

    number: Name
    organ: Name


class ContentBody(BaseModel):
    """`level` is one of the rule's; `document` is what a bonus rests on, `matter` what is deducted for.

    `evidence` are ids of the evidence service; a piece may be accepted later.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [_BONUS]})

    document: DocumentBody | None = None
    level: str | None = Field(default=None, max_length=60, pattern=NO_NULLS)
    matter: Name | None = None
    reason: Reason
    evidence: list[UUID] = Field(min_length=1, max_length=50)

    def content(self) -> Content:
        return Content(
            document=None if self.document is None else Document(self.document.number, self.document.organ),
            level=self.level,
            matter=self.matter,
            reason=self.reason,
            evidence=tuple(dict.fromkeys(map(str, self.evidence))),
        )


class ClaimBody(ContentBody):
    model_config = ConfigDict(json_schema_extra={"examples": [{"indicator": "praise", **_BONUS}]})

    indicator: str = Field(pattern=KEY)


class StepBody(BaseModel):
    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "文件属实，符合加分条件"}]})

    reason: Reason


class StepView(BaseModel):
    move: str
    by: str
    at: datetime
    reason: str


class EvidenceView(BaseModel):
    id: UUID
    accepted: bool
    sha256: str | None


class ClaimView(BaseModel):
    """`state`: `applied`, `checked`, `recognised`, `returned`, `refused` or `withdrawn`; points stand in the trace alone."""

    id: UUID
    number: int
    cycle: str
    unit: str
    indicator: str
    document: DocumentBody | None
    level: str | None
    matter: str | None
    reason: str
    evidence: list[EvidenceView]
    state: str
    applied_by: str
    applied_at: datetime
    steps: list[StepView]


@router.post("/claims/{cycle}/{unit}", status_code=201)
async def apply_for(cycle: KeyPath, unit: KeyPath, body: ClaimBody, desk: Applicant) -> ClaimView:
    """A unit applies for a bonus of its own (加分申报), the office or an assessor of the indicator proposes a deduction (扣分).

    Until the closing day that the scheme states for the indicator.
    """
    code = UnitCode(unit) if desk.caller.roles & {"office", "assessor"} else own_unit(desk, UnitCode(unit))
    command = handlers.ApplyFor(cycle=CycleKey(cycle), unit=code, indicator=IndicatorKey(body.indicator), content=body.content())
    return _view(await handlers.apply_for(command, desk))


@router.get("/claims/{cycle}")
async def claims(cycle: KeyPath, desk: FigureReader, unit: Annotated[str | None, Query(pattern=KEY)] = None) -> list[ClaimView]:
    """By number: a unit's own, an assessor's of the own indicators, all for the office and leaders."""
    code = None if unit is None else sees_claims_of(desk, UnitCode(unit))
    return [_view(one) for one in await handlers.claims_of(CycleKey(cycle), unit=code, desk=desk)]


@router.put("/claims/{claim}")
async def apply_again(claim: UUID, body: ContentBody, desk: Applicant) -> ClaimView:
    """Put a returned claim right and send it again: its applicant, until the closing day."""
    return _view(await handlers.apply_again(ClaimId(claim), body.content(), desk))


@router.post("/claims/{claim}/steps/{move}")
async def step(claim: UUID, move: StepName, body: StepBody, desk: FigureReader) -> ClaimView:
    """`check` (初核) by an assessor or the office, `recognise` (认定) by the office or a leader: three persons with the applicant.

    Both may `return` it for completion or `refuse` it, its applicant may `withdraw` it. Recognised it needs a piece of accepted evidence.
    """
    return _view(await handlers.take_step(handlers.TakeStep(ClaimId(claim), Move(move), body.reason), desk))


def _view(one: Proven) -> ClaimView:
    claim, content = one.claim, one.claim.content
    return ClaimView(
        id=claim.id,
        number=claim.number,
        cycle=claim.cycle,
        unit=claim.unit,
        indicator=claim.indicator,
        document=None if content.document is None else DocumentBody(number=content.document.number, organ=content.document.organ),
        level=content.level,
        matter=content.matter,
        reason=content.reason,
        evidence=[EvidenceView(id=UUID(each), accepted=each in one.accepted, sha256=one.accepted.get(each)) for each in content.evidence],
        state=claim.state,
        applied_by=claim.applied_by,
        applied_at=claim.applied_at,
        steps=[StepView(move=each.move, by=each.by, at=each.at, reason=each.reason) for each in claim.steps],
    )
