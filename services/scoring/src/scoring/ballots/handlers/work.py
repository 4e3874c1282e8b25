"""What the handlers of votes need, and the bundle of it for one transaction."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from kit.auth import Principal
from kit.clock import Clock
from scoring.ballots.domain.codes import Digest
from scoring.ballots.domain.votes import Result, State, Terms, Turnout, Vote


@dataclass(frozen=True, slots=True)
class Burnt:
    """A code that was found: its class, and whether this was its first use."""

    voter_class: str
    is_first: bool


class Votes(Protocol):
    async def add(self, vote: Vote) -> None:
        """Raises `NotPossible` where the key is taken."""

    async def vote(self, key: str) -> Vote:
        """Raises `NoSuchVote`."""

    async def held(self, key: str) -> Vote:
        """Nobody ends it before this transaction does; casting does not wait for casting."""

    async def locked(self, key: str) -> Vote:
        """For whoever ends it or hands out codes: waits for papers that are being cast."""

    async def of_cycle(self, cycle: str) -> Sequence[Vote]: ...

    async def turnout(self, key: str) -> Mapping[str, Turnout]: ...

    async def issue(self, key: str, voter_class: str, digests: Collection[Digest], *, by: str, at: datetime) -> None:
        """Raises `NotPossible` for a class that has its codes."""

    async def burn(self, key: str, digest: Digest) -> Burnt | None: ...

    async def drop_in(self, key: str, voter_class: str, sealed: bytes) -> None: ...

    async def count_second(self, key: str, voter_class: str) -> None: ...

    async def papers(self, key: str) -> Sequence[tuple[str, bytes]]:
        """Class and sealed paper, in no order that means anything."""

    async def end(self, key: str, state: State, *, by: str, at: datetime, reason: str | None = None, result: Result | None = None) -> None:
        """Codes, papers and the secret are gone with this transaction."""


class Indicators(Protocol):
    """What votes have to know of the scheme, and tell to whoever settles."""

    async def terms(self, cycle: str, indicator: str) -> Terms:
        """Of an indicator that is balloted under the scheme in force; refuses any other."""

    async def counted(self, cycle: str, candidates: Collection[str]) -> None:
        """Those of them who are units have to be settled again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """Everything that one transaction of this room works with."""

    votes: Votes
    indicators: Indicators
    clock: Clock
    caller: Principal
