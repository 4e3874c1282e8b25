"""What handlers of claims need: the claims themselves, and which pieces of evidence are accepted."""

from collections.abc import Collection, Sequence
from typing import Protocol

from scoring.appraisal.domain.claims import Claim, ClaimId, Proven
from scoring.appraisal.domain.schemes import CycleKey, IndicatorKey, UnitCode


class Claims(Protocol):
    async def next_number(self, cycle: CycleKey) -> int:
        """Nobody else gets a number of this cycle until the transaction ends."""

    async def add(self, claim: Claim) -> None: ...

    async def held(self, claim: ClaimId) -> Claim:
        """Locked until the transaction ends; raises `NotFound`."""

    async def write(self, claim: Claim) -> None: ...

    async def proven(self, claim: Claim) -> Proven:
        """With the evidence that is accepted and stays so until the transaction ends."""

    async def of(
        self, cycle: CycleKey, *, units: Collection[UnitCode] | None, indicators: Collection[IndicatorKey] | None
    ) -> Sequence[Proven]:
        """By number; of these units and these indicators, none given meaning all."""

    async def citing(self, evidence: str) -> Sequence[tuple[CycleKey, UnitCode]]:
        """The units, by cycle, of all claims that name this piece of evidence."""


class Proofs(Protocol):
    """Revisions of evidence that were accepted; a damaged one proves nothing, whatever is said of it later."""

    async def accept(self, evidence: str, revision: int, *, unit: UnitCode | None, sha256: str) -> None: ...

    async def spoil(self, evidence: str, revision: int, *, sha256: str) -> None: ...
