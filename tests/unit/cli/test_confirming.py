"""Data confirmation by hand: what is asked of the service, and that exactly the figures that were shown are confirmed."""

import pytest

from tests.unit.cli.answering import Answering
from tests.unit.cli.test_kaohe import kaohe, service

__all__ = ["service"]

PERIOD = "/v1/confirmations/2026/2026-03"


def test_confirming_sends_back_the_seal_of_the_figures_that_were_shown(service: Answering) -> None:
    figures = [{"measure": "due", "month": "2026-03", "n": 7, "total": "7"}]
    service.answers["GET", f"{PERIOD}/east"] = (200, {"figures": figures, "seal": "ab12"})
    result = kaohe("confirm", "2026", "2026-03", "--unit", "east")
    assert result.exit_code == 0, result.output
    assert "due" in result.output
    assert [(asked.method, asked.path) for asked in service.asked] == [("GET", f"{PERIOD}/east"), ("POST", f"{PERIOD}/east/confirm")]
    assert service.asked[1].json == {"seen": "ab12"}


def test_the_difference_that_was_shown_is_what_is_recorded(service: Answering) -> None:
    path = "/v1/adjustments/2026/1/east/due/2026-03"
    record = {"source": "case-system", "subject": "case-1", "n": -1, "total": "-1"}
    service.answers["GET", path] = (200, {"difference": {"n": -1, "total": "-1"}, "records": [record]})
    assert kaohe("adjustment", "record", "2026", "1", "east", "due", "2026-03", "更正").exit_code == 0
    assert service.asked[1].json == {"n": -1, "total": "-1", "reason": "更正"}


def test_where_nothing_differs_nothing_is_recorded(service: Answering) -> None:
    service.answers["GET", "/v1/adjustments/2026/1/east/due/2026-03"] = (200, {"difference": None, "records": []})
    assert kaohe("adjustment", "record", "2026", "1", "east", "due", "2026-03", "更正").exit_code == 1
    assert len(service.asked) == 1


@pytest.mark.parametrize(
    ("command", "path", "body"),
    [
        (("confirmation", "open", "2026", "2026-03", "2026-04-10"), PERIOD, {"by": "2026-04-10"}),
        (("confirmation", "decide", "d-1", "rejected", "属实"), "/v1/disputes/d-1/decide", {"outcome": "rejected", "reason": "属实"}),
        (
            ("dispute", "2026", "2026-03", "cases", "c-1", "due", "已移送", "--unit", "east"),
            f"{PERIOD}/east/disputes",
            {"source": "cases", "subject": "c-1", "measure": "due", "reason": "已移送"},
        ),
        (
            ("statement", "file", "2026", "住院", "--record", "cases/c-1", "--indicator", "closed", "--unit", "east"),
            "/v1/statements/2026/east",
            {
                "records": [{"source": "cases", "subject": "c-1"}],
                "indicator": "closed",
                "measures": [],
                "reason": "住院",
                "evidence": [],
            },
        ),
        (("statement", "accept", "s-1", "属实"), "/v1/statements/s-1/steps/accept", {"reason": "属实"}),
        (("statement", "approve", "s-1", "同意"), "/v1/statements/s-1/steps/approve", {"reason": "同意"}),
        (("statement", "refuse", "s-1", "不符"), "/v1/statements/s-1/steps/refuse", {"reason": "不符"}),
        (("what-if", "2026", "east", "closed=+2"), "/v1/what-if/2026/east", {"changes": {"closed": {"n": 2}}}),
    ],
)
def test_a_command_is_one_request(service: Answering, command: tuple[str, ...], path: str, body: dict[str, object]) -> None:
    service.answers["POST", "/v1/what-if/2026/east"] = (200, [])
    result = kaohe(*command)
    assert result.exit_code == 0, result.output
    (asked,) = service.asked
    assert (asked.path, asked.json) == (path, body)


@pytest.mark.parametrize(
    ("command", "path", "answer"),
    [
        (("confirmation", "show", "2026", "2026-03"), PERIOD, {"units": [{"unit": "east", "state": "locked"}], "disputes": []}),
        (("confirmation", "figures", "2026", "2026-03", "east"), f"{PERIOD}/east", {"figures": [{"measure": "east"}]}),
        (("statement", "list", "2026"), "/v1/statements/2026", [{"unit": "east"}]),
        (("adjustment", "list", "2026"), "/v1/adjustments/2026", {"differences": [{"unit": "east"}], "adjustments": []}),
        (("period-scores", "2026", "east", "2026-Q1"), "/v1/scores/2026/east", {"scores": [{"name": "east", "words": {"zh": "x"}}]}),
        (("what-if", "2026", "east"), "/v1/what-if/2026/east", [{"indicator": "east", "words": {"zh": "x"}}]),
    ],
)
def test_what_is_found_is_shown(service: Answering, command: tuple[str, ...], path: str, answer: object) -> None:
    service.answers["GET", path] = (200, answer)
    result = kaohe(*command)
    assert result.exit_code == 0, result.output
    assert "east" in result.output


@pytest.mark.parametrize("command", [("what-if", "2026", "east", "closed"), ("statement", "file", "2026", "x", "--record", "c-1")])
def test_what_is_written_wrongly_is_told_before_anything_is_asked(service: Answering, command: tuple[str, ...]) -> None:
    assert kaohe(*command).exit_code == 2
    assert not service.asked
