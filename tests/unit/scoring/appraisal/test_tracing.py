from dataclasses import replace

import pytest

from kit.auth import Principal
from scoring.appraisal.domain.faults import NotAllowed, NotFound
from scoring.appraisal.domain.inputs import MeasureKey, Month
from scoring.appraisal.domain.schemes import IndicatorKey, Version
from scoring.appraisal.handlers import marks, tracing
from scoring.appraisal.handlers.settling import settle_what_moved
from scoring.appraisal.handlers.work import Desk, Sought
from tests.unit.scoring.appraisal.bureau import CYCLE, EAST
from tests.unit.scoring.appraisal.fakes import Office
from tests.unit.scoring.appraisal.test_handlers import COMMAND, caller, office


async def records(made: Office, *, version: int | None = None, through: str | None = None, measure: str = "due") -> None:
    await tracing.records_of(
        CYCLE.key,
        EAST.code,
        MeasureKey(measure),
        version=None if version is None else Version(version),
        through=None if through is None else Month(through),
        sought=Sought(),
        after=None,
        most=5,
        work=made.work,
    )


async def facts(made: Office, who: Principal, *, sees_all: bool = False) -> int:
    desk = Desk(made.work, who)
    return len((await tracing.facts_of("cases", "case-1", after=None, most=5, desk=desk, sees_all=sees_all)).facts)


async def test_a_score_is_traced_in_data_and_words() -> None:
    made = office()
    await settle_what_moved(made.work)
    found = await tracing.trace_of(CYCLE.key, EAST.code, IndicatorKey("closed_in_time"), work=made.work)
    assert (found.trace["result"], found.again) == (None, None)
    assert "到期案件中按期办结的比例" in found.account[0].zh
    with pytest.raises(NotFound, match="score of east for nothing"):
        await tracing.trace_of(CYCLE.key, EAST.code, IndicatorKey("nothing"), work=made.work)


async def test_a_marked_indicator_is_traced_to_its_mark() -> None:
    made = office()
    await marks.mark(COMMAND, Desk(made.work, caller("assessor")))
    await settle_what_moved(made.work)
    found = await tracing.trace_of(CYCLE.key, EAST.code, COMMAND.indicator, work=made.work)
    assert found.again == "7.00"
    assert "assessor hua" in found.account[1].en


async def test_records_are_those_of_the_active_version_and_of_today_unless_a_trace_names_others() -> None:
    made = office()
    await records(made)
    await records(made, version=1, through="2026-03")
    assert made.rest.asked == [("2026/1", "due", "2026-06"), ("2026/1", "due", "2026-03")]
    with pytest.raises(NotFound, match="measure nothing"):
        await records(made, measure="nothing")
    with pytest.raises(NotFound, match="version 7"):
        await records(made, version=7)


async def test_facts_are_shown_to_whoever_sees_all_and_to_units_that_hold_or_held_the_record() -> None:
    made = office()
    made.rest.holders.add(EAST.code)
    assert await facts(made, caller("office"), sees_all=True) == 1
    assert await facts(made, caller("unit", units=("east",))) == 1
    with pytest.raises(NotAllowed):
        await facts(made, caller("unit", units=("west",)))


async def test_a_record_that_is_not_there_is_refused_to_a_unit_as_a_foreign_one_is() -> None:
    made = office()
    with pytest.raises(NotAllowed):
        await facts(made, replace(caller("unit"), units=frozenset({"east"})))
    with pytest.raises(NotFound):
        await facts(made, caller("office"), sees_all=True)
