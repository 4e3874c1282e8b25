"""How long each level of the tests took: told at the end of every run."""

from collections import Counter, defaultdict
from pathlib import Path

import pytest

spent: dict[str, float] = defaultdict(float)
counted: Counter[str] = Counter()


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Add a test's set-up, run and clean-up to its level; the servers' start is in the first test's that needs them."""
    level = Path(report.nodeid).parts[1]
    spent[level] += report.duration
    counted[level] += report.when == "call"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    terminalreporter.section("time by level")
    for level, seconds in sorted(spent.items()):
        terminalreporter.write_line(f"{level:<14}{counted[level]:>6} tests{seconds:>8.1f} s")
