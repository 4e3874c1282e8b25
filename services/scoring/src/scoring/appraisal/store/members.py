"""Members of leadership teams in PostgreSQL."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from scoring.appraisal.domain.members import Member, MemberKey
from scoring.appraisal.domain.schemes import UnitCode
from scoring.appraisal.store.tables import members


class SqlMembers:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def put(self, member: Member) -> None:
        values = {"name": member.name, "since": member.since, "until": member.until}
        made = insert(members).values(unit=member.unit, key=member.key, **values)
        await self._session.execute(made.on_conflict_do_update(index_elements=[members.c.unit, members.c.key], set_=values))

    async def of(self, units: Collection[UnitCode] | None) -> Mapping[UnitCode, Sequence[Member]]:
        wanted = select(members).order_by(members.c.unit, members.c.key)
        found: dict[UnitCode, list[Member]] = defaultdict(list)
        for row in await self._session.execute(wanted if units is None else wanted.where(members.c.unit.in_(units))):
            unit = UnitCode(row.unit)
            found[unit].append(Member(unit=unit, key=MemberKey(row.key), name=row.name, since=row.since, until=row.until))
        return found
