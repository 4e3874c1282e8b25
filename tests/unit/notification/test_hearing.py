import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from contracts import feedback, scoring
from contracts.envelope import Contract
from notification.domain.messages import ItemId
from notification.domain.occasions import Occasion
from notification.domain.people import Duty, UnitCode
from notification.events import SUBSCRIPTIONS
from tests.unit.notification.fakes import EAST, bench, holder

EXAMPLES = Path(__file__).parents[3] / "shared/contracts/examples"
ABOUT: dict[str, Any] = {
    "item": "item-1",
    "cycle": "2026",
    "unit": EAST,
    "number": 7,
    "label": "考整〔2026〕7号",
    "indicator_name": "按期办结率",
}
ABOUT_ITEMS = [contract for contract in SUBSCRIPTIONS if contract is not scoring.UnitRegisteredV1]


def stage(name: feedback.Stage, **changed: Any) -> feedback.StageReachedV1:  # noqa: ANN401 - fields of the contract
    return feedback.StageReachedV1(**ABOUT | {"finding": "低于黄线", "due_on": date(2026, 9, 11), "stage": name, "over": 1} | changed)


@pytest.mark.parametrize("contract", ABOUT_ITEMS, ids=lambda contract: contract.TYPE)
async def test_every_event_that_is_heard_has_words_for_its_golden_example(contract: type[Contract]) -> None:
    example = json.loads((EXAMPLES / f"{contract.TYPE}.json").read_text())
    said = contract.model_validate(example | {"number": 7, "label": "考整〔2026〕7号", "unit": EAST} if "number" in example else example)
    made = await bench()
    await SUBSCRIPTIONS[contract](said, made.work())
    for message in made.messages.told.values():
        assert message.wording.subject
        assert "None" not in message.wording.subject + message.wording.text


@pytest.mark.parametrize(
    ("name", "occasion"),
    [
        ("before_due", Occasion.BEFORE_DUE),
        ("due_today", Occasion.DUE_TODAY),
        ("overdue_notice", Occasion.OVERDUE_NOTICE),
        ("criticism", Occasion.CRITICISM),
        ("interview", Occasion.INTERVIEW),
    ],
)
async def test_each_stage_is_told_under_its_own_occasion(name: feedback.Stage, occasion: Occasion) -> None:
    made = await bench()
    await SUBSCRIPTIONS[feedback.StageReachedV1](stage(name), made.work())
    assert {message.matter.occasion for message in made.messages.told.values()} == {occasion}


async def test_a_stage_that_two_events_say_is_told_once() -> None:
    made = await bench()
    for event in ("event-1", "event-2"):
        await SUBSCRIPTIONS[feedback.StageReachedV1](stage("due_today"), made.work(event))
    assert len(made.messages.told) == 2


async def test_a_return_that_two_events_say_is_told_twice() -> None:
    made = await bench()
    returned = feedback.ReturnedV1(**ABOUT, missing="照片", due_on=date(2026, 9, 20))
    for event in ("event-1", "event-2", "event-2"):
        await SUBSCRIPTIONS[feedback.ReturnedV1](returned, made.work(event))
    assert len(made.messages.told) == 4


async def test_the_printed_label_stands_in_the_subject_and_the_number_where_there_is_none() -> None:
    made = await bench()
    await SUBSCRIPTIONS[feedback.StageReachedV1](stage("before_due"), made.work())
    await SUBSCRIPTIONS[feedback.StageReachedV1](stage("due_today", label=None), made.work())
    assert "考整〔2026〕7号" in made.messages.of(Occasion.BEFORE_DUE)["contact"].wording.subject
    assert "2026年第7号" in made.messages.of(Occasion.DUE_TODAY)["contact"].wording.subject


async def test_the_head_of_the_department_that_answers_for_the_indicator_is_asked_to_verify() -> None:
    made = await bench()
    await made.people.put([holder(Duty.DEPARTMENT_HEAD, unit=UnitCode("法制科"))])
    await SUBSCRIPTIONS[feedback.SubmittedV1](feedback.SubmittedV1(**ABOUT, department="法制科"), made.work())
    assert set(made.messages.of(Occasion.SUBMITTED)) == {"department_head", "office_director"}


async def test_a_finding_for_a_problem_that_is_held_back_is_not_told() -> None:
    made = await bench()
    added = feedback.FindingAddedV1(item="i", cycle="2026", unit=EAST, indicator="x", indicator_name="y", severity="major", finding="z")
    await SUBSCRIPTIONS[feedback.FindingAddedV1](added, made.work())
    assert made.messages.told == {}


async def test_a_problem_that_was_cancelled_before_its_notice_is_not_told() -> None:
    made = await bench()
    await SUBSCRIPTIONS[feedback.CancelledV1](
        feedback.CancelledV1(item="i", cycle="2026", unit=EAST, number=None, reason="重复"), made.work()
    )
    assert made.messages.told == {}
    assert made.messages.left_alone == [ItemId("i")]


async def test_a_refused_extension_says_that_the_date_stays() -> None:
    made = await bench()
    decided = feedback.ExtensionDecidedV1(**ABOUT, granted=False, until=date(2026, 10, 20), due_on=date(2026, 9, 30))
    await SUBSCRIPTIONS[feedback.ExtensionDecidedV1](decided, made.work())
    assert "2026年9月30日" in made.messages.of(Occasion.EXTENSION_REFUSED)["contact"].wording.text


@pytest.mark.parametrize(("deemed", "signed"), [(False, [("item-1", Occasion.NOTICE_ISSUED)]), (True, [])])
async def test_only_a_real_signature_is_a_receipt(*, deemed: bool, signed: list[tuple[str, Occasion]]) -> None:
    made = await bench()
    event = feedback.NoticeSignedV1(**ABOUT, signed_on=date(2026, 9, 14), deemed=deemed, due_on=date(2026, 10, 10))
    await SUBSCRIPTIONS[feedback.NoticeSignedV1](event, made.work())
    assert made.messages.signed == signed


async def test_a_unit_is_called_by_its_name_once_it_was_said() -> None:
    made = await bench()
    await SUBSCRIPTIONS[scoring.UnitRegisteredV1](scoring.UnitRegisteredV1(unit=EAST, name="砚东新分局", group="甲组"), made.work())
    await SUBSCRIPTIONS[feedback.StageReachedV1](stage("due_today"), made.work())
    assert "砚东新分局" in made.messages.of(Occasion.DUE_TODAY)["head"].wording.text
