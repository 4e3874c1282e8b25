"""People and their duties (人员与职务)."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Path, status
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from notification.api.desks import KeepersDesk
from notification.domain.people import Duty, Holding, Person, PersonId, UnitCode, address
from notification.handlers import asking

router = APIRouter(tags=["people"])

MOST_AT_ONCE = 2_000  # people in one import: one transaction
Ident = Annotated[str, Field(pattern=r"^[A-Za-z0-9._@-]{1,100}$", description="the subject of the person's token")]
Code = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f]{1,100}$")]  # what PostgreSQL can look for
IdentPath = Annotated[str, Path(pattern=r"^[A-Za-z0-9._@-]{1,100}$", description="the subject of the person's token")]


class DutyBody(BaseModel):
    """A duty from one day to another, both included; bureau-wide duties name no unit."""

    duty: Duty
    unit: Code | None = None
    from_on: date
    to_on: date | None = None

    def holding(self) -> Holding:
        return Holding(duty=self.duty, unit=UnitCode(self.unit) if self.unit else None, from_on=self.from_on, to_on=self.to_on)


class PersonBody(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": "沈望澜",
                    "email": "shen@wanglan.example.org",
                    "duties": [{"duty": "contact", "unit": "wanglan", "from_on": "2026-01-01"}],
                }
            ]
        }
    )

    name: str = Field(max_length=200)
    email: str | None = Field(default=None, max_length=254)
    duties: list[DutyBody] = Field(default_factory=list, max_length=50)

    def person(self, ident: str) -> Person:
        email = address(self.email) if self.email is not None else None
        return Person(id=PersonId(ident), name=self.name, email=email, duties=tuple(duty.holding() for duty in self.duties))


class PersonEntry(PersonBody):
    id: Ident

    @classmethod
    def of(cls, person: Person) -> "PersonEntry":
        duties = [DutyBody(duty=d.duty, unit=d.unit, from_on=d.from_on, to_on=d.to_on) for d in person.duties]
        return cls(id=person.id, name=person.name, email=person.email, duties=duties)


class PeopleBody(BaseModel):
    people: list[PersonEntry] = Field(max_length=MOST_AT_ONCE)


class PeopleAnswer(BaseModel):
    people: list[PersonEntry]


class ImportAnswer(BaseModel):
    imported: int


@router.get("/people")
async def list_people(desk: KeepersDesk, unit: Code | None = None, duty: Duty | None = None, on: date | None = None) -> PeopleAnswer:
    """Everybody, by id; with `unit` or `duty` those who hold one on the day `on` (today, unless given)."""
    found = await desk.archive.people(UnitCode(unit) if unit else None, duty, on=on or desk.work.today())
    return PeopleAnswer(people=[PersonEntry.of(person) for person in found])


@router.post("/people/import")
async def import_people(body: PeopleBody, desk: KeepersDesk) -> ImportAnswer:
    """Make all of them known, or none; who is known already is replaced whole. Repeating an import changes nothing."""
    await asking.put_people([entry.person(entry.id) for entry in body.people], desk.work)
    return ImportAnswer(imported=len(body.people))


@router.get("/people/{person}")
async def show_person(person: IdentPath, desk: KeepersDesk) -> PersonEntry:
    """One person with all duties, past ones too."""
    return PersonEntry.of(await desk.work.people.by_id(PersonId(person)))


@router.put("/people/{person}", status_code=status.HTTP_204_NO_CONTENT)
async def put_person(person: IdentPath, body: PersonBody, desk: KeepersDesk) -> None:
    """Make the person known, or replace name, address and all duties."""
    await asking.put_people([body.person(person)], desk.work)


@router.delete("/people/{person}", status_code=status.HTTP_204_NO_CONTENT)
async def retire_person(person: IdentPath, desk: KeepersDesk) -> None:
    """The person leaves: duties ended yesterday, the address is forgotten; what was told stays on record."""
    await asking.retire(PersonId(person), desk.work)
