"""Loading a data set: its source, kind and cycle are registered, its files collected, its units named, its scheme activated."""

import asyncio
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

from demo.real.datasets import Dataset
from demo.real.platform import Platform, Refusal

LOOK_EVERY: Final = 1.0  # seconds
PATIENCE: Final = 1800.0  # seconds until every fact is counted: the largest set has half a million
QUIET_LOOKS: Final = 3  # looks in a row without anything waiting: then nothing is on its way either

DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")  # in a register's name

Tell = Callable[[str], None]


async def load(dataset: Dataset, data: Path, *, platform: Platform, tell: Tell) -> dict[str, Any]:
    """The standings of the cycle. Done again it changes nothing: same facts, same units, the scheme that is active stays."""
    await _register(dataset, platform)
    codes: set[str] = set()
    for path in await _not_passed(dataset, dataset.paths(data) or _missing(dataset, data), platform):
        run = await platform.upload(path, mapping=dataset.mapping, progress=_progress(path, tell))
        counts = ", ".join(f"{name} {run[name]}" for name in ("rows", "observed", "withdrawn", "rejected"))
        tell(f"{path.name}: {counts}\n")
        codes |= set(run["units"])
    await _until_settled(dataset, platform, tell)
    await _name_units(dataset, codes, platform)
    await _until_settled(dataset, platform, tell)  # new aliases count the source anew, and one counting waits for another
    await _activate(dataset, platform)
    await _until_settled(dataset, platform, tell)
    found: dict[str, Any] = await platform.call("GET", "scoring", f"/v1/standings/{dataset.cycle['key']}", role="office")
    return found


async def _not_passed(dataset: Dataset, paths: Sequence[Path], platform: Platform) -> list[Path]:
    """Without the registers that are older than the one taken last: a second run goes on there."""
    held = await platform.call("GET", "collection", f"/v1/registers/{dataset.source['slug']}", role="office")
    taken = held["day"] or ""
    return [path for path in paths if not (named := DAY.search(path.name)) or named.group() >= taken]


def _missing(dataset: Dataset, data: Path) -> list[Path]:
    raise Refusal(f"没有数据文件 {data / dataset.files}, 请设 KAOHE_DATA / there are no files {data / dataset.files}: set KAOHE_DATA")


def _progress(path: Path, tell: Tell) -> Callable[[int, int], None]:
    def show(sent: int, size: int) -> None:
        tell(f"\r{path.name}: {100 * sent // size} % " + ("\n" if sent == size else ""))

    return show


async def _register(dataset: Dataset, platform: Platform) -> None:
    kind, source, group, cycle = dict(dataset.kind), dict(dataset.source), dict(dataset.group), dict(dataset.cycle)
    await platform.call("PUT", "scoring", f"/v1/kinds/{kind.pop('key')}", json=kind)
    await platform.call("PUT", "scoring", f"/v1/sources/{source.pop('slug')}", json=source)
    await platform.call("PUT", "scoring", f"/v1/groups/{group.pop('key')}", json=group)
    if not await _active(dataset, platform):
        await platform.call("PUT", "scoring", f"/v1/cycles/{cycle.pop('key')}", json=cycle)


async def _name_units(dataset: Dataset, codes: set[str], platform: Platform) -> None:
    """Every code that the files name is a unit; aliases lead from one to the other."""
    for code in sorted(codes):
        body = {"name": dataset.name_of(code), "group": dataset.group["key"]}
        await platform.call("PUT", "scoring", f"/v1/units/{dataset.unit_of(code)}", json=body)
    aliases = {code: dataset.unit_of(code) for code in sorted(codes)}
    await platform.call("PATCH", "scoring", f"/v1/sources/{dataset.source['slug']}/aliases", json={"aliases": aliases})


async def _active(dataset: Dataset, platform: Platform) -> bool:
    known = await platform.call("GET", "scoring", f"/v1/schemes/{dataset.cycle['key']}", role="office")
    return any(each["state"] == "active" for each in known)


async def _activate(dataset: Dataset, platform: Platform) -> None:
    if await _active(dataset, platform):
        return
    headers = {"content-type": "application/yaml"}
    made = await platform.call("POST", "scoring", "/v1/schemes", role="office", content=dataset.scheme.encode(), headers=headers)
    await platform.call("POST", "scoring", f"/v1/schemes/{dataset.cycle['key']}/{made['version']}/activate", role="office")


async def _until_settled(dataset: Dataset, platform: Platform, tell: Tell) -> None:
    quiet = 0
    async with asyncio.timeout(PATIENCE):
        while quiet < QUIET_LOOKS:
            waiting = await _waiting(platform)
            quiet = quiet + 1 if waiting == 0 else 0
            tell(f"\r{dataset.cycle['key']}: 等待计分 waiting for the scores ... {waiting}   ")
            await asyncio.sleep(LOOK_EVERY)
    tell("\n")


async def _waiting(platform: Platform) -> int:
    """Messages on the log, marks of moved totals, and countings that are not done yet."""
    feed = await platform.call("GET", "scoring", "/v1/feed/summary", role="office")
    settlement = await platform.call("GET", "scoring", "/v1/settlement", role="office")
    return int(feed["totals"]["behind"]) + bool(feed["counting"]) + int(settlement["waiting"]) + bool(settlement["counting"])
