"""Routes, request and response models of evidence."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, status
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from evidence import handlers
from evidence.domain import claims, readers, refusals, revisions
from evidence.domain.claims import EvidenceId, Subject, SubjectKind, UnitCode
from evidence.handlers import Finisher, Piece, Ticket, Work
from kit.auth import Principal
from kit.errors import Problem, Problems
from kit.http import caller_of, work_of
from kit.ids import uuid7

PROBLEMS: Final[Problems] = {
    refusals.NoSuchEvidence: Problem(404, "no-such-evidence"),
    refusals.NotYourUnit: Problem(403, "not-your-unit"),
    refusals.ClassifiedMaterial: Problem(422, "classified-material"),
    refusals.BadClaim: Problem(422, "bad-claim"),
    refusals.BadSubject: Problem(422, "bad-subject"),
    refusals.IllegalMove: Problem(409, "illegal-move"),
    refusals.NotUploaded: Problem(409, "not-uploaded"),
    refusals.ChangedMeanwhile: Problem(409, "changed-meanwhile"),
    refusals.NotAccepted: Problem(409, "not-accepted"),
    refusals.StoreDown: Problem(503, "store-down"),
}

router = APIRouter(tags=["evidence"])

UPLOADERS: Final = ("unit", "assessor", "office")
ReaderWork = Annotated[Work, Depends(work_of("unit", "assessor", "office", "leader"), scope="function")]
UploaderWork = Annotated[Work, Depends(work_of(*UPLOADERS), scope="function")]
WatcherWork = Annotated[Work, Depends(work_of("office", "auditor"), scope="function")]
Uploader = Annotated[Principal, Depends(caller_of(*UPLOADERS))]


def finisher(request: Request) -> Finisher:
    found: Finisher = request.app.state.finisher
    return found


class SubjectModel(BaseModel):
    """What is proved; an indicator's id is `<cycle>/<unit>/<indicator>`."""

    kind: SubjectKind
    id: str = Field(min_length=1, max_length=300)

    def subject(self) -> Subject:
        return Subject(self.kind, self.id)


Subjects = Annotated[list[SubjectModel], Field(min_length=1, max_length=100)]


class FileDeclaration(BaseModel):
    """A file before a byte of it was sent; `confidentiality` is public 公开, internal 内部 or work_secret 工作秘密."""

    name: str
    size: int
    sha256: str
    media_type: str
    effective_on: date
    confidentiality: str

    def claim(self) -> claims.Claim:
        return claims.Claim(
            name=self.name,
            size=self.size,
            sha256=self.sha256,
            media_type=self.media_type,
            effective_on=self.effective_on,
            confidentiality=claims.confidentiality_of(self.confidentiality),
        )


class Declaration(FileDeclaration):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "unit": "wanglan",
                    "subjects": [{"kind": "item", "id": "0199c0de-0000-7000-8000-000000000001"}],
                    "name": "整改报告.pdf",
                    "size": 48213,
                    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                    "media_type": "application/pdf",
                    "effective_on": "2026-09-10",
                    "confidentiality": "internal",
                }
            ]
        }
    )

    unit: str | None = Field(None, description="whose evidence it is; left out, it is the office's own and no unit sees it")
    subjects: list[SubjectModel] = Field(default_factory=list, max_length=100)


class RevisionModel(BaseModel):
    revision: int
    state: revisions.State
    name: str
    size: int
    sha256: str
    media_type: str
    effective_on: date
    confidentiality: claims.Confidentiality
    uploader: str
    declared_at: datetime
    settled_at: datetime | None
    locked_until: datetime | None
    damaged: bool
    fault: claims.Fault | None
    zh: str | None = Field(description="why it was refused and what to do")
    en: str | None

    @classmethod
    def of(cls, one: revisions.Revision) -> "RevisionModel":
        zh, en = claims.FAULTS[one.fault] if one.fault else (None, None)
        return cls(
            revision=one.number,
            state=one.state,
            name=one.claim.name,
            size=one.claim.size,
            sha256=one.claim.sha256,
            media_type=one.claim.media_type,
            effective_on=one.claim.effective_on,
            confidentiality=one.claim.confidentiality,
            uploader=one.uploader,
            declared_at=one.declared_at,
            settled_at=one.settled_at,
            locked_until=one.locked and one.locked.until,
            damaged=one.damaged,
            fault=one.fault,
            zh=zh,
            en=en,
        )


class PieceModel(BaseModel):
    evidence: UUID
    unit: str | None
    subjects: list[SubjectModel]
    revisions: list[RevisionModel]

    @classmethod
    def of(cls, piece: Piece) -> "PieceModel":
        subjects = [SubjectModel(kind=one.kind, id=one.id) for one in piece.subjects]
        revisions = [RevisionModel.of(one) for one in piece.revisions]
        return cls(evidence=piece.evidence, unit=piece.unit, subjects=subjects, revisions=revisions)


class TicketModel(BaseModel):
    """Where to send or fetch the bytes, and until when."""

    evidence: UUID
    revision: int
    method: Literal["PUT", "GET"]
    url: str
    until: AwareDatetime

    @classmethod
    def of(cls, ticket: Ticket, method: Literal["PUT", "GET"]) -> "TicketModel":
        one = ticket.revision
        return cls(evidence=one.evidence, revision=one.number, method=method, url=ticket.url, until=ticket.until)


class ReadModel(BaseModel):
    revision: int
    reader: str
    name: str
    at: datetime


@router.post("/evidence", status_code=status.HTTP_201_CREATED)
async def declare(body: Declaration, work: UploaderWork) -> TicketModel:
    """Declare a file (登记佐证材料): the answer says where to PUT its bytes; then finalize.

    Classified material (涉密) is refused. A unit declares for itself only.
    """
    unit = None if body.unit is None else UnitCode(body.unit)
    subjects = [one.subject() for one in body.subjects]
    return TicketModel.of(await handlers.declare(EvidenceId(uuid7()), body.claim(), work, unit=unit, subjects=subjects), "PUT")


@router.post("/evidence/{evidence}/revisions", status_code=status.HTTP_201_CREATED)
async def revise(evidence: UUID, body: FileDeclaration, work: UploaderWork) -> TicketModel:
    """Declare the next revision (新版本); the earlier ones stay as they are."""
    return TicketModel.of(await handlers.revise(EvidenceId(evidence), body.claim(), work), "PUT")


@router.post("/evidence/{evidence}/revisions/{number}/upload")
async def renew_upload(evidence: UUID, number: int, work: UploaderWork) -> TicketModel:
    """A fresh upload address for a file that was declared and not sent yet (重新取得上传地址)."""
    return TicketModel.of(await handlers.renew_upload(EvidenceId(evidence), number, work), "PUT")


@router.post("/evidence/{evidence}/revisions/{number}/finalize")
async def finalize(evidence: UUID, number: int, caller: Uploader, finishing: Annotated[Finisher, Depends(finisher)]) -> RevisionModel:
    """The file was sent (确认上传): it is hashed and looked into again, then `accepted` under lock or `refused` with the reason.

    May be repeated at will. 409 `not-uploaded`: nothing arrived yet. 503 `store-down`: the upload is finished by itself later.
    """
    return RevisionModel.of(await finishing.finish(EvidenceId(evidence), number, reader_of(caller)))


@router.get("/evidence")
async def proving(
    work: ReaderWork,
    *,
    kind: SubjectKind | None = None,
    id: Annotated[str | None, Query(description="of the subject; goes with `kind`")] = None,  # noqa: A002 - the query's name
    unit: str | None = None,
    after: UUID | None = None,
    most: Annotated[int, Query(ge=1, le=200)] = 50,
) -> list[PieceModel]:
    """Evidence of a subject or a unit, oldest first; `after` is the last id of the page before. A unit sees its own only."""
    if (kind is None) != (id is None):
        raise refusals.BadSubject("kind 与 id 须同时填写", "give both kind and id of the subject, or neither", field="query")
    subject = Subject(kind, id) if kind is not None and id is not None else None
    found = await work.pieces.proving(subject, None if unit is None else UnitCode(unit), after=after, most=most)
    return [PieceModel.of(piece) for piece in found]


@router.get("/evidence/{evidence}")
async def piece(evidence: UUID, work: ReaderWork) -> PieceModel:
    """A piece of evidence with its subjects and revisions."""
    return PieceModel.of(await work.pieces.piece(EvidenceId(evidence)))


@router.post("/evidence/{evidence}/subjects")
async def add_subjects(evidence: UUID, body: Subjects, work: UploaderWork) -> PieceModel:
    """Let the evidence prove more (补充关联); repeats change nothing."""
    return PieceModel.of(await handlers.add_subjects(EvidenceId(evidence), [one.subject() for one in body], work))


@router.post("/evidence/{evidence}/revisions/{number}/downloads", status_code=status.HTTP_201_CREATED)
async def download(evidence: UUID, number: int, work: ReaderWork) -> TicketModel:
    """An address that gives the accepted bytes for some minutes (下载); who asked, and when, is logged."""
    return TicketModel.of(await handlers.download(EvidenceId(evidence), number, work), "GET")


@router.get("/evidence/{evidence}/reads")
async def reads(evidence: UUID, work: WatcherWork) -> Sequence[ReadModel]:
    """Who fetched which revision, and when (查阅记录)."""
    found = await work.reads.of(EvidenceId(evidence))
    return [ReadModel(revision=one.revision, reader=one.reader, name=one.name, at=one.at) for one in found]


def reader_of(principal: Principal) -> readers.Reader:
    return readers.reader_of(principal.subject, principal.name, roles=principal.roles, units=principal.units)
