"""`python -m demo.real NAME DATA [STACK]`: load a real data set into the running stack and print the standings."""

import asyncio
import sys
from pathlib import Path
from typing import Any

import httpx

from demo.real.datasets import NAMES, Dataset
from demo.real.loading import load
from demo.real.platform import Platform, Refusal


def tell(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


def shown(standings: dict[str, Any]) -> str:
    """One line a unit: rank, name, total, and what could not be judged."""
    lines = [f"{standings['cycle']} 考核排名 standings"]
    for group in standings["groups"]:
        lines.append(f"{group['name']}")
        lines += [f"{unit['rank']:>4}  {unit['total']:>7}  {unit['name']}" for unit in group["units"]]
    return "\n".join(lines)


async def run(name: str, data: Path, stack: Path) -> None:
    async with httpx.AsyncClient(timeout=60) as client:
        print(shown(await load(Dataset.named(name), data, platform=Platform.at(stack, client), tell=tell)))


def main(name: str = "", data: str = "../shared/data", stack: str = ".stack") -> int:
    if name not in NAMES:
        print(f"python -m demo.real NAME DATA; NAME: {', '.join(NAMES)}", file=sys.stderr)
        return 2
    try:
        asyncio.run(run(name, Path(data), Path(stack)))
    except Refusal as refusal:
        print(f"\n{refusal}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
