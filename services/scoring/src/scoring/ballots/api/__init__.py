"""The routes of votes; the service mounts `ROUTERS` and tells `PROBLEMS`."""

from typing import Final

from kit.errors import Problem, Problems
from scoring.ballots.api import office, voters
from scoring.ballots.domain import refusals

ROUTERS: Final = (office.router, voters.router)
PROBLEMS: Final[Problems] = {
    refusals.NoSuchVote: Problem(404, "no-such-vote"),
    refusals.NoSuchCode: Problem(422, "no-such-code"),
    refusals.Mistyped: Problem(422, "code-mistyped"),
    refusals.NotFit: Problem(422, "vote-not-fit"),
    refusals.NotPossible: Problem(409, "not-possible-now"),
    refusals.PaperIncomplete: Problem(422, "ballot-incomplete"),
    refusals.CodeUsed: Problem(409, "code-used"),
    refusals.NotTheKey: Problem(422, "not-the-key"),
    refusals.TooManyTries: Problem(429, "too-many-tries"),
}
