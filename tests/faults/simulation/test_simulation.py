"""Worker, relay, consumer and ladder under a seeded scheduler, on a real PostgreSQL, against models written apart."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

from kit import migrations
from kit.testing import Servers, fresh_database
from tests.faults.budget import SEED, either
from tests.faults.simulation.mutants import MUTANTS, Mutant, mutated

ROOT: Final = Path(__file__).parents[3]
TABLES_OF: Final = {"feed": "scoring", "ladder": "feedback"}  # whose migrations a kind of histories needs
HISTORIES: Final = {"relay": 900, "inbox": 600, "feed": 300, "ladder": 200}  # in CI; the long run plays fifty times as many
LONGER: Final = 50
AT_ONCE: Final = 2  # processes that play at the same time
TO_FIND: Final = 200  # histories in which a planted bug has to show


@dataclass(frozen=True, slots=True)
class Players:
    """Processes that play histories, never more than a few at once."""

    postgres: str
    templates: dict[str, str]
    turns: asyncio.Semaphore

    async def play(self, kind: str, *, first: int, histories: int, mutant: str = "") -> dict[str, Any]:
        command = [kind, "--postgres", self.postgres, "--first", str(first), "--histories", str(histories)]
        command += ["--template", self.templates[kind]] if kind in self.templates else []
        command += ["--mutant", mutant] if mutant else []
        async with self.turns:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "tests.faults.simulation", *command),
                cwd=ROOT,
                env={"PYTHONHASHSEED": "0", "PATH": os.defpath},
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
            )
            answer, errors = await process.communicate()
        assert process.returncode == 0, errors.decode()[-4000:]
        found: dict[str, Any] = json.loads(answer.splitlines()[-1])
        return found


@pytest.fixture(scope="module")
async def players(servers: Servers) -> AsyncIterator[Players]:
    async with AsyncExitStack() as stack:
        templates = {}
        for kind, service in TABLES_OF.items():
            url = await stack.enter_async_context(fresh_database(servers.postgres_url))
            await asyncio.to_thread(migrations.upgrade, ROOT / "services" / service / "migrations", url)
            templates[kind] = url.rsplit("/", 1)[1]
        yield Players(servers.postgres_url, templates, asyncio.Semaphore(AT_ONCE))


def _first(kind: str) -> int:
    """Histories of a run are those of its seed alone."""
    return (SEED * len(HISTORIES) + sorted(HISTORIES).index(kind)) * 1_000_000


def _shares(number: int) -> Sequence[int]:
    return [number // AT_ONCE + (part < number % AT_ONCE) for part in range(AT_ONCE)]


@pytest.mark.parametrize("kind", HISTORIES)
@pytest.mark.timeout(either(short=900, long=24 * 3600))
async def test_no_history_breaks_a_promise(players: Players, kind: str) -> None:
    number = HISTORIES[kind] * either(short=1, long=LONGER)
    first = _first(kind)
    shares = [players.play(kind, first=first + part * number, histories=share) for part, share in enumerate(_shares(number))]
    for found in await asyncio.gather(*shares):
        assert not found["broken"], _story(kind, found)
        print(f"{kind}: {found['played']} histories in {found['seconds']} s")


@pytest.mark.timeout(900)
async def test_every_planted_bug_is_found(players: Players) -> None:
    assert len(MUTANTS) >= 12
    found = await asyncio.gather(*(players.play(m.history, first=m.first, histories=TO_FIND, mutant=m.name) for m in MUTANTS))
    for mutant, last in zip(MUTANTS, found, strict=True):
        print(f"{mutant.name}: {last['played']} histories, {last['seconds']} s: {mutant.sentence}")
    assert [mutant.name for mutant, last in zip(MUTANTS, found, strict=True) if not last["broken"]] == []


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_planted_bug_fits_the_code(mutant: Mutant) -> None:
    source = (ROOT / mutant.file).read_text()
    assert mutated(mutant, source) != source


@pytest.mark.parametrize("kind", HISTORIES)
@pytest.mark.timeout(900)
async def test_a_history_is_the_same_again_from_its_seed_alone(players: Players, kind: str) -> None:
    first = _first(kind)
    after_others = await players.play(kind, first=first, histories=6)
    alone = await players.play(kind, first=first + 5, histories=1)
    assert alone["told"] == after_others["told"]


def _story(kind: str, found: dict[str, Any]) -> str:
    steps = "\n".join(found["told"][-200:])
    again = f"python -m tests.faults.simulation {kind} --first {found['seed']} --histories 1 --tell --postgres ..."
    return f"{kind}, seed {found['seed']}: {found['broken']}\n{steps}\nPlay this one again: {again}"
