"""`kaohe vote`: what is asked of scoring, and what is shown once."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.__main__ import app
from tests.unit.cli.answering import Answering, answering


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Answering]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KAOHE_TOKEN", "a-token")
    with answering() as found:
        monkeypatch.setenv("KAOHE_SCORING_URL", found.url)
        yield found


def test_opening_a_vote_shows_the_key_of_its_urn(service: Answering) -> None:
    service.answers["POST", "/v1/votes"] = (201, {"urn_key": "0ATK1M-APD6PJ"})
    asked = ["vote", "open", "duty", "2026", "测评", "2026-12-05T18:00:00+08:00", "east=砚东", "--indicator", "duty_vote"]
    result = CliRunner().invoke(app, asked)
    assert result.exit_code == 0
    assert "0ATK1M-APD6PJ" in result.output
    (sent,) = service.asked
    assert sent.json["candidates"] == [{"key": "east", "name": "砚东"}]
    assert (sent.json["indicators"], sent.json["least"]) == (["duty_vote"], 5)


def test_codes_are_printed_one_a_line(service: Answering) -> None:
    service.answers["POST", "/v1/votes/duty/codes"] = (201, {"codes": ["K7M2QP-0XWV41", "9HTBRD-0XWV41"]})
    assert CliRunner().invoke(app, ["vote", "codes", "duty", "staff", "2"]).output == "K7M2QP-0XWV41\n9HTBRD-0XWV41\n"
    assert service.asked[0].json == {"class": "staff", "count": 2}


def test_the_key_of_the_urn_is_asked_for_unseen(service: Answering) -> None:
    result = CliRunner().invoke(app, ["vote", "close", "duty"], input="0ATK1M\n")
    assert result.exit_code == 0
    assert "0ATK1M" not in result.output
    assert service.asked[0].json == {"urn_key": "0ATK1M"}


def test_a_result_has_a_line_for_each_candidate_and_class(service: Answering) -> None:
    of_class = {"counts": {"A": 3}, "mean": "100"}
    candidates = [{"key": "east", "name": "砚东", "classes": {"staff": of_class}}]
    service.answers["GET", "/v1/votes/duty/result"] = (200, {"title": "测评", "invalid": {}, "not_counted": [], "candidates": candidates})
    output = CliRunner().invoke(app, ["vote", "result", "duty"]).output
    assert "砚东" in output
    assert "staff" in output
