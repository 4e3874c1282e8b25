"""The first day: units, people, systems and the scheme are registered, over HTTP as anywhere."""

import asyncio
from typing import Any, Final

from demo.callers import Refusal
from tests.faults.processes.bureau import Bureau
from tests.faults.processes.world import ADMIN, CYCLE, GROUPS, KINDS, OFFICE, SCHEME, SOURCES, UNITS, VERIFIER, ZONE, people

AGAIN_AFTER: Final = 0.2


async def register(bureau: Bureau) -> None:
    for group, units in GROUPS.items():
        await _put(bureau, f"groups/{group}", {"name": group})
        for unit in units:
            await _put(bureau, f"units/{unit}", {"name": unit, "group": group})
    await _put(bureau, f"cycles/{CYCLE}", {"name": CYCLE, "start": f"{CYCLE}-01", "end": f"{CYCLE}-12"})
    await bureau.callers.post(ADMIN, f"{bureau.url('notification')}/people/import", {"people": people()})
    for kind, attributes in KINDS.items():
        await _put(bureau, f"kinds/{kind}", {"name": kind, "attributes": attributes})
    for source in SOURCES:
        await _put(bureau, f"sources/{source.slug}", {"uri": source.uri, "name": source.slug, "zone": ZONE})
        await _put(bureau, f"sources/{source.slug}/aliases", {"aliases": {source.code_of(unit): unit for unit in UNITS}})
    await _activate(bureau)
    appointed = {"name": "核查员", "trained_on": f"{CYCLE}-01-15", "indicators": ["report"]}
    await bureau.callers.put(OFFICE, f"{bureau.url('scoring')}/assessors/{CYCLE}/{VERIFIER.subject}", appointed)


async def _activate(bureau: Bureau) -> None:
    schemes, yaml = f"{bureau.url('scoring')}/schemes", {"content-type": "application/yaml"}
    made = await bureau.callers.call(OFFICE, "POST", schemes, content=SCHEME.encode(), headers=yaml)
    await bureau.callers.post(OFFICE, f"{schemes}/{CYCLE}/{made.json()['version']}/activate")


async def _put(bureau: Bureau, path: str, body: dict[str, Any]) -> None:
    """Once more while the platform is still counting what the change before made it count."""
    while True:
        try:
            return await bureau.callers.put(ADMIN, f"{bureau.url('scoring')}/{path}", body)
        except Refusal as refusal:
            if "counting-under-way" not in refusal.type:
                raise
            await asyncio.sleep(AGAIN_AFTER)
