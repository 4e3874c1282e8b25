"""What a vote is, who may do what with it when, and what may be told of it once it is counted."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from fractions import Fraction
from typing import Final

from scoring.ballots.domain.papers import Demands, Marks, Reason
from scoring.ballots.domain.refusals import NotFit, NotPossible
from scoring.ballots.domain.tallies import Counts, counted

FEWEST: Final = 3  # valid ballots of a class: with two, either voter knows the other's


class State(StrEnum):
    OPEN = "open"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class Move(StrEnum):
    ISSUE = "issue"
    CAST = "cast"
    CLOSE = "close"
    CANCEL = "cancel"


MOVES: Final[Mapping[tuple[State, Move], State]] = {
    (State.OPEN, Move.ISSUE): State.OPEN,
    (State.OPEN, Move.CAST): State.OPEN,
    (State.OPEN, Move.CLOSE): State.CLOSED,
    (State.OPEN, Move.CANCEL): State.CANCELLED,
}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A unit's code, or a member's id as a plain key."""

    key: str
    name: str


@dataclass(frozen=True, slots=True)
class VoterClass:
    weight: Fraction
    demands: Demands


@dataclass(frozen=True, slots=True)
class Terms:
    """What the scheme says about an indicator's ballot, frozen in the vote when it opens."""

    classes: Mapping[str, VoterClass]
    scale: Mapping[str, Fraction]


@dataclass(frozen=True, slots=True)
class Turnout:
    """Of one class: codes handed out, and papers in the urn, valid or not."""

    issued: int = 0
    cast: int = 0
    second: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """`tally` has the classes with enough valid ballots only: class, candidate, mark. No paper can be put together again from it."""

    tally: Mapping[str, Mapping[str, Counts]]
    invalid: Mapping[str, int]
    turnout: Mapping[str, Turnout]

    def tally_of(self, candidate: str) -> Mapping[str, Counts]:
        return {name: marks[candidate] for name, marks in self.tally.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Vote:
    """`lock` seals papers; `secret` keys the digests of codes and is gone once the vote has ended."""

    key: str
    cycle: str
    title: str
    indicators: tuple[str, ...]
    candidates: tuple[Candidate, ...]
    terms: Terms
    least: int
    closes_at: datetime
    lock: bytes
    secret: bytes | None
    opened_by: str
    opened_at: datetime
    state: State = State.OPEN
    ended_by: str | None = None
    ended_at: datetime | None = None
    reason: str | None = None
    result: Result | None = field(default=None)

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(candidate.key for candidate in self.candidates)

    def allows(self, move: Move) -> State:
        """The state after the move; raises `NotPossible`."""
        if (self.state, move) not in MOVES:
            raise NotPossible(
                f"测评已结束（{self.state}），不能再进行此操作", f"the vote has ended ({self.state}): this can't be done any more"
            )
        return MOVES[self.state, move]

    def admits_papers(self, now: datetime) -> None:
        """Raises `NotPossible` from the closing time on."""
        self.allows(Move.CAST)
        if now >= self.closes_at:
            raise NotPossible("测评已截止，不再接收选票", "voting is over: no more ballots are taken")

    def may_close(self, now: datetime, turnout: Mapping[str, Turnout]) -> None:
        """At the closing time, or as soon as every class has its codes and every code was used: nobody ends a vote as it suits him."""
        self.allows(Move.CLOSE)
        classes = [turnout.get(name, Turnout()) for name in self.terms.classes]
        if now < self.closes_at and not all(one.issued and one.cast == one.issued for one in classes):
            raise NotPossible(
                f"未到截止时间（{self.closes_at.isoformat()}）且仍有未用的测评码，到时再结束",
                f"codes are unused and voting lasts until {self.closes_at.isoformat()}: close it then",
            )


def checked(vote: Vote) -> Vote:
    """The vote, if it may be opened; raises `NotFit` with what to change."""
    if len(set(vote.keys)) != len(vote.keys):
        raise NotFit("测评对象有重复", "a candidate is named twice", field="candidates")
    if vote.least < FEWEST:
        raise NotFit(
            f"最少票数不得低于 {FEWEST}，否则票面可被推知", f"least is at least {FEWEST}: fewer would give voters away", field="least"
        )
    if vote.closes_at <= vote.opened_at:
        raise NotFit("截止时间应晚于现在", "the closing time has passed already", field="closes_at")
    return vote


def result_of(vote: Vote, papers: Mapping[str, Sequence[Marks]], turnout: Mapping[str, Turnout]) -> Result:
    """A class with fewer valid ballots than `least` is neither shown nor counted: its points would let its marks be reckoned back."""
    counts = {
        name: counted(papers.get(name, ()), voters.demands, candidates=vote.keys, scale=vote.terms.scale, second=_second(turnout, name))
        for name, voters in vote.terms.classes.items()
    }
    invalid: Counter[Reason] = sum((Counter(count.invalid) for count in counts.values()), Counter())
    return Result(
        tally={name: count.marks for name, count in counts.items() if count.valid >= vote.least},
        invalid={reason.value: invalid[reason] for reason in Reason if invalid[reason]},
        turnout=turnout,
    )


def _second(turnout: Mapping[str, Turnout], name: str) -> int:
    return turnout.get(name, Turnout()).second
