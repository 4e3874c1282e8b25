"""What Prometheus asks and watches, against what the services answer and count."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.contract.deploy.test_compose import OURS, module_of, variables

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "deploy/prometheus"
DECLARED = re.compile(r'Metric\(\s*"(?:counter|gauge|histogram)",\s*"(\w+)"')
NAMES = re.compile(r"[a-z]+(?:_[a-z]+)+")


def read(name: str) -> Any:  # noqa: ANN401 - a document
    return yaml.safe_load((FOLDER / name).read_text())


RULES = [rule for group in read("rules.yml")["groups"] for rule in group["rules"]]


def test_every_process_of_ours_is_scraped_where_it_listens() -> None:
    asked = {job["static_configs"][0]["targets"][0] for job in read("prometheus.yml")["scrape_configs"]}
    running = {name: one for name, one in OURS.items() if "healthcheck" in one}
    assert asked == {f"{name}:{variables(one)[f'{module_of(one).upper()}_HTTP_PORT']}" for name, one in running.items()}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_an_alarm_watches_metrics_that_somebody_declares(rule: dict[str, Any]) -> None:
    sources = (path.read_text() for folder in ("services", "shared") for path in (ROOT / folder).glob("*/src/**/*.py"))
    declared = {name for text in sources for name in DECLARED.findall(text)}
    assert set(NAMES.findall(rule["expr"])) <= declared


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_an_alarm_says_what_is_wrong_in_both_languages_and_what_to_do(rule: dict[str, Any]) -> None:
    assert re.search("[\u4e00-\u9fff]", rule["annotations"]["summary"])
    assert rule["annotations"]["action"]
