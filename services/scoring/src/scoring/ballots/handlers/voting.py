"""Open a vote, hand out codes, cast, close or cancel; nothing that is kept leads from a paper to a code."""

import secrets
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from scoring.ballots.domain.codes import CODE_BYTES, URN_KEY_BYTES, digest_of, read, spelled
from scoring.ballots.domain.papers import Marks, Reason, missing, packed, reason_against, unpacked
from scoring.ballots.domain.refusals import NoSuchCode, NotFit, NotPossible, NotTheKey, PaperIncomplete
from scoring.ballots.domain.sealing import lock_of, opened, sealed
from scoring.ballots.domain.votes import Candidate, Move, State, Terms, Vote, checked, result_of
from scoring.ballots.handlers.work import Work

SECRET_BYTES: Final = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenVote:
    key: str
    cycle: str
    title: str
    indicators: tuple[str, ...]
    candidates: tuple[Candidate, ...]
    least: int
    closes_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """A ballot as it came; `final` casts it though it is invalid."""

    vote: str
    code: str
    marks: Marks
    final: bool


async def open_vote(command: OpenVote, work: Work) -> tuple[Vote, str]:
    """The vote and the key of its urn, which is kept nowhere: without it the papers can't be counted."""
    urn_key = secrets.token_bytes(URN_KEY_BYTES)
    vote = Vote(
        key=command.key,
        cycle=command.cycle,
        title=command.title,
        indicators=command.indicators,
        candidates=command.candidates,
        terms=await _terms(command, work),
        least=command.least,
        closes_at=command.closes_at,
        lock=lock_of(urn_key),
        secret=secrets.token_bytes(SECRET_BYTES),
        opened_by=work.caller.subject,
        opened_at=work.clock.now(),
    )
    await work.votes.add(checked(vote))
    return vote, spelled(urn_key)


async def hand_out(key: str, voter_class: str, count: int, work: Work) -> tuple[str, ...]:
    """New codes of a class, once; they are told here and nowhere again."""
    vote = await work.votes.locked(key)
    vote.allows(Move.ISSUE)
    if voter_class not in vote.terms.classes:
        known = "、".join(vote.terms.classes)
        raise NotFit(f"没有该投票类别，可用：{known}", f"there is no such class of voters; there are: {known}", field="class")
    codes = [secrets.token_bytes(CODE_BYTES) for _ in range(count)]
    digests = [digest_of(code, _secret(vote)) for code in codes]
    await work.votes.issue(key, voter_class, digests, by=work.caller.subject, at=work.clock.now())
    return tuple(spelled(code) for code in codes)


async def cast(command: Cast, work: Work) -> bool:
    """Whether the ballot is in the urn; `False` for the second one of a code, which is counted as such.

    Raises `PaperIncomplete` for an invalid paper that is not `final`: with the transaction the code is then unused again.
    """
    code = read(command.code, CODE_BYTES)
    vote = await work.votes.held(command.vote)
    vote.admits_papers(work.clock.now())
    burnt = await work.votes.burn(vote.key, digest_of(code, _secret(vote)))
    if burnt is None:
        raise NoSuchCode
    if not burnt.is_first:
        await work.votes.count_second(vote.key, burnt.voter_class)
        return False
    _refuse_strangers(command.marks, vote)
    if not command.final:
        _refuse_invalid(command.marks, vote, burnt.voter_class)
    paper = packed(command.marks, candidates=vote.keys, scale=vote.terms.scale)
    await work.votes.drop_in(vote.key, burnt.voter_class, sealed(paper, vote.lock, place=_place(vote, burnt.voter_class)))
    return True


async def close(key: str, urn_key: str, work: Work) -> Vote:
    """Count the papers and destroy them, the codes and the secret; the candidates that are units are settled with the tally."""
    vote = await work.votes.locked(key)
    turnout = await work.votes.turnout(key)
    vote.may_close(work.clock.now(), turnout)
    body = read(urn_key, URN_KEY_BYTES)
    if lock_of(body) != vote.lock:
        raise NotTheKey
    result = result_of(vote, await _opened(vote, body, work), turnout)
    await work.votes.end(key, State.CLOSED, by=work.caller.subject, at=work.clock.now(), result=result)
    await work.indicators.counted(vote.cycle, vote.keys)
    return await work.votes.vote(key)


async def cancel(key: str, reason: str, work: Work) -> Vote:
    """End a vote uncounted, for example when the key of its urn is lost; papers, codes and secret are destroyed."""
    vote = await work.votes.locked(key)
    state = vote.allows(Move.CANCEL)
    await work.votes.end(key, state, by=work.caller.subject, at=work.clock.now(), reason=reason)
    return await work.votes.vote(key)


async def _terms(command: OpenVote, work: Work) -> Terms:
    found = [await work.indicators.terms(command.cycle, indicator) for indicator in command.indicators]
    if any(terms != found[0] for terms in found):
        raise NotFit(
            "各指标的投票类别、权重、限额或等次不同，请分别组织测评",
            "these indicators differ in classes, weights, quotas or scale: hold a vote for each",
            field="indicators",
        )
    return found[0]


async def _opened(vote: Vote, urn_key: bytes, work: Work) -> Mapping[str, list[Marks]]:
    found: dict[str, list[Marks]] = defaultdict(list)
    for voter_class, paper in await work.votes.papers(vote.key):
        plain = opened(paper, urn_key, place=_place(vote, voter_class))
        found[voter_class].append(unpacked(plain, candidates=vote.keys, scale=vote.terms.scale))
    return found


def _refuse_strangers(marks: Marks, vote: Vote) -> None:
    if set(marks) - set(vote.keys):
        raise NotFit("票上有不属于本次测评的对象，请按票面填写", "the ballot names somebody who is no candidate", field="marks")


def _refuse_invalid(marks: Marks, vote: Vote, voter_class: str) -> None:
    demands, keys, scale = vote.terms.classes[voter_class].demands, vote.keys, vote.terms.scale
    reason = reason_against(marks, demands, candidates=keys, scale=scale)
    if reason is not None:
        lacking = missing(marks, candidates=keys, scale=scale) if reason is Reason.INCOMPLETE else ()
        raise PaperIncomplete(reason, lacking)


def _place(vote: Vote, voter_class: str) -> str:
    return f"kaohe ballot {vote.key}/{voter_class}"


def _secret(vote: Vote) -> bytes:
    if vote.secret is None:
        raise NotPossible("测评已结束", "the vote has ended")
    return vote.secret
