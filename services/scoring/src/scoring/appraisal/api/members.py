"""Leadership teams over HTTP; a member's points are as confidential as the unit's."""

from datetime import date

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from scoring.appraisal.api.desks import Configurer, Judge, KeyPath, MemberReader, SubjectPath
from scoring.appraisal.domain.members import Member, MemberKey
from scoring.appraisal.domain.numbers import written
from scoring.appraisal.domain.schemes import CycleKey, UnitCode
from scoring.appraisal.handlers import members as handlers

router = APIRouter(tags=["members 班子成员"])


class MemberBody(BaseModel):
    """`from` and `until` are the first and the last day of service; whoever served in a month of the cycle is judged."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"name": "桑怀瑾", "from": "2025-01-01", "until": None}]}, populate_by_name=True
    )

    name: str = Field(min_length=1, max_length=200)
    since: date = Field(alias="from")
    until: date | None = None


class MemberView(MemberBody):
    unit: str
    key: str


class MemberResultView(BaseModel):
    """`points` by indicator, of those that judge members and for which all of them were marked."""

    member: str
    name: str
    points: dict[str, str]


@router.put("/units/{code}/members/{key}")
async def put_member(code: KeyPath, key: SubjectPath, body: MemberBody, desk: Configurer) -> MemberView:
    """Register or change a member of a unit's leadership team; `key` is the person's subject where the person uses the platform."""
    member = Member(unit=UnitCode(code), key=MemberKey(key), name=body.name, since=body.since, until=body.until)
    return _view(await handlers.put_member(member, work=desk.work))


@router.get("/units/{code}/members")
async def members(code: KeyPath, desk: MemberReader) -> list[MemberView]:
    """The team, those who left it too; no points."""
    return [_view(member) for member in await handlers.members_of(UnitCode(code), work=desk.work)]


@router.get("/members/{cycle}/{unit}")
async def results(cycle: KeyPath, unit: KeyPath, desk: Judge) -> list[MemberResultView]:
    """Each member's own points, indicator by indicator."""
    kept, found = await handlers.results_of(CycleKey(cycle), UnitCode(unit), work=desk.work)
    places = kept.scheme.rounding.places
    return [
        MemberResultView(member=member.key, name=member.name, points={key: written(value, places) for key, value in points.items()})
        for member, points in found
    ]


def _view(member: Member) -> MemberView:
    return MemberView(unit=member.unit, key=member.key, name=member.name, since=member.since, until=member.until)
