"""The real files end to end: over HTTP into collection, over Kafka into scoring, and out of the standings again."""

import gzip
from dataclasses import replace
from pathlib import Path

import pytest

from demo.real.datasets import Dataset
from demo.real.loading import load
from kit.testing import Servers
from tests.e2e.collection.town import a_town, figures
from tests.integration.collection import raw
from tests.vectors import data

LOG = "traffic-fines/Road_Traffic_Fine_Management_Process.xes.gz"
CASES = 3_000  # of the log: the whole is counted at the level of facts, in the integration tests


def silent(_text: str) -> None:
    return


@pytest.mark.no_cover  # tracing would double the minutes
@pytest.mark.timeout(1200)
async def test_each_register_moves_the_figures_of_the_authorities_to_an_independent_count(servers: Servers) -> None:
    folder = data("environment-penalties").parent
    dataset = Dataset.named("environment-penalties")
    async with a_town(servers) as platform:
        for path in dataset.paths(folder)[::2]:  # the other two are taken at the level of facts, in the integration tests
            standings = await load(replace(dataset, files=f"environment-penalties/{path.name}"), folder, platform=platform, tell=silent)
            assert len(standings["groups"][0]["units"]) == 24
            counted = raw.penalty_figures(raw.of_year(raw.penalties(path), 2015))
            for code, unit in dataset.known.items():
                found = await figures(platform, dataset.cycle["key"], unit)
                penalties, petitions, revoked = counted.get(code, (0, 0, 0))
                assert found.get("decisions", (0, ""))[0] == penalties, (path.name, code)
                assert found.get("decisions_petitioned", (0, ""))[0] == petitions, (path.name, code)
                assert penalties - found.get("decisions_standing", (0, ""))[0] == revoked, (path.name, code)


@pytest.mark.no_cover  # tracing would double the minutes
@pytest.mark.timeout(1200)
async def test_payments_of_a_part_of_the_log_reach_the_officers_as_an_independent_count_has_them(servers: Servers, tmp_path: Path) -> None:
    dataset, log = Dataset.named("traffic-fines"), data(LOG)
    (tmp_path / "traffic-fines").mkdir()
    first_cases(log, tmp_path / dataset.files.replace("*", "part"))
    counted = raw.payments_by_officer(log, most=CASES, year=2006)
    assert counted
    async with a_town(servers) as platform:
        for _ in range(2):  # a second loading changes nothing
            standings = await load(dataset, tmp_path, platform=platform, tell=silent)
            officers = set(raw.officers(log, most=CASES).values())
            assert {unit["unit"] for unit in standings["groups"][0]["units"]} == {f"officer-{code}" for code in officers}
            for code in officers:
                count, days = counted.get(code, (0, 0))
                found = await figures(platform, dataset.cycle["key"], f"officer-{code}")
                assert found.get("days_to_payment", (0, "0")) == (count, str(days)), code


def first_cases(log: Path, part: Path) -> None:
    """A log of its first cases only."""
    seen = 0
    with gzip.open(log, "rt", encoding="utf-8") as lines, gzip.open(part, "wt", encoding="utf-8") as written:
        for line in lines:
            seen += "<trace>" in line
            if seen > CASES:
                break
            written.write(line)
        written.write("</log>\n")
