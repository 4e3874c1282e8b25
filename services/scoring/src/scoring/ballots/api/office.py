"""What the office does with a vote, and what it and the leaders may read of it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Response, status
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from scoring.ballots.api.desks import KEY, OfficeDesk, ReadingDesk, VotePath
from scoring.ballots.api.voters import MOST_CANDIDATES, CandidateBody
from scoring.ballots.domain.refusals import NotPossible
from scoring.ballots.domain.tallies import class_mean
from scoring.ballots.domain.votes import Candidate, Result, Turnout, Vote
from scoring.ballots.handlers import voting

router = APIRouter(tags=["votes 民主测评"])

MOST_CODES = 2_000  # of a class: closing opens every paper within one transaction


class VoteBody(BaseModel):
    """Classes, weights, quotas and marks are those of the indicators' rule, as the scheme in force states them.

    `least` valid ballots make a class count; a class with fewer leaves its weight to the others and is not shown.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "key": "2026-duty",
                    "cycle": "2026",
                    "title": "2026 年度履职民主测评",
                    "indicators": ["duty_vote"],
                    "candidates": [{"key": "wanglan", "name": "望澜分局"}, {"key": "yandong", "name": "砚东分局"}],
                    "least": 5,
                    "closes_at": "2026-12-05T18:00:00+08:00",
                }
            ]
        }
    )

    key: str = Field(pattern=KEY)
    cycle: str = Field(pattern=KEY)
    title: str = Field(min_length=1, max_length=200)
    indicators: list[Annotated[str, Field(pattern=KEY)]] = Field(min_length=1, max_length=50)
    candidates: list[CandidateBody] = Field(min_length=1, max_length=MOST_CANDIDATES)
    least: int = Field(5, le=1000)
    closes_at: AwareDatetime


class CodesBody(BaseModel):
    model_config = ConfigDict(json_schema_extra={"examples": [{"class": "staff", "count": 40}]})

    voter_class: str = Field(alias="class", max_length=100)
    count: int = Field(ge=1, le=MOST_CODES)


class KeyBody(BaseModel):
    model_config = ConfigDict(json_schema_extra={"examples": [{"urn_key": "0ATK1M-APD6PJ-J4GR6Z-8QJZ9T-T7SCBN-7Q83"}]})

    urn_key: str = Field(max_length=200)


class CancelBody(BaseModel):
    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "票箱钥匙遗失，重新组织"}]})

    reason: str = Field(min_length=1, max_length=500)


class TurnoutView(BaseModel):
    """`cast` are the ballots in the urn, valid or not."""

    issued: int
    cast: int


class VoteView(BaseModel):
    key: str
    cycle: str
    title: str
    indicators: list[str]
    candidates: list[CandidateBody]
    least: int
    state: str
    opened_by: str
    opened_at: datetime
    closes_at: datetime
    ended_by: str | None
    ended_at: datetime | None
    reason: str | None
    turnout: dict[str, TurnoutView]


class OpenedView(VoteView):
    """`urn_key` is shown here and never again: without it the ballots can't be counted, with it they can be read."""

    urn_key: str


class CodesView(BaseModel):
    """Shown here and never again: print, cut, hand out face down."""

    vote: str
    voter_class: str = Field(serialization_alias="class")
    codes: list[str]


class ClassResult(BaseModel):
    counts: dict[str, int]
    mean: str


class CandidateResult(BaseModel):
    key: str
    name: str
    classes: dict[str, ClassResult]


class ResultView(BaseModel):
    """`not_counted` are classes with fewer valid ballots than `least`."""

    key: str
    title: str
    least: int
    turnout: dict[str, TurnoutView]
    invalid: dict[str, int]
    not_counted: list[str]
    candidates: list[CandidateResult]


@router.post("/votes", status_code=status.HTTP_201_CREATED)
async def open_vote(body: VoteBody, desks: OfficeDesk, response: Response) -> OpenedView:
    """Open a vote (开启测评); the answer holds the key of its urn (票箱钥匙), for the tellers (监票人)."""
    response.headers["cache-control"] = "no-store"
    command = voting.OpenVote(
        key=body.key,
        cycle=body.cycle,
        title=body.title,
        indicators=tuple(body.indicators),
        candidates=tuple(Candidate(one.key, one.name) for one in body.candidates),
        least=body.least,
        closes_at=body.closes_at,
    )
    vote, urn_key = await voting.open_vote(command, desks.ballots.work)
    return OpenedView(**_fields(vote, {}), urn_key=urn_key)


@router.post("/votes/{key}/codes", status_code=status.HTTP_201_CREATED)
async def hand_out(key: VotePath, body: CodesBody, desks: OfficeDesk, response: Response) -> CodesView:
    """One-time codes of a class (发放测评码): asked for once, shown once."""
    response.headers["cache-control"] = "no-store"
    codes = await voting.hand_out(key, body.voter_class, body.count, desks.ballots.work)
    return CodesView(vote=key, voter_class=body.voter_class, codes=list(codes))


@router.post("/votes/{key}/close")
async def close(key: VotePath, body: KeyBody, desks: OfficeDesk) -> VoteView:
    """Count the ballots with the key of the urn (唱票), from the closing time on or when all codes were used."""
    return _view(await voting.close(key, body.urn_key, desks.ballots.work))


@router.post("/votes/{key}/cancel")
async def cancel(key: VotePath, body: CancelBody, desks: OfficeDesk) -> VoteView:
    """End a vote uncounted (作废): its ballots are destroyed unread."""
    return _view(await voting.cancel(key, body.reason, desks.ballots.work))


@router.get("/votes")
async def votes(cycle: Annotated[str, Query(pattern=KEY)], desks: ReadingDesk) -> list[VoteView]:
    """The votes of a cycle, with how many codes were handed out and how many ballots are in the urn."""
    held = desks.ballots.work.votes
    return [VoteView(**_fields(vote, await held.turnout(vote.key))) for vote in await held.of_cycle(cycle)]


@router.get("/votes/{key}/result")
async def result(key: VotePath, desks: ReadingDesk) -> ResultView:
    """What a closed vote came to (测评结果): marks by class, of the classes with enough valid ballots only."""
    vote = await desks.ballots.work.votes.vote(key)
    if vote.result is None:
        raise NotPossible("测评尚未结束计票，结果在计票后可查", "this vote is not counted: its result can be read once it is closed")
    return ResultView(
        key=vote.key,
        title=vote.title,
        least=vote.least,
        turnout=_turnout(vote.result.turnout),
        invalid=dict(vote.result.invalid),
        not_counted=sorted(vote.terms.classes.keys() - vote.result.tally.keys()),
        candidates=[_candidate(candidate, vote, vote.result) for candidate in vote.candidates],
    )


def _candidate(candidate: Candidate, vote: Vote, found: Result) -> CandidateResult:
    tally = found.tally_of(candidate.key)
    classes = {
        name: ClassResult(counts=dict(counts), mean=str(mean))
        for name, counts in tally.items()
        if (mean := class_mean(counts, vote.terms.scale)) is not None
    }
    return CandidateResult(key=candidate.key, name=candidate.name, classes=classes)


def _view(vote: Vote) -> VoteView:
    return VoteView(**_fields(vote, vote.result.turnout if vote.result else {}))


def _fields(vote: Vote, turnout: Mapping[str, Turnout]) -> dict[str, object]:
    return {
        "key": vote.key,
        "cycle": vote.cycle,
        "title": vote.title,
        "indicators": list(vote.indicators),
        "candidates": [CandidateBody(key=one.key, name=one.name) for one in vote.candidates],
        "least": vote.least,
        "state": vote.state.value,
        "opened_by": vote.opened_by,
        "opened_at": vote.opened_at,
        "closes_at": vote.closes_at,
        "ended_by": vote.ended_by,
        "ended_at": vote.ended_at,
        "reason": vote.reason,
        "turnout": _turnout(turnout),
    }


def _turnout(turnout: Mapping[str, Turnout]) -> dict[str, TurnoutView]:
    return {name: TurnoutView(issued=one.issued, cast=one.cast) for name, one in sorted(turnout.items())}
