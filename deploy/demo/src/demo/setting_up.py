"""The first day's work: units, people, kinds, sources, aliases and the scheme are registered. Doing it again changes nothing."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from demo.bureau import Bureau, Kind, Person, Source
from demo.callers import Callers, Refusal, Who
from demo.roles import ADMIN, OFFICE, marker_of

IN_OFFICE_FROM: Final = date(2025, 1, 1)
TRAINED_ON: Final = date(2025, 12, 22)  # before the cycle begins
AGAIN_AFTER: Final = 0.2  # seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Registers:
    """Where things are registered."""

    callers: Callers
    scoring: str
    notification: str

    async def set_up(self, bureau: Bureau, *, kinds: tuple[Kind, ...], sources: tuple[Source, ...], scheme: str) -> None:
        await self._units(bureau)
        await self._people(bureau)
        for kind in kinds:
            await self._put(f"/v1/kinds/{kind.key}", {"name": kind.name, "attributes": dict(kind.attributes)})
        for source in sources:
            await self._put(f"/v1/sources/{source.slug}", {"uri": source.uri, "name": source.name, "zone": bureau.zone.key})
            await self._put(f"/v1/sources/{source.slug}/aliases", {"aliases": _aliases(source, bureau)})
        await self._scheme(bureau.cycle, scheme)

    async def appoint(self, bureau: Bureau) -> None:
        """Who marks the indicators that people mark: the heads of their departments."""
        indicators = await self.callers.get(OFFICE, f"{self.scoring}/v1/indicators/{bureau.cycle}")
        marks: dict[Who, set[str]] = defaultdict(set)
        for each in indicators:
            if each["is_marked"]:
                marks[marker_of(each["department"], bureau.departments)].add(each["department"])
        names = {person.id: person.name for person in bureau.people()}
        for who, departments in marks.items():
            body = {"name": names[who.subject], "trained_on": str(TRAINED_ON), "departments": sorted(departments)}
            await self.callers.put(OFFICE, f"{self.scoring}/v1/assessors/{bureau.cycle}/{who.subject}", body)

    async def _put(self, path: str, body: Mapping[str, Any]) -> None:
        """Once more while the platform is still counting what the change before made it count."""
        while True:
            try:
                return await self.callers.put(ADMIN, f"{self.scoring}{path}", body)
            except Refusal as refusal:
                if "counting-under-way" not in refusal.type:
                    raise
                await asyncio.sleep(AGAIN_AFTER)

    async def _units(self, bureau: Bureau) -> None:
        for key, name in bureau.groups.items():
            await self._put(f"/v1/groups/{key}", {"name": name})
        for unit in bureau.units:
            await self._put(f"/v1/units/{unit.code}", {"name": unit.name, "group": unit.group})
        await self._put(
            f"/v1/cycles/{bureau.cycle}", {"name": f"{bureau.cycle} 年度", "start": bureau.first_month, "end": bureau.last_month}
        )

    async def _people(self, bureau: Bureau) -> None:
        entries = [_entry(person) for person in bureau.people()]
        await self.callers.post(ADMIN, f"{self.notification}/v1/people/import", {"people": entries})

    async def _scheme(self, cycle: str, text: str) -> None:
        """Kept and activated, unless one is active already; a draft of a start that broke off is used."""
        schemes = f"{self.scoring}/v1/schemes"
        known = await self.callers.get(OFFICE, f"{schemes}/{cycle}")
        if any(each["state"] == "active" for each in known):
            return
        version = known[-1]["version"] if known else await self._draft(schemes, text)
        await self.callers.post(OFFICE, f"{schemes}/{cycle}/{version}/activate")

    async def _draft(self, schemes: str, text: str) -> int:
        made = await self.callers.call(OFFICE, "POST", schemes, content=text.encode(), headers={"content-type": "application/yaml"})
        version: int = made.json()["version"]
        return version


def _aliases(source: Source, bureau: Bureau) -> dict[str, str]:
    return {source.code_of(unit): unit.code for unit in bureau.units}


def _entry(person: Person) -> dict[str, Any]:
    held = [{"duty": person.duty, "unit": unit, "from_on": str(IN_OFFICE_FROM)} for unit in person.units or (None,)]
    return {"id": person.id, "name": person.name, "email": person.email, "duties": held}
