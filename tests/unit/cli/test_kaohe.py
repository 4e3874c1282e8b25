import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cli.__main__ import app
from tests.unit.cli.answering import Answering, answering

SERVICES = ("scoring", "evidence", "feedback", "notification", "collection")


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Answering]:
    """One end that plays all services, told by the environment as on a real deployment."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KAOHE_TOKEN", "a-token")
    with answering() as found:
        for name in SERVICES:
            monkeypatch.setenv(f"KAOHE_{name.upper()}_URL", found.url)
        yield found


def kaohe(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


@pytest.mark.parametrize("move", ["notice", "sign", "start", "verify", "close"])
def test_a_move_is_one_request_with_the_token(service: Answering, move: str) -> None:
    assert kaohe(move, "item-1").exit_code == 0
    (asked,) = service.asked
    assert (asked.method, asked.path, asked.authorization) == ("POST", f"/v1/items/item-1/{move}", "Bearer a-token")


def test_an_attribute_is_declared_with_its_history(service: Answering) -> None:
    assert kaohe("kind", "put", "case", "案件", "status=text", "due_on=date+history").exit_code == 0
    declared = {"status": "text", "due_on": {"type": "date", "history": True}}
    assert (service.asked[0].path, service.asked[0].json) == ("/v1/kinds/case", {"name": "案件", "attributes": declared})


def test_a_return_says_what_is_missing(service: Answering) -> None:
    assert kaohe("return", "item-1", "缺照片").exit_code == 0
    assert (service.asked[0].path, service.asked[0].json) == ("/v1/items/item-1/return", {"missing": "缺照片"})


def test_a_refusal_is_told_in_both_languages_with_every_fault(service: Answering) -> None:
    errors = [{"path": "parts[0].points", "zh": "必须是数", "en": "must be a number"}]
    service.answers["POST", "/v1/items/item-1/sign"] = (409, {"zh": "不能签收", "en": "cannot be signed", "errors": errors})
    result = kaohe("sign", "item-1")
    assert result.exit_code == 1
    for told in ("不能签收", "cannot be signed", "parts[0].points", "must be a number"):
        assert told in result.output


def test_an_answer_that_is_no_problem_document_is_shown_as_it_is(service: Answering) -> None:
    service.answers["POST", "/v1/items/item-1/sign"] = (502, "bad gateway")
    result = kaohe("sign", "item-1")
    assert result.exit_code == 1
    assert "bad gateway" in result.output


def test_a_service_that_is_down_is_one_sentence(service: Answering, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAOHE_FEEDBACK_URL", "http://127.0.0.1:1")
    result = kaohe("sign", "item-1")
    assert result.exit_code == 1
    assert "does not answer" in result.output
    assert not service.asked


def test_without_an_address_the_variable_to_set_is_named(service: Answering, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KAOHE_FEEDBACK_URL")
    result = kaohe("sign", "item-1")
    assert result.exit_code == 2
    assert "KAOHE_FEEDBACK_URL" in result.output
    assert not service.asked


def test_inside_a_local_stack_the_token_comes_by_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".stack").mkdir()
    (tmp_path / "below").mkdir()
    monkeypatch.chdir(tmp_path / "below")
    with answering() as local:
        local.answers["POST", "/token"] = (200, {"access_token": "made-here"})
        known = {"feedback_url": local.url, "issuer_url": local.url, "issuer_secret": "sesame"}
        (tmp_path / ".stack" / "addresses.json").write_text(json.dumps(known))
        assert kaohe("sign", "item-1", "--unit", "wanglan").exit_code == 0
        token, move = local.asked
    assert token.authorization == "Bearer sesame"
    assert (token.json["roles"], token.json["units"]) == (["unit"], ["wanglan"])
    assert move.authorization == "Bearer made-here"


def test_a_unit_must_say_which_one_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".stack").mkdir()
    (tmp_path / ".stack" / "addresses.json").write_text(json.dumps({"feedback_url": "http://127.0.0.1:1"}))
    monkeypatch.chdir(tmp_path)
    result = kaohe("sign", "item-1")
    assert result.exit_code == 2
    assert "--unit" in result.output


def test_a_token_is_printed_alone_for_the_shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with answering() as issuer:
        issuer.answers["POST", "/token"] = (200, {"access_token": "only-this"})
        monkeypatch.setenv("KAOHE_ISSUER_URL", issuer.url)
        monkeypatch.setenv("KAOHE_ISSUER_SECRET", "sesame")
        assert kaohe("token", "office").stdout == "only-this\n"


def test_a_problem_is_raised_with_its_finding_as_cause_unless_one_is_given(service: Answering) -> None:
    assert kaohe("problem", "2026", "wanglan", "hotline", "夜间无人签收", "--severity", "major").exit_code == 0
    sent = service.asked[0].json
    assert (sent["cause"], sent["severity"], sent["held"], sent["due_on"]) == ("夜间无人签收", "major", False, None)


def test_items_are_a_table_or_json(service: Answering) -> None:
    service.answers["GET", "/v1/items"] = (200, {"items": [{"id": "i", "unit": "wanglan", "state": "signed", "due_on": None}]})
    assert "wanglan" in kaohe("items").stdout
    assert json.loads(kaohe("items", "--json").stdout)[0]["state"] == "signed"


def test_a_file_is_collected_as_a_stream_of_its_bytes(service: Answering, tmp_path: Path) -> None:
    (tmp_path / "register.csv").write_bytes(b"a,b\n" * 200_000)
    service.answers["POST", "/v1/collections"] = (201, {"id": "r", "rows": 199_999, "rejected": 0})
    result = kaohe("collect", "penalties", "register.csv", "--day", "2016-03-09")
    assert result.exit_code == 0
    assert "199999" in result.stdout
    (asked,) = service.asked
    assert len(asked.body) == 800_000
    assert "mapping=penalties" in asked.path
    assert "day=2016-03-09" in asked.path


def test_rejected_rows_are_shown_with_their_lines(service: Answering, tmp_path: Path) -> None:
    (tmp_path / "register.csv").write_bytes(b"a,b\n")
    service.answers["POST", "/v1/collections"] = (201, {"id": "r", "rejected": 1})
    service.answers["GET", "/v1/collections/r/rejects"] = (200, [{"line": 17, "case": None, "key": "k", "reason": "no date"}])
    result = kaohe("collect", "penalties", "register.csv")
    assert "17" in result.stdout
    assert "no date" in result.stdout


def test_a_mapping_in_a_file_is_kept_under_its_name_first(service: Answering, tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text("mode = 'events'")
    (tmp_path / "log.jsonl").write_text("{}")
    assert kaohe("collect", "mine.toml", "log.jsonl", "--dry-run").exit_code == 0
    kept, dry = service.asked
    assert (kept.method, kept.path, kept.body) == ("PUT", "/v1/mappings/mine", b"mode = 'events'")
    assert dry.path.startswith("/v1/collections/dry-run?mapping=mine")


def test_evidence_is_declared_sent_and_finalized(service: Answering, tmp_path: Path) -> None:
    (tmp_path / "report.pdf").write_bytes(b"%PDF-1.7")
    service.answers["POST", "/v1/evidence"] = (201, {"evidence": "e", "revision": 1, "url": f"{service.url}/put-here"})
    assert kaohe("prove", "item-1", "report.pdf", "--unit", "wanglan", "--effective-on", "2026-09-10").exit_code == 0
    declared, sent, finalized = service.asked
    assert declared.json["size"] == 8
    assert declared.json["subjects"] == [{"kind": "item", "id": "item-1"}]
    assert (sent.method, sent.body) == ("PUT", b"%PDF-1.7")
    assert finalized.path == "/v1/evidence/e/revisions/1/finalize"


def test_evidence_that_is_not_there_is_said_before_anything_is_asked(service: Answering) -> None:
    result = kaohe("prove", "item-1", "nothing.pdf", "--unit", "wanglan")
    assert (result.exit_code, service.asked) == (2, [])


def test_a_mark_names_the_one_that_it_replaces(service: Answering) -> None:
    service.answers["GET", "/v1/marks/2026"] = (
        200,
        [{"unit": "wanglan", "indicator": "file_quality", "sample": "", "member": "", "id": "m-1"}],
    )
    assert kaohe("mark", "2026", "wanglan", "file_quality", "7.5", "--reason", "抽查 20 卷").exit_code == 0
    looked, given = service.asked
    assert looked.path == "/v1/marks/2026?current=true&unit=wanglan&indicator=file_quality"
    assert (given.method, given.path) == ("PUT", "/v1/marks/2026/wanglan/file_quality")
    assert given.json == {"mark": "7.5", "reason": "抽查 20 卷", "replaces": "m-1", "state": "given", "sample": "", "member": ""}


def test_a_file_of_marks_is_one_request_that_may_be_tried_first(service: Answering, tmp_path: Path) -> None:
    (tmp_path / "marks.csv").write_text("\ufeffunit,indicator,mark,reason\nwanglan,file_quality,7.5,抽查\nshuiwei,file_quality,6,\n")
    service.answers["GET", "/v1/marks/2026"] = (
        200,
        [{"unit": "wanglan", "indicator": "file_quality", "sample": "", "member": "", "id": "m-1"}],
    )
    service.answers["PUT", "/v1/marks/2026"] = (200, {"kept": False, "marks": [{"unit": "wanglan", "mark": "7.5"}]})
    result = kaohe("mark", "2026", "--file", "marks.csv", "--dry-run")
    assert result.exit_code == 0
    assert "kept: False" in result.stdout
    sent = service.asked[1]
    assert sent.path == "/v1/marks/2026?dry_run=true"
    assert [(mark["unit"], mark["replaces"]) for mark in sent.json["marks"]] == [("wanglan", "m-1"), ("shuiwei", None)]


def test_a_file_without_its_columns_and_a_mark_without_points_are_refused_before_anything_is_sent(
    service: Answering, tmp_path: Path
) -> None:
    (tmp_path / "marks.csv").write_text("unit,mark\nwanglan,7.5\n")
    missing = kaohe("mark", "2026", "--file", "marks.csv")
    assert (missing.exit_code, "indicator" in missing.output) == (2, True)
    assert kaohe("mark", "2026", "wanglan").exit_code == 2
    assert service.asked == []


def test_an_assessor_is_appointed_for_departments(service: Answering) -> None:
    asked = ("assessor", "put", "2026", "legal-head", "--name", "经纬南", "--trained-on", "2026-01-12", "--department", "法制科")
    assert kaohe(*asked).exit_code == 0
    (put,) = service.asked
    assert (put.method, put.path) == ("PUT", "/v1/assessors/2026/legal-head")
    assert (put.json["departments"], put.json["indicators"], put.json["own_unit"]) == (["法制科"], [], None)


def test_what_is_missing_is_told_by_department(service: Answering) -> None:
    one = {"indicator": "file_quality", "name": "案卷", "unit": "wanglan", "unit_name": "望澜分局", "wanted": "mark"}
    service.answers["GET", "/v1/marks/2026/missing"] = (200, [{"department": "法制科", "missing": [one]}])
    assert json.loads(kaohe("missing", "2026", "--json").stdout) == [{"department": "法制科", **one}]


@pytest.mark.parametrize(
    ("asked", "method", "path", "body"),
    [
        (("override", "approve", "o-1"), "POST", "/v1/overrides/o-1/approve", None),
        (("override", "refuse", "o-1"), "POST", "/v1/overrides/o-1/refuse", None),
        (("override", "lift", "o-1", "已更正"), "POST", "/v1/overrides/o-1/lift", {"reason": "已更正"}),
        (("confirm-mark", "m-1"), "POST", "/v1/marks/m-1/confirm", None),
        (("return-mark", "m-1", "补充"), "POST", "/v1/marks/m-1/return", {"reason": "补充"}),
        (
            ("member", "put", "wanglan", "head", "--name", "桑怀瑾", "--from", "2025-01-01"),
            "PUT",
            "/v1/units/wanglan/members/head",
            {"name": "桑怀瑾", "from": "2025-01-01", "until": None},
        ),
    ],
)
def test_what_two_persons_decide_is_one_request(
    service: Answering, asked: tuple[str, ...], method: str, path: str, body: dict[str, object] | None
) -> None:
    assert kaohe(*asked).exit_code == 0
    (sent,) = service.asked
    assert (sent.method, sent.path) == (method, path)
    assert (sent.json if sent.body else None) == body


def test_an_override_is_proposed_with_its_reason_and_evidence(service: Answering) -> None:
    asked = ("override", "propose", "2026", "wanglan", "calls_in_time", "8", "平台故障", "--evidence", "minutes-3")
    assert kaohe(*asked).exit_code == 0
    assert (service.asked[0].json["points"], service.asked[0].json["evidence"]) == ("8", ["minutes-3"])
