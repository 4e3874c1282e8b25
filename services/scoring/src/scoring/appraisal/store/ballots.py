"""The appraisal and the room of votes: what a vote takes from the scheme, and the tallies that settling takes from votes."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from scoring.appraisal.domain.faults import NotFound, WrongState
from scoring.appraisal.domain.given import Given, GivenOf
from scoring.appraisal.domain.numbers import number_of
from scoring.appraisal.domain.rules import RuleOf
from scoring.appraisal.domain.rules.ballot import KIND, SCALE
from scoring.appraisal.domain.schemes import CycleKey, IndicatorKey, UnitCode
from scoring.appraisal.domain.words import Text
from scoring.appraisal.handlers.work import Judgements
from scoring.appraisal.store.registry import SqlRegistry
from scoring.appraisal.store.schemes import Shelf, SqlSchemes
from scoring.appraisal.store.scores import SqlScores
from scoring.ballots.domain.papers import Demands
from scoring.ballots.domain.votes import Terms, Vote, VoterClass


class Tallies(Protocol):
    """All that the appraisal knows of votes."""

    async def of_cycle(self, cycle: str) -> Sequence[Vote]:
        """As they were opened."""


class BallotedIndicators:
    """What votes know of the appraisal."""

    def __init__(self, session: AsyncSession, shelf: Shelf) -> None:
        self._schemes = SqlSchemes(session, shelf)
        self._registry = SqlRegistry(session)
        self._scores = SqlScores(session)

    async def terms(self, cycle: str, indicator: str) -> Terms:
        kept = await self._schemes.active(CycleKey(cycle))
        found = kept.scheme.indicator(IndicatorKey(indicator))
        if found is None:
            raise NotFound(Text(f"指标 {indicator}", f"indicator {indicator}"))
        if found.rule.kind.name != KIND.name:
            raise WrongState(Text(f"指标 {indicator} 不是民主测评指标", f"the indicator {indicator} is not judged by ballots"))
        return terms_of(found.rule)

    async def counted(self, cycle: str, candidates: Collection[str]) -> None:
        kept = await self._schemes.active(CycleKey(cycle))
        units = [unit.code for unit in await self._registry.units() if unit.code in candidates]
        await self._scores.unsettle(kept.cycle, kept.version, units)


class AllJudgements:
    """Marks, tallies and claims together; where somebody set points by hand, that stands before any tally."""

    def __init__(self, marks: Judgements, tallies: Tallies, claims: Judgements) -> None:
        self._marks = marks
        self._tallies = tallies
        self._claims = claims

    async def given(self, cycle: CycleKey, units: Collection[UnitCode]) -> Mapping[UnitCode, GivenOf]:
        found: dict[UnitCode, dict[IndicatorKey, Given]] = defaultdict(dict)
        for vote in await self._tallies.of_cycle(cycle):
            voted_on = frozenset(units) & frozenset(map(UnitCode, vote.keys)) if vote.result else frozenset()
            for unit in voted_on:
                found[unit] |= {IndicatorKey(indicator): given_by(vote, unit) for indicator in vote.indicators}
        for unit, marks in (await self._marks.given(cycle, units)).items():
            found[unit].update(marks)
        for unit, claims in (await self._claims.given(cycle, units)).items():
            found[unit].update(claims)  # a bonus or a deduction by claims is never marked or voted on
        return found


def terms_of(rule: RuleOf) -> Terms:
    """A ballot's rule as votes take it."""
    return Terms(
        classes={name: _class(stated) for name, stated in rule.parameters["classes"].items()},
        scale={mark: number_of(value) for mark, value in rule.parameters.get("scale", SCALE).items()},
    )


def given_by(vote: Vote, unit: str) -> Given:
    """What a closed vote gave to a unit: counts by class and mark, no paper."""
    if vote.result is None:
        raise ValueError(vote.key)
    tally = {name: dict(counts) for name, counts in vote.result.tally_of(unit).items()}
    source = {"vote": vote.key, "closed_at": None if vote.ended_at is None else vote.ended_at.isoformat(), "least": vote.least}
    return Given({"tally": tally, "invalid": dict(vote.result.invalid)}, {"ballots": source})


def _class(stated: Mapping[str, Any]) -> VoterClass:
    demands = Demands(
        reject_uniform=stated.get("reject_uniform", False),
        quota={mark: int(most) for mark, most in stated.get("quota", {}).items()},
    )
    return VoterClass(number_of(stated["weight"]), demands)
