"""A score told to a head of a unit who doubts it."""

import json
from typing import Any

import pytest

from scoring.appraisal.domain.accounts import account_of, measure_in_words
from scoring.appraisal.domain.inputs import Totals
from scoring.appraisal.domain.retraces import Retrace, Stored
from scoring.appraisal.domain.schemes import Version
from scoring.appraisal.domain.traces import counted, judged
from scoring.appraisal.retracing import retrace
from tests.unit.scoring.appraisal.bureau import EAST, scheme, term, totals
from tests.unit.scoring.appraisal.test_traces import mark

SCHEME = scheme()
IN_TIME = "度量 closed_in_time：case 记录，按 due_on 所在月份计入，条件是 status = closed，且 closed_on <= due_on，计条数"


def trace(index: int, read: Totals) -> dict[str, Any]:
    made = counted(SCHEME.indicators[index], EAST.code, read, scheme=SCHEME, term=term())
    stored: dict[str, Any] = json.loads(json.dumps(made))
    return stored


def told(made: dict[str, Any]) -> tuple[list[str], list[str]]:
    account = account_of(made, {Version(1): SCHEME})
    return [sentence.zh for sentence in account], [sentence.en for sentence in account]


def test_it_says_what_was_counted_over_which_months_by_which_definition_and_how_it_was_rounded() -> None:
    zh, en = told(trace(0, totals(closed_in_time={"2026-03": 30, "2026-04": 6}, due={"2026-03": 40})))
    assert zh == [
        "“案件按期办结率”分值 10 分，按考核方案 2026/1 计分。口径说明：到期案件中按期办结的比例",
        f"“a”取自{IN_TIME}；2026-01 至 2026-06：2026-03 30 条、2026-04 6 条，取累计值。",
        "“b”取自度量 due：case 记录，按 due_on 所在月份计入，计条数；2026-01 至 2026-06：2026-03 40 条，取累计值。",
        "结果：(36 / 40) / 0.95 x 10 = 9.47。",
        "取整前为 180/19，四舍五入保留 2 位小数，得 9.47 分；此前各步均未取整。",
    ]
    assert en[1] == (
        "“a” is the measure closed_in_time: records of the kind case, in the month of due_on, where status = closed and"
        " closed_on <= due_on, counted; from 2026-01 through 2026-06: 2026-03 30 records, 2026-04 6 records; their total is taken."
    )


def test_it_says_what_was_capped_and_what_was_replaced() -> None:
    made = {**trace(1, totals(revoked={"2026-03": 2}, changed={"2026-03": 3})), "replaced": {"result": "3.00"}}
    zh, en = told(made)
    assert zh[-2:] == ["结果：5 - (2 x 2 + 3 x 1) = 0.00，扣分以 5 分为限。", "此前为 3.00 分，由本结果取代。"]
    assert en[-2:] == ["The result: 5 - (2 x 2 + 3 x 1) = 0.00, deduction capped at 5.", "Before it was 3.00 points; this replaced it."]


def test_an_exact_result_needs_no_word_about_rounding() -> None:
    zh, _ = told(trace(0, totals(closed_in_time={"2026-03": 19}, due={"2026-03": 40})))
    assert zh[-1] == "结果：(19 / 40) / 0.95 x 10 = 5.00。"


def test_a_measure_without_a_record_says_so() -> None:
    zh, en = told(trace(0, {}))
    assert zh[1].endswith("2026-01 至 2026-06 没有记录。")
    assert en[2].endswith("there is no record from 2026-01 through 2026-06.")


def test_a_mark_is_told_with_who_gave_it() -> None:
    made = judged(SCHEME.indicators[2], EAST.code, mark(7).given, scheme=SCHEME, version=Version(1))
    zh, _ = told(dict(made))
    assert "assessor hua" in zh[1]


@pytest.mark.parametrize(
    ("stated", "words"),
    [
        ({"kind": "fine", "at": "paid_on", "take": {"sum": "amount"}}, "fine 记录，按 paid_on 所在月份计入，累加 amount"),
        (
            {"kind": "case", "at": "closed_on", "source": "cases", "take": {"working_days": ["filed_on", "closed_on"]}},
            "case 记录，按 closed_on 所在月份计入，只计数据来源 cases，累加 filed_on 至 closed_on 的工作日",
        ),
        (
            {"kind": "case", "at": "due_on", "unit_on": "due_on", "where": [["closed_on", "<=", {"attribute": "due_on", "take": "first"}]]},
            "case 记录，按 due_on 所在月份计入，条件是 closed_on <= due_on (take first)，记在 due_on 当日的办理单位名下，计条数",
        ),
        (
            {"kind": "case", "at": "due_on", "where": [["result", "in", ["a", "b"]], ["closed_on", "absent"]]},
            "case 记录，按 due_on 所在月份计入，条件是 result 属于 a / b，且 closed_on 无值，计条数",
        ),
    ],
)
def test_a_measure_is_told_as_it_is_defined(stated: dict[str, Any], words: str) -> None:
    assert measure_in_words("m", stated).zh == f"度量 m：{words}"


class OneWrong:
    async def again(self, cycle: str | None) -> Retrace:
        found = Retrace()
        good = trace(0, totals(closed_in_time={"2026-03": 36}, due={"2026-03": 40}))
        for table, points, made in (
            ("scores", "9.47", good),
            ("scores", "9.48", good),
            ("scores", "9.47", {**good, "rule": {"kind": "gone"}}),
            ("score_history", "9.47", {**good, "inputs": {"a": "37", "b": "40"}}),
        )[: None if cycle is None else 1]:
            found.see(Stored(table=table, score="2026/east/closed_in_time", version=1, points=points, trace=made))
        return found


async def test_retrace_names_every_difference_and_ends_with_1(capsys: pytest.CaptureFixture[str]) -> None:
    assert await retrace(OneWrong(), None) == 1
    said = capsys.readouterr().out
    assert "3 traces of scores, 1 traces of score_history evaluated again: 3 differ" in said
    assert "kept 9.48, trace 9.47, again 9.47" in said
    assert "can't be evaluated: SchemeRefused" in said
    assert "score_history 2026/east/closed_in_time (version 1): kept 9.47, trace 9.47, again 9.74" in said


async def test_retrace_without_a_difference_ends_with_0(capsys: pytest.CaptureFixture[str]) -> None:
    assert await retrace(OneWrong(), "2026") == 0
    assert "1 traces of scores evaluated again: no difference" in capsys.readouterr().out
