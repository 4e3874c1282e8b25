"""Who may open which desk: one transaction of the caller's, committed before the answer is sent."""

from typing import Annotated, Any, Final, Protocol

from fastapi import Depends, Path, Query

from kit.auth import Role
from kit.http import work_of
from scoring.appraisal.domain.faults import NotAllowed
from scoring.appraisal.domain.schemes import UnitCode
from scoring.appraisal.domain.words import Text
from scoring.appraisal.handlers.work import Desk

KEY: Final = r"^[a-z0-9][a-z0-9_.-]{0,59}$"
SUBJECT: Final = r"^[^/\s]{1,200}$"
MONTH: Final = r"^[0-9]{4}-(0[1-9]|1[0-2])$"
NO_NULLS: Final = r"^[^\x00]+$"  # PostgreSQL's text holds none
LARGEST: Final = 2**63 - 1  # PostgreSQL's bigint
MOST_ROWS: Final = 100
MOST_VERSIONS: Final = 1_000_000  # a number that PostgreSQL can look for


class Desks(Protocol):
    """What the service opens for a request: a desk in each of its rooms."""

    @property
    def appraisal(self) -> Desk: ...


def desk_of(*roles: Role) -> Any:  # noqa: ANN401 - what FastAPI's own Depends gives
    """The appraisal's desk for a caller of these roles, in one transaction that is committed before the answer is sent."""

    def desk(desks: Annotated[Desks, Depends(work_of(*roles), scope="function")]) -> Desk:
        return desks.appraisal

    return Depends(desk)


Anybody = Annotated[Desk, desk_of("admin", "office", "assessor", "unit", "leader")]
Configurer = Annotated[Desk, desk_of("admin", "office")]
Marker = Annotated[Desk, desk_of("assessor")]
MarkReader = Annotated[Desk, desk_of("assessor", "office", "leader")]
Confirmer = Annotated[Desk, desk_of("assessor", "office")]
Leader = Annotated[Desk, desk_of("leader")]
Judge = Annotated[Desk, desk_of("office", "leader")]
FigureReader = Annotated[Desk, desk_of("unit", "assessor", "office", "leader")]
Office = Annotated[Desk, desk_of("office")]
Applicant = Annotated[Desk, desk_of("unit", "assessor", "office")]
OwnUnit = Annotated[Desk, desk_of("unit")]
OwnReader = Annotated[Desk, desk_of("unit", "office", "leader")]
MemberReader = Annotated[Desk, desk_of("admin", "office", "assessor", "leader")]
Watcher = Annotated[Desk, desk_of("admin", "office", "leader")]

KeyPath = Annotated[str, Path(pattern=KEY)]
LineNumber = Annotated[int, Path(ge=1, le=LARGEST)]
RecordPath = Annotated[str, Path(pattern=NO_NULLS, max_length=500)]
SubjectPath = Annotated[str, Path(pattern=SUBJECT, description="the person's subject at the identity provider")]
After = Annotated[str | None, Query(description="`after` of the page before", max_length=1200)]
Limit = Annotated[int, Query(ge=1, le=MOST_ROWS)]


def sees_all_figures(desk: Desk) -> bool:
    """The office, leaders, and assessors whose claim names no units."""
    roles = desk.caller.roles
    return bool(roles & {"office", "leader"}) or ("assessor" in roles and "unit" not in roles and not desk.caller.units)


def within_scope(desk: Desk, unit: UnitCode) -> UnitCode:
    """The unit, if the caller may read its figures; raises `NotAllowed`."""
    if sees_all_figures(desk) or unit in desk.caller.units:
        return unit
    raise NotAllowed(Text("只能查看本单位的数据", "you may see the figures of your own unit only"))


def sees_claims_of(desk: Desk, unit: UnitCode) -> UnitCode:
    """The unit, if it is the caller's own, or the caller judges units; of which indicators is the handler's business."""
    return unit if desk.caller.roles & {"office", "leader", "assessor"} else own_unit(desk, unit)


def own_unit(desk: Desk, unit: UnitCode) -> UnitCode:
    """The unit, if the caller acts for it; raises `NotAllowed`."""
    if "unit" in desk.caller.roles and unit in desk.caller.units:
        return unit
    raise NotAllowed(Text("只能办理本单位的事项", "you may act for your own unit only"))


def readable_unit(desk: Desk, unit: UnitCode) -> UnitCode:
    """The unit, if it is the caller's own or the caller is of the office or a leader; raises `NotAllowed`."""
    return unit if desk.caller.roles & {"office", "leader"} else own_unit(desk, unit)
