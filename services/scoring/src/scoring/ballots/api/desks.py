"""Who may use the routes of votes, one transaction each."""

from dataclasses import dataclass
from typing import Annotated, Final, Protocol

from fastapi import Depends, Path

from kit.http import work_of, work_of_anyone
from scoring.ballots.api.tries import Tries
from scoring.ballots.handlers.work import Work

KEY: Final = r"^[a-z0-9][a-z0-9_.-]{0,59}$"


@dataclass(frozen=True, slots=True)
class Desk:
    work: Work
    tries: Tries


class HasBallots(Protocol):
    """What the service opens for a request; the routes of votes look at this part of it."""

    @property
    def ballots(self) -> Desk: ...


OfficeDesk = Annotated[HasBallots, Depends(work_of("office"), scope="function")]
ReadingDesk = Annotated[HasBallots, Depends(work_of("office", "leader"), scope="function")]
VoterDesk = Annotated[HasBallots, Depends(work_of_anyone(), scope="function")]
VotePath = Annotated[str, Path(pattern=KEY)]
