"""Who may use the ledger's routes, one transaction each, committed before the answer is sent; and what PostgreSQL can look for."""

from typing import Annotated, Final

from fastapi import Depends, Path
from pydantic import Field, StringConstraints

from kit.http import work_of
from scoring.ledger.handlers.work import HasLedger

OfficeWork = Annotated[HasLedger, Depends(work_of("admin", "office"), scope="function")]
LookingWork = Annotated[HasLedger, Depends(work_of("admin", "office", "assessor", "leader"), scope="function")]
FeedWork = Annotated[HasLedger, Depends(work_of("feed", "admin", "office"), scope="function")]

LARGEST: Final = 2**63 - 1  # PostgreSQL's bigint
VISIBLE: Final = r"^[^\x00-\x1f]{1,500}$"

Word = Annotated[str, StringConstraints(pattern=VISIBLE)]
Name = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f]{1,200}$")]
PathWord = Annotated[str, Path(pattern=r"^[^\x00]{1,500}$")]
Number = Annotated[int, Field(ge=0, le=LARGEST)]
MessageNumber = Annotated[int, Path(ge=0, le=LARGEST)]
