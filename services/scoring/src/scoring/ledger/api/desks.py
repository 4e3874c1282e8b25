"""Who may use the ledger's routes: one transaction each, committed before the answer is sent."""

from typing import Annotated

from fastapi import Depends

from kit.http import work_of
from scoring.ledger.handlers.work import HasLedger

OfficeWork = Annotated[HasLedger, Depends(work_of("admin", "office"), scope="function")]
LookingWork = Annotated[HasLedger, Depends(work_of("admin", "office", "assessor", "leader"), scope="function")]
FeedWork = Annotated[HasLedger, Depends(work_of("feed", "admin", "office"), scope="function")]
