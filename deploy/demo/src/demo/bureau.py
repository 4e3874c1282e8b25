"""Who belongs to the demonstration bureau and which systems report about it: `data/bureau.toml` and `data/sources.toml` as values."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Final, NewType
from zoneinfo import ZoneInfo

UnitCode = NewType("UnitCode", str)
Slug = NewType("Slug", str)

UNIT_DUTIES: Final = ("contact", "deputy", "head", "discipline_officer")


def document(name: str) -> dict[str, Any]:
    return tomllib.loads(files("demo").joinpath("data", name).read_text(encoding="utf-8"))


def scheme_document() -> str:
    """The scheme as an office would write it: YAML."""
    return files("demo").joinpath("data", "scheme.yaml").read_text(encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Unit:
    code: UnitCode
    name: str
    group: str
    case_code: str
    hotline_code: str
    people: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Department:
    code: str
    name: str
    duty: str
    person: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One person with one duty; `units` are the units, or the department, where it is held: none for the whole bureau."""

    id: str
    name: str
    email: str
    duty: str
    units: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Kind:
    key: str
    name: str
    attributes: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Source:
    slug: Slug
    uri: str
    name: str
    door: str
    kinds: tuple[str, ...]
    codes: str

    def code_of(self, unit: Unit) -> str:
        """The code by which this system knows a unit."""
        return str(getattr(unit, self.codes))


@dataclass(frozen=True, slots=True, kw_only=True)
class Bureau:
    name: str
    code: str
    zone: ZoneInfo
    domain: str
    cycle: str
    first_month: str
    last_month: str
    groups: Mapping[str, str]
    head: str
    deputies: Mapping[str, tuple[str, ...]]
    units: tuple[Unit, ...]
    departments: tuple[Department, ...]

    def unit(self, code: str) -> Unit:
        return next(unit for unit in self.units if unit.code == code)

    def people(self) -> Iterator[Person]:
        """Everybody with a duty: four a unit, the departments' heads, the leaders."""
        for unit in self.units:
            for duty in UNIT_DUTIES:
                yield self._person(f"{unit.code}-{duty}".replace("_", "-"), unit.people[duty], duty, (unit.code,))
        for department in self.departments:
            held_at = (department.name,) if department.duty == "department_head" else ()
            yield self._person(f"{department.code}-head".replace("_", "-"), department.person, department.duty, held_at)
        for number, (name, units) in enumerate(self.deputies.items(), start=1):
            yield self._person(f"bureau-deputy-{number}", name, "bureau_deputy", units)
        yield self._person("bureau-head", self.head, "bureau_head", ())

    def _person(self, key: str, name: str, duty: str, units: tuple[str, ...]) -> Person:
        return Person(id=key, name=name, email=f"{key}@{self.domain}", duty=duty, units=units)


def load_bureau() -> Bureau:
    raw = document("bureau.toml")
    return Bureau(
        name=raw["name"],
        code=raw["code"],
        zone=ZoneInfo(raw["zone"]),
        domain=raw["domain"],
        cycle=raw["cycle"],
        first_month=raw["first_month"],
        last_month=raw["last_month"],
        groups=raw["groups"],
        head=raw["leaders"]["bureau_head"],
        deputies={name: tuple(units) for name, units in raw["leaders"]["bureau_deputy"].items()},
        units=tuple(Unit(**unit) for unit in raw["units"]),
        departments=tuple(Department(**department) for department in raw["departments"]),
    )


def load_kinds() -> tuple[Kind, ...]:
    return tuple(Kind(**kind) for kind in document("sources.toml")["kinds"])


def load_sources() -> tuple[Source, ...]:
    return tuple(Source(**{**source, "kinds": tuple(source["kinds"])}) for source in document("sources.toml")["sources"])
