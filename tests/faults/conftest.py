"""Every fault test says its seed when it starts, and how to play it again when it fails."""

from collections.abc import Generator

import pytest

from tests.faults.budget import SEED, replay


@pytest.fixture(autouse=True)
def seed(request: pytest.FixtureRequest) -> int:
    print(f"\n{request.node.nodeid}: KAOHE_SEED={SEED}")
    return SEED


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.failed:
        report.sections.append(("play it again", replay(item.nodeid)))
    return report
