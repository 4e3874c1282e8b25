"""Expand and contract: the version before a migration works on the new schema beside the new version, while the work goes on."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from kit.testing import Servers
from tests.faults.budget import IS_LONG
from tests.faults.upgrade.history import Step, must_be_whole, steps
from tests.faults.upgrade.planting import TABLES, with_added_column, with_renamed_column
from tests.faults.upgrade.rolling import FLOWS, a_ground, upgrade
from tests.faults.upgrade.sides import Ground
from tests.faults.upgrade.sources import PRESENT, of_commit

PHASES = [
    "the old version alone",
    "the old version while the new one's migration runs",
    "both versions beside each other",
    "the new version alone",
]


@pytest.fixture
async def ground(servers: Servers, tmp_path: Path) -> AsyncIterator[Ground]:
    async with a_ground(servers, tmp_path) as made:
        yield made


@pytest.mark.timeout(900)
@pytest.mark.parametrize("service", sorted(FLOWS) if IS_LONG else ["feedback"])
async def test_a_migration_that_adds_stops_nothing_and_loses_nothing(service: str, ground: Ground, tmp_path: Path) -> None:
    passed: list[str] = []
    await upgrade(service, ground, old=PRESENT, new=with_added_column(service, tmp_path / "new"), passed=passed)
    assert passed == PHASES


@pytest.mark.timeout(900)
async def test_a_migration_that_renames_is_found_by_the_version_that_runs(ground: Ground, tmp_path: Path) -> None:
    passed: list[str] = []
    renamed = with_renamed_column("feedback", tmp_path / "new", "blocked")
    with pytest.raises(AssertionError, match="500"):
        await upgrade("feedback", ground, old=PRESENT, new=renamed, passed=passed)
    assert passed in (PHASES[:1], PHASES[:2]), "the old version was there when the migration was over"


@pytest.mark.timeout(1800)
async def test_every_migration_meets_the_commit_before_it(servers: Servers, tmp_path: Path) -> None:
    """In CI each service's newest one; in the long run all."""
    try:
        await must_be_whole(PRESENT.root)
    except LookupError as reason:
        pytest.skip(f"no history: {reason}")
    found = await steps(PRESENT)
    for step in found if IS_LONG else {step.service: step for step in found}.values():
        try:
            await meets_the_commit_before(step, servers, tmp_path / step.revision / "first")
        except (AssertionError, httpx.HTTPError) as error:
            # What was mended since then cannot be mended there: a version that dies of it gets a second chance, the migration does not.
            print(f"once more, after {error!r}")
            await meets_the_commit_before(step, servers, tmp_path / step.revision / "second")


async def meets_the_commit_before(step: Step, servers: Servers, folder: Path) -> None:
    old = await of_commit(PRESENT.root, step.before, folder / "old")
    passed: list[str] = []
    async with a_ground(servers, folder) as ground:
        await upgrade(step.service, ground, old=old, new=PRESENT, passed=passed)
    assert passed == PHASES
    print(f"{step.service} {step.revision} beside {step.before}")


def test_every_service_with_tables_has_a_flow() -> None:
    assert set(FLOWS) == set(TABLES) == {path.parent.name for path in PRESENT.root.glob("services/*/migrations")}
