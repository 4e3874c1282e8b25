"""Units, groups and cycles over HTTP."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from scoring.appraisal.api.desks import KEY, MONTH, Anybody, Configurer, KeyPath
from scoring.appraisal.domain.inputs import Month
from scoring.appraisal.domain.schemes import Cycle, CycleKey, Group, GroupKey, Unit, UnitCode
from scoring.appraisal.handlers import registry as handlers

router = APIRouter(tags=["units, groups, cycles 单位、分组、周期"])

Name = Annotated[str, Field(min_length=1, max_length=200)]


class GroupBody(BaseModel):
    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "甲组 分局"}]})

    name: Name


class UnitBody(BaseModel):
    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "望澜分局", "group": "branches"}]})

    name: Name
    group: str = Field(pattern=KEY)


class CycleBody(BaseModel):
    """Whole months, both included; a cycle may run from December to November."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "2026 年度", "start": "2026-01", "end": "2026-12"}]})

    name: Name
    start: str = Field(pattern=MONTH)
    end: str = Field(pattern=MONTH)


class GroupView(GroupBody):
    key: str


class UnitView(UnitBody):
    code: str


class CycleView(CycleBody):
    key: str


@router.put("/groups/{key}")
async def put_group(key: KeyPath, body: GroupBody, desk: Configurer) -> GroupView:
    """Register or rename a peer group: units are compared only inside their group."""
    await handlers.put_group(Group(key=GroupKey(key), name=body.name), registry=desk.work.registry)
    return GroupView(key=key, name=body.name)


@router.get("/groups")
async def groups(desk: Anybody) -> list[GroupView]:
    """All peer groups, in the order in which they were registered."""
    return [GroupView(key=group.key, name=group.name) for group in await desk.work.registry.groups()]


@router.put("/units/{code}")
async def put_unit(code: KeyPath, body: UnitBody, desk: Configurer) -> UnitView:
    """Register or rename an appraised unit, or move it to another group; other services learn it by an event."""
    unit = Unit(code=UnitCode(code), name=body.name, group=GroupKey(body.group))
    await handlers.put_unit(unit, work=desk.work)
    return UnitView(code=code, name=body.name, group=body.group)


@router.get("/units")
async def units(desk: Anybody) -> list[UnitView]:
    """All appraised units."""
    return [UnitView(code=unit.code, name=unit.name, group=unit.group) for unit in await desk.work.registry.units()]


@router.put("/cycles/{key}")
async def put_cycle(key: KeyPath, body: CycleBody, desk: Configurer) -> CycleView:
    """Register a cycle; its months are fixed once a scheme of it is active."""
    cycle = Cycle(key=CycleKey(key), name=body.name, start=Month(body.start), end=Month(body.end))
    await handlers.put_cycle(cycle, registry=desk.work.registry, schemes=desk.work.schemes)
    return CycleView(key=key, **body.model_dump())


@router.get("/cycles")
async def cycles(desk: Anybody) -> list[CycleView]:
    """All cycles."""
    found = await desk.work.registry.cycles()
    return [CycleView(key=cycle.key, name=cycle.name, start=cycle.start, end=cycle.end) for cycle in found]
