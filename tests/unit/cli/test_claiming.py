"""Claims by hand: what is asked of the service."""

import pytest

from tests.unit.cli.answering import Answering
from tests.unit.cli.test_kaohe import kaohe, service

__all__ = ["service"]

PROOF = "01890c5d-7b1e-7c3a-9d2f-3b1f0c5a7e11"
BONUS = {
    "indicator": "praise",
    "document": {"number": "市府通报〔2026〕7号", "organ": "市政府"},
    "level": "city",
    "reason": "受表彰",
    "evidence": [PROOF],
}
DEDUCTION = {"indicator": "criticised", "matter": "渣土车事故", "level": None, "reason": "通报", "evidence": [PROOF]}
APPLY = ("claim", "apply", "2026", "praise", "市府通报〔2026〕7号", "市政府", "受表彰", "--evidence", PROOF)


@pytest.mark.parametrize(
    ("command", "path", "body"),
    [
        ((*APPLY, "--level", "city", "--unit", "east"), "/v1/claims/2026/east", BONUS),
        (("claim", "deduct", "2026", "east", "criticised", "渣土车事故", "通报", "--evidence", PROOF), "/v1/claims/2026/east", DEDUCTION),
        (("claim", "check", "c-1", "属实"), "/v1/claims/c-1/steps/check", {"reason": "属实"}),
        (("claim", "recognise", "c-1", "同意"), "/v1/claims/c-1/steps/recognise", {"reason": "同意"}),
        (("claim", "return", "c-1", "补正"), "/v1/claims/c-1/steps/return", {"reason": "补正"}),
        (("claim", "refuse", "c-1", "不符"), "/v1/claims/c-1/steps/refuse", {"reason": "不符"}),
        (("claim", "withdraw", "c-1", "重复", "--unit", "east"), "/v1/claims/c-1/steps/withdraw", {"reason": "重复"}),
    ],
)
def test_a_claim_and_each_of_its_steps_is_one_command(
    service: Answering, command: tuple[str, ...], path: str, body: dict[str, object]
) -> None:
    result = kaohe(*command)
    assert result.exit_code == 0, result.output
    assert [(asked.method, asked.path, asked.json) for asked in service.asked] == [("POST", path, body)]


def test_the_claims_of_a_cycle_are_listed_with_their_state(service: Answering) -> None:
    row = {"id": "c-1", "number": 3, "unit": "east", "indicator": "praise", "state": "checked"}
    service.answers["GET", "/v1/claims/2026"] = (200, [row])
    result = kaohe("claim", "list", "2026")
    assert (result.exit_code, "checked" in result.output) == (0, True), result.output
