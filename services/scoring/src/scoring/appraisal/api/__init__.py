"""HTTP in, command out: the routes of the appraisal, and how its refusals are told."""

from typing import Final

from fastapi import APIRouter

from kit.errors import Problem, Problems
from scoring.appraisal.api import (
    adjustments,
    appointments,
    claims,
    confirmations,
    marks,
    measures,
    members,
    overrides,
    periods,
    registry,
    schemes,
    scores,
    statements,
    traces,
    trials,
)
from scoring.appraisal.domain.faults import (
    ClaimRefused,
    Conflict,
    EntriesRefused,
    InputRefused,
    MarkRefused,
    NotAllowed,
    NotFound,
    SchemeRefused,
    WrongState,
)

ROUTERS: Final[tuple[APIRouter, ...]] = (
    registry.router,
    schemes.router,
    trials.router,
    appointments.router,
    marks.router,
    members.router,
    overrides.router,
    scores.router,
    traces.router,
    measures.router,
    confirmations.router,
    adjustments.router,
    statements.router,
    claims.router,
    periods.router,
)

PROBLEMS: Final[Problems] = {
    SchemeRefused: Problem(422, "scheme-refused"),
    InputRefused: Problem(422, "input-refused"),
    EntriesRefused: Problem(422, "entries-refused"),
    MarkRefused: Problem(422, "mark-refused"),
    NotAllowed: Problem(403, "not-allowed"),
    NotFound: Problem(404, "not-found"),
    ClaimRefused: Problem(422, "claim-refused"),
    WrongState: Problem(409, "wrong-state"),
    Conflict: Problem(409, "conflict"),
}
