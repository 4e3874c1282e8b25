"""`python -m scoring try-rules`, as an office would start it: a process without any settings."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from scoring.appraisal.trying import MOST_BYTES, outcome
from tests.vectors import cases

RATIO = {"name": "a share", "rule": {"kind": "ratio"}, "points": "10", "rounding": 2, "inputs": {"a": "1", "b": "3"}}


def tried(text: bytes, *arguments: str) -> tuple[int, list[dict[str, Any]]]:
    command = [sys.executable, "-m", "scoring", "try-rules", *arguments]
    done = subprocess.run(command, input=text, env={}, check=False, capture_output=True)  # noqa: S603 - our own command
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]


def expected(case: dict[str, Any], answer: dict[str, Any]) -> bool:
    match case["expect"]:
        case {"error": _}:
            return bool(answer["error"]) and answer["points"] is None and answer["explanation"] is None
        case {"not_applicable": True}:
            return bool(answer["not_applicable"]) and answer["points"] is None and answer["error"] is None
        case expect:
            return (answer["points"], answer.get("invalid"), bool(answer["explanation"])) == (expect["points"], expect.get("invalid"), True)


def test_a_file_of_worked_examples_comes_out_line_by_line(tmp_path: Path) -> None:
    stated = [case.values[0] for case in cases("rules")]
    if stated == [None]:
        pytest.skip("no worked examples beside the checkout")
    file = tmp_path / "rules.jsonl"
    file.write_text("\n".join(json.dumps(case) for case in stated))
    status, answers = tried(b"", str(file))
    assert status == 0
    assert [answer["name"] for answer in answers] == [case["name"] for case in stated]
    assert [case["name"] for case, answer in zip(stated, answers, strict=True) if not expected(case, answer)] == []


def test_a_broken_line_is_an_error_of_its_own_and_the_next_is_evaluated() -> None:
    good = json.dumps(RATIO).encode()
    status, answers = tried(b"\n".join([b"{broken", b"\xff", b"", b"[" * 100_000, b"3", good]), "-")
    assert status == 0
    assert [bool(answer["error"]) for answer in answers] == [True, True, True, True, False]
    assert answers[-1] == {
        "name": "a share",
        "points": "3.33",
        "not_applicable": False,
        "error": None,
        "explanation": "(1 / 3) / 1 x 10 = 3.33",
    }


@pytest.mark.parametrize("arguments", [(), ("no-such-file",), ("one", "two")])
def test_what_is_no_file_is_said_in_a_sentence(arguments: tuple[str, ...]) -> None:
    assert tried(b"", *arguments) == (2, [])


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b'{"rule": {"kind": "ratio"}, "points": "1", "inputs": {"a": 1e10000000, "b": 1}}', "a is not a decimal number: '1e10000000'"),
        (b'{"rule": {"kind": "ratio"}, "points": ' + b"9" * 100_000 + b', "inputs": {"a": 1, "b": 1}}', "do not fit"),
        (b" " * MOST_BYTES + b"{}", "this line has more than 16000000 bytes"),
        (json.dumps(RATIO | {"rounding": 10**9}).encode(), "rounding is no whole number of 0 to 12"),
        (json.dumps(RATIO | {"rounding": True}).encode(), "rounding is no whole number of 0 to 12"),
        (json.dumps(RATIO | {"rule": {"kind": "tiers", "tiers": [["1", "2"]] * 20_000}}).encode(), "the rule has more than 100000"),
        (json.dumps(RATIO | {"rule": {"kind": "rank_ladder"}}).encode(), "better: this is missing"),
        (json.dumps(RATIO | {"inputs": []}).encode(), "inputs is no JSON object"),
        (json.dumps(RATIO | {"inputs": {"a": "Infinity", "b": "1"}}).encode(), "a is not a decimal number"),
    ],
    ids=["exponent", "digits", "long line", "many decimals", "boolean", "long rule", "faults", "list", "infinity"],
)
def test_a_line_that_would_cost_too_much_or_makes_no_sense_is_refused_in_words(line: bytes, said: str) -> None:
    assert said in outcome(line)["error"]


def test_numbers_without_quotes_are_as_exact_as_those_with_them() -> None:
    line = b'{"name": "n", "rule": {"kind": "ratio"}, "points": 1, "rounding": 9, "inputs": {"a": 0.1, "b": 0.3}}'
    assert outcome(line)["points"] == "0.333333333"


def test_an_unpaired_surrogate_in_a_name_goes_out_as_it_came() -> None:
    line = json.dumps(RATIO | {"name": "\ud800"}).encode()
    assert tried(line, "-")[1][0]["name"] == "\ud800"
