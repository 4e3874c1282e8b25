"""People, their duties and the units' names, in PostgreSQL."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, timedelta

from sqlalchemy import ColumnElement, Row, and_, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import aggregate_order_by, insert
from sqlalchemy.ext.asyncio import AsyncSession

from notification.domain.errors import NoSuchPerson
from notification.domain.people import Duty, Holding, Person, PersonId, UnitCode
from notification.store.tables import holding, person, unit

DAY = timedelta(days=1)


class SqlPeople:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def holding(self, duties: Collection[Duty], *, on: date) -> Sequence[Person]:
        return await select_people(self._session, holding.c.duty.in_(duties), held(on))

    async def by_id(self, wanted: PersonId) -> Person:
        found = await select_people(self._session, person.c.id == wanted)
        if not found:
            raise NoSuchPerson(wanted)
        return found[0]

    async def put(self, people: Sequence[Person]) -> None:
        for one in sorted(people, key=lambda one: one.id):  # a fixed order: two imports at once cannot lock each other out
            made = insert(person).values(id=one.id, name=one.name, email=one.email)
            await self._session.execute(made.on_conflict_do_update(index_elements=["id"], set_={"name": one.name, "email": one.email}))
            await self._session.execute(delete(holding).where(holding.c.person == one.id))
            if one.duties:
                rows = [{"person": one.id, "duty": d.duty, "unit": d.unit, "from_on": d.from_on, "to_on": d.to_on} for d in one.duties]
                await self._session.execute(insert(holding), rows)

    async def retire(self, wanted: PersonId, *, on: date) -> None:
        forgotten = update(person).where(person.c.id == wanted).values(email=None).returning(person.c.id)
        if (await self._session.execute(forgotten)).first() is None:
            raise NoSuchPerson(wanted)
        await self._session.execute(delete(holding).where(holding.c.person == wanted, holding.c.from_on >= on))
        ended = update(holding).where(holding.c.person == wanted, or_(holding.c.to_on.is_(None), holding.c.to_on >= on))
        await self._session.execute(ended.values(to_on=on - DAY))


async def select_people(session: AsyncSession, *conditions: ColumnElement[bool]) -> Sequence[Person]:
    """By id, each with those duties that meet the conditions."""
    duty = func.json_build_object("duty", holding.c.duty, "unit", holding.c.unit, "from_on", holding.c.from_on, "to_on", holding.c.to_on)
    duties = func.json_agg(aggregate_order_by(duty, holding.c.id)).filter(holding.c.id.is_not(None))
    found = select(person, duties.label("duties")).outerjoin(holding).where(*conditions).group_by(person.c.id).order_by(person.c.id)
    return [_person(row) for row in await session.execute(found)]


def held(on: date) -> ColumnElement[bool]:
    return and_(holding.c.from_on <= on, or_(holding.c.to_on.is_(None), holding.c.to_on >= on))


def _person(row: Row[tuple[object, ...]]) -> Person:
    return Person(id=row.id, name=row.name, email=row.email, duties=tuple(_holdings(row.duties or [])))


def _holdings(found: Iterable[dict[str, str | None]]) -> Iterable[Holding]:
    for one in found:
        ends = one["to_on"]
        place = one["unit"]
        yield Holding(
            duty=Duty(str(one["duty"])),
            unit=UnitCode(place) if place else None,
            from_on=date.fromisoformat(str(one["from_on"])),
            to_on=date.fromisoformat(ends) if ends else None,
        )


class SqlUnits:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def put(self, code: UnitCode, name: str) -> None:
        made = insert(unit).values(code=code, name=name)
        await self._session.execute(made.on_conflict_do_update(index_elements=["code"], set_={"name": name}))

    async def name_of(self, code: UnitCode) -> str:
        found = await self._session.execute(select(unit.c.name).where(unit.c.code == code))
        return found.scalar() or code
