"""Who may do what: the roles of the routes, each with the request's transaction."""

from typing import Annotated

from fastapi import Depends

from kit.http import work_of
from notification.handlers.work import Desk

OfficeDesk = Annotated[Desk, Depends(work_of("office"), scope="function")]
KeepersDesk = Annotated[Desk, Depends(work_of("admin", "office"), scope="function")]  # who keeps the list of people
PersonsDesk = Annotated[Desk, Depends(work_of("admin", "office", "assessor", "unit", "leader"), scope="function")]
