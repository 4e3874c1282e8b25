from datetime import date, timedelta
from itertools import product

import pytest

from scoring.appraisal.domain.confirmations import (
    MOVES,
    Confirmation,
    Decision,
    Move,
    Opened,
    Outcome,
    State,
    figures_of,
    locks_at_once,
    moved,
    openable,
    seal,
)
from scoring.appraisal.domain.faults import Conflict, NotAllowed, NotFound, WrongState
from scoring.appraisal.domain.inputs import MeasureKey, Month
from scoring.appraisal.domain.periods import PeriodKey, Span, period_of, periods_of, within
from scoring.appraisal.domain.schemes import Cycle, CycleKey, Version
from scoring.appraisal.handlers import confirmations as handlers
from scoring.appraisal.handlers.settling import settle_what_moved
from scoring.appraisal.handlers.work import Desk
from tests.unit.scoring.appraisal.bureau import CYCLE, EAST, WEST, totals
from tests.unit.scoring.appraisal.fakes import NOON, Office
from tests.unit.scoring.appraisal.test_handlers import caller, office

BUDGET = Cycle(key=CycleKey("2026"), name="2026", start=Month("2025-12"), end=Month("2026-11"))
MARCH = period_of(CYCLE, PeriodKey("2026-03"))
HERE = handlers.OfUnit(cycle=CycleKey("2026"), period=PeriodKey("2026-03"), unit=EAST.code)
BY = date(2026, 6, 20)


def opened(period: str = "2026-03") -> Opened:
    return Opened(cycle=CYCLE.key, period=period_of(CYCLE, PeriodKey(period)), by=BY, opened_by="office", opened_at=NOON)


async def asked() -> Office:
    """A bureau whose March is open for confirmation: east has 8 of 10 in time."""
    made = office()
    made.figures.of_units[EAST.code] = totals(closed_in_time={"2026-03": 8}, due={"2026-03": 10, "2026-04": 5})
    command = handlers.OpenPeriod(cycle=CYCLE.key, period=PeriodKey("2026-03"), by=BY)
    await handlers.open_period(command, Desk(made.work, caller("office")))
    return made


def as_east(made: Office) -> Desk:
    return Desk(made.work, caller("unit", units=("east",)))


async def confirmed(made: Office) -> Confirmation:
    seen = await handlers.figures_to_confirm(HERE, made.work)
    return await handlers.confirm(HERE, seen=seen.seal, desk=as_east(made))


def doubt(subject: str = "case-1") -> handlers.RaiseDispute:
    return handlers.RaiseDispute(where=HERE, source="case-system", subject=subject, measure=MeasureKey("due"), reason="已移送")


async def raised(made: Office, *subjects: str) -> list[handlers.Decide]:
    """The decisions that reject what was raised."""
    made.closing.past.records |= {(EAST.code, "case-system", subject) for subject in subjects}  # type: ignore[attr-defined]  # the fake's
    disputes = [await handlers.dispute(doubt(subject), as_east(made)) for subject in subjects]
    return [handlers.Decide(each.id, Outcome.REJECTED, "属实") for each in disputes]


def test_quarters_are_counted_from_the_first_month_of_the_cycle() -> None:
    assert period_of(BUDGET, PeriodKey("2026-Q1")).months == ("2025-12", "2026-01", "2026-02")
    assert period_of(BUDGET, PeriodKey("2026-Q4")).months == ("2026-09", "2026-10", "2026-11")
    assert len(period_of(BUDGET, PeriodKey("2026")).months) == 12
    assert [period.span for period in periods_of(BUDGET)].count(Span.MONTH) == 12


@pytest.mark.parametrize("key", ["2025-11", "2026-12", "2026-Q5", "2025"])
def test_a_period_outside_of_the_cycle_is_not_found(key: str) -> None:
    with pytest.raises(NotFound, match="2025-12 - 2026-11"):
        period_of(BUDGET, PeriodKey(key))


def test_the_totals_of_a_period_are_those_of_its_months() -> None:
    read = totals(due={"2026-02": 4, "2026-03": 5})
    assert within(read, MARCH.months) == totals(due={"2026-03": 5})


def test_a_move_that_is_not_in_the_table_is_refused_with_what_is_allowed() -> None:
    for state, move in product(State, Move):
        if (state, move) in MOVES:
            assert moved(state, move) is MOVES[state, move]
        else:
            with pytest.raises(WrongState, match=state.value):
                moved(state, move)


def test_every_state_but_locked_leads_on_and_locked_is_the_end() -> None:
    assert {state for state, _ in MOVES} == set(State) - {State.LOCKED}


@pytest.mark.parametrize(
    ("period", "by", "held"),
    [("2026-06", BY, ()), ("2026-Q2", BY, ()), ("2026", BY, ()), ("2026-03", date(2026, 6, 14), ()), ("2026-Q1", BY, ("2026-03",))],
    ids=["not over", "quarter not over", "a year", "date passed", "month opened already"],
)
def test_a_period_that_can_not_be_confirmed_is_refused(period: str, by: date, held: tuple[str, ...]) -> None:
    with pytest.raises(Conflict):
        openable(period_of(CYCLE, PeriodKey(period)), by=by, today=date(2026, 6, 15), opened=map(opened, held))


def test_a_period_may_be_opened_again_with_another_date() -> None:
    openable(MARCH, by=BY + timedelta(days=9), today=date(2026, 6, 15), opened=[opened()])


def test_another_figure_gives_another_seal_and_nothing_counted_is_a_figure_too() -> None:
    measures = [MeasureKey("due"), MeasureKey("revoked")]
    seals = {seal(figures_of(totals(due={"2026-03": n}), version=Version(1), measures=measures, months=MARCH.months)) for n in (4, 4, 5, 6)}
    assert len(seals) == 3
    assert len(figures_of({}, version=Version(1), measures=measures, months=MARCH.months)) == 2


def test_a_promised_correction_has_until_the_date() -> None:
    promised = [Decision(outcome=Outcome.CORRECT, reason="x", decided_by="o", decided_at=NOON)]
    assert not locks_at_once(promised, has_passed=False)
    assert locks_at_once(promised, has_passed=True)


async def test_confirming_locks_the_figures_that_were_seen() -> None:
    made = await asked()
    done = await confirmed(made)
    assert (done.state, done.basis) == (State.LOCKED, State.CONFIRMED)
    made.figures.of_units[EAST.code] = totals(closed_in_time={"2026-03": 9}, due={"2026-03": 10, "2026-04": 6})
    found = await handlers.figures_to_confirm(HERE, made.work)
    assert {(one.measure, one.held.n) for one in found.figures} == {("closed_in_time", 8), ("due", 10), ("revoked", 0), ("changed", 0)}


async def test_figures_that_moved_since_they_were_seen_are_not_confirmed() -> None:
    made = await asked()
    seen = await handlers.figures_to_confirm(HERE, made.work)
    made.figures.of_units[EAST.code] = totals(due={"2026-03": 11})
    with pytest.raises(Conflict):
        await handlers.confirm(HERE, seen=seen.seal, desk=as_east(made))


async def test_nothing_is_confirmed_while_totals_are_counted() -> None:
    made = await asked()
    made.figures.still = False
    with pytest.raises(Conflict):
        await handlers.figures_to_confirm(HERE, made.work)


async def test_after_the_date_silence_is_deemed_and_nobody_may_confirm_or_dispute_any_more() -> None:
    made = await asked()
    made.clock.move(days=6)
    with pytest.raises(NotAllowed):
        await confirmed(made)
    with pytest.raises(NotAllowed):
        await raised(made, "case-1")
    await settle_what_moved(made.work)
    states = {one.unit: (one.state, one.basis) for one in (await handlers.overview(CYCLE.key, MARCH.key, made.work)).units}
    assert states[EAST.code] == states[WEST.code] == (State.LOCKED, State.DEEMED)


async def test_on_the_date_itself_a_unit_may_still_confirm() -> None:
    made = await asked()
    made.clock.move(days=5)
    assert (await confirmed(made)).is_locked


async def test_the_last_decision_locks_and_an_undecided_dispute_holds_the_lock_up() -> None:
    made = await asked()
    first, second = await raised(made, "case-1", "case-2")
    desk = Desk(made.work, caller("office"))
    await handlers.decide(first, desk)
    made.clock.move(days=30)
    assert await handlers.lock_lapsed(made.work) == 2  # the two others
    assert not (await handlers.figures_to_confirm(HERE, made.work)).confirmation.is_locked
    await handlers.decide(second, desk)
    done = (await handlers.figures_to_confirm(HERE, made.work)).confirmation
    assert (done.state, done.basis) == (State.LOCKED, State.DECIDED)


async def test_a_unit_with_a_promised_correction_may_confirm_before_the_date() -> None:
    made = await asked()
    (decision,) = await raised(made, "case-1")
    await handlers.decide(handlers.Decide(decision.dispute, Outcome.CORRECT, "来源更正"), Desk(made.work, caller("office")))
    assert (await handlers.figures_to_confirm(HERE, made.work)).confirmation.state is State.DECIDED
    assert (await confirmed(made)).basis is State.CONFIRMED


async def test_nobody_decides_twice_or_for_the_own_unit() -> None:
    made = await asked()
    decision, _ = await raised(made, "case-1", "case-2")
    with pytest.raises(NotAllowed):
        await handlers.decide(decision, Desk(made.work, caller("office", "unit", units=("east",))))
    await handlers.decide(decision, Desk(made.work, caller("office")))
    with pytest.raises(Conflict):
        await handlers.decide(decision, Desk(made.work, caller("office")))


async def test_only_own_records_of_known_measures_are_disputed_and_each_once() -> None:
    made = await asked()
    with pytest.raises(NotFound):
        await handlers.dispute(doubt("of-west"), as_east(made))
    await raised(made, "case-1")
    with pytest.raises(Conflict):
        await raised(made, "case-1")
    unknown = handlers.RaiseDispute(where=HERE, source="case-system", subject="case-1", measure=MeasureKey("nothing"), reason="x")
    with pytest.raises(NotFound):
        await handlers.dispute(unknown, as_east(made))
