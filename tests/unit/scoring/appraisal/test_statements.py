from fractions import Fraction
from itertools import product
from typing import cast

import pytest

from scoring.appraisal.domain.faults import NotAllowed, NotFound, WrongState
from scoring.appraisal.domain.inputs import MeasureKey, Month, MonthTotal
from scoring.appraisal.domain.schemes import IndicatorKey
from scoring.appraisal.domain.statements import MOVERS, MOVES, Contribution, Move, RecordName, State, Statement
from scoring.appraisal.handlers import statements as handlers
from scoring.appraisal.handlers.settling import settle_what_moved
from scoring.appraisal.handlers.work import Desk
from tests.unit.scoring.appraisal.bureau import CYCLE, EAST, totals
from tests.unit.scoring.appraisal.closing_fakes import FakePast
from tests.unit.scoring.appraisal.fakes import Office
from tests.unit.scoring.appraisal.test_confirmations import as_east, asked, confirmed
from tests.unit.scoring.appraisal.test_handlers import caller

CASE = RecordName("case-system", "case-1")
CLOSED = IndicatorKey("closed_in_time")


def by(made: Office, subject: str, *roles: str, units: tuple[str, ...] = ()) -> Desk:
    one = caller(*roles, units=units)
    return Desk(made.work, type(one)(subject=subject, name=subject, roles=one.roles, units=one.units))


async def filed(
    made: Office, *, measures: frozenset[MeasureKey] = frozenset(), indicator: IndicatorKey | None = CLOSED, record: RecordName = CASE
) -> Statement:
    cast("FakePast", made.closing.past).records.add((EAST.code, CASE.source, CASE.subject))
    command = handlers.FileStatement(
        cycle=CYCLE.key,
        unit=EAST.code,
        records=[record],
        measures=measures,
        indicator=None if measures else indicator,
        reason="不可抗力",
        evidence=[],
    )
    return await handlers.file(command, as_east(made))


async def approved(made: Office, one: Statement) -> Statement:
    await handlers.take_step(handlers.TakeStep(one.id, Move.ACCEPT, "属实"), by(made, "office-1", "office"))
    return await handlers.take_step(handlers.TakeStep(one.id, Move.APPROVE, "同意"), by(made, "leader-1", "leader"))


async def late_case(made: Office) -> None:
    """The named case is due in April and not closed in time."""
    made.figures.of_units[EAST.code] = totals(closed_in_time={"2026-04": 9}, due={"2026-04": 10})
    added = Contribution(record=CASE, measure=MeasureKey("due"), month=Month("2026-04"), held=MonthTotal(1, Fraction(1)))
    cast("FakePast", made.closing.past).adds.append(added)


async def trace(made: Office, indicator: str = "closed_in_time") -> dict[str, object]:
    await settle_what_moved(made.work)
    return next(dict(one.trace) for one in made.scores.written[EAST.code].scores if one.score.indicator == indicator)


def test_each_move_of_the_table_has_one_role_that_makes_it() -> None:
    assert MOVES.keys() == MOVERS.keys()


async def test_moves_outside_of_the_table_are_refused_and_say_what_is_allowed() -> None:
    made = await asked()
    for state, move in product(State, Move):
        one = await filed(made)
        held = type(one)(**{name: getattr(one, name) for name in one.__slots__} | {"state": state})
        cast("dict[object, Statement]", made.closing.statements.kept)[one.id] = held  # type: ignore[attr-defined]  # the fake's
        taking = handlers.take_step(handlers.TakeStep(one.id, move, "x"), by(made, "both", "office", "leader"))
        if (state, move) in MOVES:
            assert (await taking).state is MOVES[state, move]
        else:
            with pytest.raises(WrongState, match=state.value):
                await taking


async def test_an_approved_statement_leaves_its_record_out_visibly() -> None:
    made = await asked()
    await late_case(made)
    assert (await trace(made))["inputs"] == {"a": "9", "b": "10"}
    one = await approved(made, await filed(made))
    found = await trace(made)
    assert found["inputs"] == {"a": "9", "b": "9"}
    assert found["excluded"] == [
        {
            "source": "case-system",
            "subject": "case-1",
            "measure": "due",
            "month": "2026-04",
            "n": "1",
            "total": "1",
            "statement": str(one.id),
        }
    ]


async def test_until_it_is_approved_nothing_is_left_out() -> None:
    made = await asked()
    await late_case(made)
    one = await filed(made)
    await handlers.take_step(handlers.TakeStep(one.id, Move.ACCEPT, "属实"), by(made, "office-1", "office"))
    found = await trace(made)
    assert found["inputs"] == {"a": "9", "b": "10"}
    assert "excluded" not in found


async def test_two_statements_leave_a_record_out_once() -> None:
    made = await asked()
    await late_case(made)
    await approved(made, await filed(made))
    await approved(made, await filed(made, measures=frozenset({MeasureKey("due")})))
    assert (await trace(made))["inputs"] == {"a": "9", "b": "9"}


async def test_a_statement_about_another_indicator_changes_nothing_here() -> None:
    made = await asked()
    await late_case(made)
    await approved(made, await filed(made, indicator=IndicatorKey("corrected")))
    assert (await trace(made))["inputs"] == {"a": "9", "b": "10"}


async def test_of_a_locked_month_is_left_out_what_its_figure_holds() -> None:
    made = await asked()
    await confirmed(made)
    held = Contribution(record=CASE, measure=MeasureKey("due"), month=Month("2026-03"), held=MonthTotal(1, Fraction(1)))
    cast("FakePast", made.closing.past).adds.append(held)
    await approved(made, await filed(made))
    found = await trace(made)
    assert (found["inputs"], found["locked"]) == ({"a": "8", "b": "14"}, ["2026-03"])  # 10 of March, 5 of April, one left out


async def test_who_accepts_can_not_approve_and_nobody_decides_for_the_own_unit() -> None:
    made = await asked()
    one = await filed(made)
    with pytest.raises(NotAllowed):
        await handlers.take_step(handlers.TakeStep(one.id, Move.ACCEPT, "x"), by(made, "o", "office", "unit", units=("east",)))
    with pytest.raises(NotAllowed):
        await handlers.take_step(handlers.TakeStep(one.id, Move.ACCEPT, "x"), by(made, "l", "leader"))
    await handlers.take_step(handlers.TakeStep(one.id, Move.ACCEPT, "x"), by(made, "both", "office", "leader"))
    with pytest.raises(NotAllowed):
        await handlers.take_step(handlers.TakeStep(one.id, Move.APPROVE, "x"), by(made, "both", "office", "leader"))


async def test_only_own_records_and_known_measures_or_indicators_are_named() -> None:
    made = await asked()
    with pytest.raises(NotFound):
        await filed(made, record=RecordName("case-system", "of-west"))
    with pytest.raises(NotFound):
        await filed(made, measures=frozenset({MeasureKey("nothing")}))
    with pytest.raises(NotFound):
        await filed(made, indicator=IndicatorKey("nothing"))
