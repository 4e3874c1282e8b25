"""What a voter sees and sends: the code is the right, nobody is asked who he is."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Request, Response, status
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from kit.errors import Problem, problem_document
from kit.http import PROBLEM_JSON
from kit.logs import correlation
from scoring.ballots.api.desks import HasBallots, VotePath, VoterDesk
from scoring.ballots.domain.refusals import CodeUsed, NoSuchCode
from scoring.ballots.handlers import voting

router = APIRouter(tags=["votes 民主测评"])

MOST_CANDIDATES = 500
Word = Annotated[str, StringConstraints(max_length=100)]


class CandidateBody(BaseModel):
    key: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,59}$")
    name: str = Field(min_length=1, max_length=100)


class ClassView(BaseModel):
    weight: str
    reject_uniform: bool
    quota: dict[str, int]


class PaperView(BaseModel):
    """A blank ballot: whom to mark, with which marks, and what makes it invalid."""

    vote: str
    title: str
    state: str
    closes_at: datetime
    candidates: list[CandidateBody]
    scale: dict[str, str]
    classes: dict[str, ClassView]


class BallotBody(BaseModel):
    """`code` in any spacing and case; `final` casts a ballot that would be invalid, as it is."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"code": "K7M2QP-0XWV41-9HTBRD", "marks": {"wanglan": "A", "yandong": "B"}, "final": False}]}
    )

    code: str = Field(max_length=100)
    marks: dict[Word, Word] = Field(max_length=MOST_CANDIDATES)
    final: bool = False


class Accepted(BaseModel):
    accepted: bool = True


@router.get("/votes/{key}/paper")
async def paper(key: VotePath, desks: VoterDesk) -> PaperView:
    """The blank ballot of a vote (票样): no secret, and no token needed."""
    vote = await desks.ballots.work.votes.vote(key)
    return PaperView(
        vote=vote.key,
        title=vote.title,
        state=vote.state.value,
        closes_at=vote.closes_at,
        candidates=[CandidateBody(key=one.key, name=one.name) for one in vote.candidates],
        scale={mark: str(value) for mark, value in vote.terms.scale.items()},
        classes={
            name: ClassView(weight=str(one.weight), reject_uniform=one.demands.reject_uniform, quota=dict(one.demands.quota))
            for name, one in vote.terms.classes.items()
        },
    )


@router.post("/votes/{key}/ballots", status_code=status.HTTP_201_CREATED, response_model=Accepted)
async def cast(key: VotePath, body: BallotBody, request: Request, desks: VoterDesk) -> Accepted | Response:
    """Cast a ballot with a one-time code (投票). A ballot that would be invalid is refused with the reason and the code stays good,
    unless it says `final`; the answer to every ballot in the urn is the same.
    """
    tries, place = desks.ballots.tries, (_address(request), key)
    tries.check(place)
    try:
        accepted = await _cast(key, body, desks)
    except NoSuchCode:
        tries.missed(place)
        raise
    if accepted:
        return Accepted()
    tries.missed(place)
    return _code_used()


async def _cast(key: str, body: BallotBody, desks: HasBallots) -> bool:
    return await voting.cast(voting.Cast(vote=key, code=body.code, marks=body.marks, final=body.final), desks.ballots.work)


def _code_used() -> Response:
    """An answer instead of an exception: that somebody tried is counted with this transaction."""
    told = problem_document(CodeUsed(), Problem(409, "code-used"), correlation.get())
    return JSONResponse(told, status_code=status.HTTP_409_CONFLICT, media_type=PROBLEM_JSON)


def _address(request: Request) -> str:
    return request.client.host if request.client else ""
