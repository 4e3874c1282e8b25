from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import pytest

from contracts import evidence, scoring
from feedback import handlers
from feedback.domain import errors
from feedback.domain.deductions import Decision, DeductionId, Level
from feedback.domain.facts import StageReached
from feedback.domain.ladder import Stage
from feedback.domain.states import State
from feedback.domain.words import PLATFORM, ItemId, Person, Severity, UnitCode
from feedback.handlers import Progress
from kit.workdays import WrongYear
from tests.unit.feedback.builders import ASSESSOR, DUE, LEADER, MONDAY, OFFICE, UNIT, finding, in_state, opened
from tests.unit.feedback.fakes import Desk


def crossed(line: str = "red", direction: str = "fell") -> scoring.LineCrossedV1:
    return scoring.LineCrossedV1.model_validate(
        {
            "cycle": "2025",
            "unit": "wanglan",
            "indicator": "on_time",
            "indicator_name": "案件按期办结率",
            "department": "",
            "line": line,
            "direction": direction,
            "cause": "line",
            "value": "0.8",
            "n": "20",
            "threshold": "0.85",
            "finding": "低于红线",
        }
    )


def accepted(item: str, unit: str | None) -> evidence.AcceptedV1:
    return evidence.AcceptedV1.model_validate(
        {
            "evidence": "e-1",
            "revision": 1,
            "unit": unit,
            "subjects": [{"kind": "item", "id": item}, {"kind": "indicator", "id": "2025/wanglan/on_time"}],
            "sha256": "0" * 64,
            "size": 1,
            "media_type": "application/pdf",
            "uploader": "unit-1",
        }
    )


@dataclass(slots=True)
class OneDayAReading:
    """A clock that is a day later at each reading: every midnight falls between two of them."""

    instant: datetime

    def now(self) -> datetime:
        read, self.instant = self.instant, self.instant + timedelta(days=1)
        return read


async def test_a_problem_is_raised_and_noticed_at_once() -> None:
    desk = Desk()
    item = await handlers.raise_problem(finding(), desk.work(ASSESSOR))
    assert (item.state, item.number) == (State.NOTICED, 1)
    assert desk.said() == ["ProblemRaised", "NoticeIssued"]


async def test_a_held_problem_waits_for_its_notice() -> None:
    desk = Desk()
    item = await handlers.raise_problem(finding(), desk.work(ASSESSOR), held=True)
    assert item.state is State.OPEN
    assert (await handlers.issue_notice(item.id, desk.work())).state is State.NOTICED


async def test_a_held_problem_that_is_found_again_is_noticed() -> None:
    desk = Desk()
    await handlers.raise_problem(finding(), desk.work(ASSESSOR), held=True)
    assert (await handlers.raise_problem(finding(), desk.work(ASSESSOR))).state is State.NOTICED
    assert desk.said() == ["ProblemRaised", "FindingAdded", "NoticeIssued"]


async def test_an_assessor_of_some_units_raises_no_problem_of_another() -> None:
    with pytest.raises(errors.OtherUnit):
        await handlers.raise_problem(finding(), Desk().work(ASSESSOR, frozenset({UnitCode("qingtang")})))


@pytest.mark.parametrize(("line", "severity"), [("yellow", Severity.MINOR), ("red", Severity.MAJOR)])
async def test_a_crossed_line_is_a_problem_of_its_severity(line: str, severity: Severity) -> None:
    desk = Desk()
    await handlers.on_line_crossed(crossed(line), desk.work(PLATFORM))
    [item] = desk.items.kept.values()
    assert (item.severity, item.state, item.department, item.raised_by) == (severity, State.NOTICED, None, PLATFORM)


async def test_yellow_and_then_red_is_one_problem() -> None:
    desk = Desk()
    for line in ("yellow", "red"):
        await handlers.on_line_crossed(crossed(line), desk.work(PLATFORM))
    [item] = desk.items.kept.values()
    assert item.severity is Severity.MAJOR


async def test_a_measure_that_recovers_changes_nothing() -> None:
    desk = Desk()
    await handlers.on_line_crossed(crossed("red", "recovered"), desk.work(PLATFORM))
    assert desk.said() == []


@pytest.mark.parametrize(("unit", "counts"), [("wanglan", True), (None, True), ("qingtang", False)])
async def test_evidence_of_the_own_unit_proves_the_item(unit: str | None, *, counts: bool) -> None:
    desk = Desk()
    item = desk.put(in_state(State.SUBMITTED))
    await handlers.on_evidence_accepted(accepted(item, unit), desk.work(PLATFORM))
    if counts:
        assert (await handlers.verify(item, desk.work(ASSESSOR))).state is State.VERIFIED
    else:
        with pytest.raises(errors.NoAcceptedEvidence):
            await handlers.verify(item, desk.work(ASSESSOR))


async def test_the_whole_way_says_one_fact_a_move() -> None:
    desk = Desk()
    item = (await handlers.raise_problem(finding(), desk.work(ASSESSOR))).id
    await handlers.sign(item, desk.work(UNIT))
    await handlers.start(item, desk.work(UNIT))
    await handlers.submit(item, "完成", desk.work(UNIT))
    await handlers.return_for(item, "照片", desk.work(ASSESSOR))
    await handlers.start(item, desk.work(UNIT))
    await handlers.submit(item, "补齐", desk.work(UNIT))
    await handlers.on_evidence_accepted(accepted(item, "wanglan"), desk.work(PLATFORM))
    await handlers.verify(item, desk.work(ASSESSOR))
    assert (await handlers.close(item, desk.work())).state is State.CLOSED
    way = ["NoticeSigned", "Started", "Submitted", "Returned", "Started", "Submitted", "Verified", "Closed"]
    assert desk.said() == ["ProblemRaised", "NoticeIssued", *way]
    assert [fact.note for fact in desk.items.remembered if fact.note] == ["三件案件超期", "完成", "照片", "补齐"]


async def test_an_extension_is_asked_for_and_decided() -> None:
    desk = Desk()
    item = desk.put(in_state(State.IN_PROGRESS))
    await handlers.ask_for_extension(item, date(2025, 4, 1), "雨", desk.work(UNIT))
    assert (await handlers.decide_extension(item, desk.work(), granted=True)).due_on == date(2025, 4, 1)
    assert desk.said() == ["ExtensionAsked", "ExtensionDecided"]


async def test_a_cancellation_takes_two_persons() -> None:
    desk = Desk()
    item = desk.put(opened())
    await handlers.ask_for_cancellation(item, "重复", desk.work(OFFICE))
    assert (await handlers.cancel(item, desk.work(LEADER))).state is State.CANCELLED


async def test_a_move_on_an_unknown_item_is_refused() -> None:
    with pytest.raises(errors.NoSuchItem):
        await handlers.start(ItemId("nothing"), Desk().work(UNIT))


async def test_time_looks_at_an_item_once_a_day() -> None:
    desk = Desk(day=DUE)
    item = desk.put(in_state(State.IN_PROGRESS))
    for _ in range(3):
        await handlers.look(item, desk.work(PLATFORM))
    assert desk.said() == ["StageReached"]
    assert desk.items.seen[item] == (DUE, None)


async def test_a_look_during_which_midnight_passes_belongs_to_one_day() -> None:
    desk = Desk(day=date(2025, 3, 13))
    item = desk.put(in_state(State.IN_PROGRESS, due_on=DUE))
    clock = OneDayAReading(datetime(2025, 3, 13, 15, 59, tzinfo=UTC))
    await handlers.look(item, replace(desk.work(PLATFORM), clock=clock))
    assert [fact.stage for fact in desk.outbox.said if isinstance(fact, StageReached)] == [Stage.BEFORE_DUE]
    desk.day = DUE
    await handlers.look(item, desk.work(PLATFORM))
    assert [fact.stage for fact in desk.outbox.said if isinstance(fact, StageReached)] == [Stage.BEFORE_DUE, Stage.DUE_TODAY]


async def test_an_item_that_was_looked_at_today_is_not_counted_as_looked_at_again() -> None:
    desk = Desk(day=DUE)
    item = desk.put(in_state(State.IN_PROGRESS))
    assert [await handlers.look(item, desk.work(PLATFORM)) for _ in range(2)] == [True, False]


async def test_a_notice_is_deemed_signed_and_its_ladder_begins_in_the_same_look() -> None:
    desk = Desk(day=date(2025, 4, 16))
    item = desk.put(opened(severity=Severity.SEVERE).notice(number=1, by=OFFICE, today=MONDAY, policy=desk.work().policy).item)
    await handlers.look(item, desk.work(PLATFORM))
    assert desk.said() == ["NoticeSigned", "StageReached", "DeductionProposed"]


async def test_criticism_proposes_a_deduction_once_for_the_matter() -> None:
    desk = Desk()
    item = desk.put(in_state(State.IN_PROGRESS))
    for desk.day in (date(2025, 3, 24), date(2025, 3, 31)):
        await handlers.look(item, desk.work(PLATFORM))
    assert desk.said() == ["StageReached", "DeductionProposed", "StageReached"]
    assert [each.level for each in desk.deductions.kept.values()] == [Level.OVERDUE]
    assert {stage for (_item, _due, stage), skipped in desk.stages.kept.items() if not skipped} == {Stage.CRITICISM, Stage.INTERVIEW}


async def test_an_item_with_an_accepted_statement_is_not_deducted() -> None:
    desk = Desk()
    item = desk.put(in_state(State.IN_PROGRESS))
    await handlers.accept_statement(item, "台风", desk.work())
    desk.day = date(2025, 3, 31)
    await handlers.look(item, desk.work(PLATFORM))
    assert desk.said() == ["StatementAccepted", "StageReached"]


async def test_a_year_that_is_missing_blocks_the_item_until_it_is_entered() -> None:
    desk = Desk(day=date(2027, 1, 4))
    item = desk.put(in_state(State.NOTICED), sent_on=date(2026, 12, 28))
    await handlers.look(item, desk.work(PLATFORM))
    assert "2027" in (desk.items.seen[item][1] or "")
    await handlers.enter_year(2027, desk.work(Person("admin-1")), holidays=[date(2027, 1, 1)], workdays=[])
    await handlers.look(item, desk.work(PLATFORM))
    assert desk.items.seen[item] == (date(2027, 1, 4), None)
    assert desk.said() == ["NoticeSigned"]


async def test_a_year_with_days_of_another_is_not_entered() -> None:
    with pytest.raises(WrongYear):
        await handlers.enter_year(2027, Desk().work(), holidays=[date(2026, 1, 1)], workdays=[])


async def test_a_deduction_is_decided_by_another_person_than_the_one_who_proposed_it() -> None:
    desk = Desk()
    item = desk.put(in_state(State.CLOSED))
    proposed = await handlers.propose_deduction(item, Level.UNTRUE, "数据不实", desk.work(ASSESSOR))
    assert proposed is not None
    assert await handlers.propose_deduction(item, Level.RECURRED, "反弹", desk.work(ASSESSOR)) is None
    with pytest.raises(errors.OwnProposal):
        await handlers.confirm_deduction(proposed.id, desk.work(ASSESSOR))
    assert (await handlers.confirm_deduction(proposed.id, desk.work(OFFICE))).decision is Decision.CONFIRMED


async def test_a_deduction_may_be_refused() -> None:
    desk = Desk()
    proposed = await handlers.propose_deduction(desk.put(in_state(State.CLOSED)), Level.OVERDUE, "逾期", desk.work(ASSESSOR))
    assert proposed is not None
    assert (await handlers.refuse_deduction(proposed.id, desk.work(OFFICE))).decision is Decision.REFUSED
    assert desk.said() == ["DeductionProposed", "DeductionRefused"]


async def test_an_unknown_deduction_is_refused() -> None:
    with pytest.raises(errors.NoSuchDeduction):
        await handlers.confirm_deduction(DeductionId("nothing"), Desk().work())


@pytest.mark.parametrize(
    ("pending", "earliest", "through"),
    [(0, None, MONDAY), (2, date(2025, 2, 28), date(2025, 2, 28)), (1, None, None)],
    ids=["all looked at", "some wait since a day", "a changed item waits"],
)
def test_the_timers_say_through_which_day_they_worked(pending: int, earliest: date | None, through: date | None) -> None:
    assert Progress(day=MONDAY, pending=pending, earliest=earliest, unsent=0, blocked={}).through == through
