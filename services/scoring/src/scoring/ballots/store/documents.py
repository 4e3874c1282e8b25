"""Votes and results as JSON values, and back; fractions are texts."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from sqlalchemy import Row

from scoring.ballots.domain.papers import Demands
from scoring.ballots.domain.votes import Candidate, Result, State, Terms, Turnout, Vote, VoterClass


def document_of(vote: Vote) -> Mapping[str, Any]:
    return {
        "indicators": list(vote.indicators),
        "candidates": [[candidate.key, candidate.name] for candidate in vote.candidates],
        "classes": {
            name: {"weight": str(one.weight), "reject_uniform": one.demands.reject_uniform, "quota": dict(one.demands.quota)}
            for name, one in vote.terms.classes.items()
        },
        "scale": {mark: str(value) for mark, value in vote.terms.scale.items()},
        "least": vote.least,
    }


def result_document(result: Result | None) -> Mapping[str, Any] | None:
    """In one order whatever was cast when."""
    if result is None:
        return None
    return {
        "tally": {
            name: {candidate: dict(sorted(counts.items())) for candidate, counts in sorted(marks.items())}
            for name, marks in sorted(result.tally.items())
        },
        "invalid": dict(result.invalid),
        "turnout": {name: [one.issued, one.cast, one.second] for name, one in sorted(result.turnout.items())},
    }


def vote_of(row: Row[Any]) -> Vote:
    stated = row.document
    return Vote(
        key=row.key,
        cycle=row.cycle,
        title=row.title,
        indicators=tuple(stated["indicators"]),
        candidates=tuple(Candidate(key, name) for key, name in stated["candidates"]),
        terms=Terms(
            classes={name: _class(one) for name, one in stated["classes"].items()},
            scale={mark: Fraction(value) for mark, value in stated["scale"].items()},
        ),
        least=stated["least"],
        closes_at=row.closes_at,
        lock=row.lock,
        secret=row.secret,
        opened_by=row.opened_by,
        opened_at=row.opened_at,
        state=State(row.state),
        ended_by=row.ended_by,
        ended_at=row.ended_at,
        reason=row.reason,
        result=None if row.result is None else _result(row.result),
    )


def _class(stated: Mapping[str, Any]) -> VoterClass:
    return VoterClass(Fraction(stated["weight"]), Demands(reject_uniform=stated["reject_uniform"], quota=stated["quota"]))


def _result(stated: Mapping[str, Any]) -> Result:
    return Result(
        tally=stated["tally"],
        invalid=stated["invalid"],
        turnout={name: Turnout(*counts) for name, counts in stated["turnout"].items()},
    )
