from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from jinja2 import UndefinedError

import notification
from kit.testing import FixedClock
from notification.domain.occasions import Addressee, Occasion, Part
from notification.domain.people import Person, PersonId
from notification.wording import LONGEST_SUBJECT, TextTemplates
from tests.unit.notification.fakes import NOW

TEMPLATES = TextTemplates(bureau="清砚市城市管理行政执法局", zone=ZoneInfo("Asia/Shanghai"), clock=FixedClock(NOW))
FOLDER = Path(notification.__file__).parent / "templates"
FACTS = {
    "unit": "砚东分局",
    "label": "考整〔2026〕7号",
    "indicator_name": "按期办结率",
    "finding": "按期办结率 91.2 %，低于黄线 92 %",
    "severity": "major",
    "requirement": "",
    "due_on": None,
    "working_days": 15,
}


def addressee(part: Part = Part.TO, *, receipt: bool = False) -> Addressee:
    return Addressee(Person(id=PersonId("a"), name="王砚秋"), part, receipt)


def test_every_occasion_has_exactly_one_template() -> None:
    assert {path.stem for path in FOLDER.glob("*.txt")} == {*Occasion, "frame"}


def test_a_notice_reads_as_a_letter() -> None:
    wording = TEMPLATES.worded(addressee(receipt=True), Occasion.NOTICE_ISSUED, FACTS)
    assert wording.subject == "考核问题整改通知书 考整〔2026〕7号 砚东分局：按期办结率"
    assert wording.text == (
        "王砚秋：\n\n"
        "经考核发现，砚东分局在“按期办结率”指标上存在以下问题：\n\n"
        "    按期办结率 91.2 %，低于黄线 92 %\n\n"
        "问题等级：较重。\n"
        "请签收本通知书，自签收次日起15个工作日内完成整改，并在考核平台提交整改情况和佐证材料。\n"
        "确有困难需要延期的，请在到期日前（含当日）提出申请。\n\n"
        "本件为正式通知，请登录考核平台签收。\n\n"
        "清砚市城市管理行政执法局考核办公室\n"
        "2026年9月14日\n"
    )


def test_a_notice_with_an_exact_date_and_a_requirement_says_both() -> None:
    text = TEMPLATES.worded(addressee(), Occasion.NOTICE_ISSUED, FACTS | {"due_on": date(2026, 10, 9), "requirement": "逐案说明"}).text
    assert "请于2026年10月9日前（含当日）完成整改" in text
    assert "整改要求：逐案说明" in text


def test_a_copy_says_that_it_is_one() -> None:
    assert "（本件抄送您，供知悉。）" in TEMPLATES.worded(addressee(Part.COPY), Occasion.NOTICE_ISSUED, FACTS).text


def test_nothing_in_a_fact_becomes_a_second_line_of_the_subject() -> None:
    wording = TEMPLATES.worded(
        addressee(), Occasion.NOTICE_ISSUED, FACTS | {"indicator_name": "x\u2028\x0bBcc: all@example.org" + "长" * 200}
    )
    assert wording.subject.isprintable()
    assert len(wording.subject) == LONGEST_SUBJECT


def test_a_template_never_runs_what_a_fact_says() -> None:
    assert "{{ 7 * 7 }}" in TEMPLATES.worded(addressee(), Occasion.NOTICE_ISSUED, FACTS | {"finding": "{{ 7 * 7 }}"}).text


def test_a_fact_that_is_missing_is_an_error_and_no_gap_in_the_text() -> None:
    with pytest.raises(UndefinedError):
        TEMPLATES.worded(addressee(), Occasion.NOTICE_ISSUED, {"unit": "砚东分局"})


def test_a_code_without_a_word_is_shown_as_it_is() -> None:
    assert "问题等级：unheard-of。" in TEMPLATES.worded(addressee(), Occasion.NOTICE_ISSUED, FACTS | {"severity": "unheard-of"}).text
