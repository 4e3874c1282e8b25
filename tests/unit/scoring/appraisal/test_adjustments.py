from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.ids import uuid7
from scoring.appraisal.domain.adjustments import Adjustment, AdjustmentId, Closed, Difference, Locked, Place, accepted, differences
from scoring.appraisal.domain.faults import Conflict
from scoring.appraisal.domain.inputs import MeasureKey, Month, MonthTotal, Totals
from scoring.appraisal.domain.schemes import IndicatorKey, Version
from scoring.appraisal.domain.traces import again
from scoring.appraisal.handlers import adjustments as handlers
from scoring.appraisal.handlers.settling import settle_what_moved
from scoring.appraisal.handlers.work import Desk
from tests.unit.scoring.appraisal.bureau import CYCLE, EAST, scheme, totals
from tests.unit.scoring.appraisal.fakes import NOON, Office
from tests.unit.scoring.appraisal.test_confirmations import asked, confirmed
from tests.unit.scoring.appraisal.test_handlers import caller

CLOSED = IndicatorKey("closed_in_time")


def place(measure: str = "due", month: str = "2026-03") -> Place:
    return Place(cycle=CYCLE.key, version=Version(1), unit=EAST.code, measure=MeasureKey(measure), month=Month(month))


def held(n: int) -> MonthTotal:
    return MonthTotal(n, Fraction(n))


def taken_over(difference: Difference) -> Adjustment:
    return Adjustment(
        id=AdjustmentId(uuid7()),
        place=difference.place,
        moved=difference.moved,
        reason="x",
        recorded_by="office",
        recorded_at=NOON,
        records=[],
    )


async def locked_at_eight_of_ten(then: Totals) -> Office:
    """March is locked at 8 of 10; then the facts go on to `then`."""
    made = await asked()
    await confirmed(made)
    made.figures.of_units[EAST.code] = then
    return made


def test_a_locked_month_replaces_the_live_one_and_no_other() -> None:
    closed = Closed({place(): Locked(held(10)), place("revoked"): Locked(held(0))})
    live = totals(due={"2026-03": 12, "2026-04": 7}, revoked={"2026-03": 2})
    assert closed.over(live) == totals(due={"2026-03": 10, "2026-04": 7}, revoked={})


def test_a_trace_says_nothing_where_nothing_of_its_measures_is_locked() -> None:
    indicator = scheme().indicator(CLOSED)
    assert indicator is not None
    assert Closed().noted(indicator, through=Month("2026-06")) == {}
    assert Closed({place("revoked"): Locked(held(0))}).noted(indicator, through=Month("2026-06")) == {}
    assert Closed({place(): Locked(held(1))}).noted(indicator, through=Month("2026-06")) == {"locked": ["2026-03"]}


def test_a_difference_is_what_the_live_total_has_beyond_what_counts() -> None:
    (found,) = differences({place(): Locked(held(10))}, {EAST.code: totals(due={"2026-03": 12})})
    assert found.moved == held(2)
    assert list(differences({place(): Locked(held(10))}, {EAST.code: totals(due={"2026-03": 10})})) == []
    (gone,) = differences({place(): Locked(held(10))}, {})
    assert gone.moved == MonthTotal(-10, Fraction(-10))


def test_only_the_difference_that_was_looked_at_is_accepted() -> None:
    (found,) = differences({place(): Locked(held(10))}, {EAST.code: totals(due={"2026-03": 12})})
    assert accepted(found, seen=held(2)) is found
    for seen, difference in ((held(1), found), (held(2), None)):
        with pytest.raises(Conflict):
            accepted(difference, seen=seen)


MONTHS = ("2026-01", "2026-02", "2026-03")
COUNTS = st.dictionaries(st.sampled_from(MONTHS), st.integers(1, 50))


@given(confirmed=COUNTS, ways=st.lists(COUNTS, min_size=1, max_size=4))
def test_once_every_difference_is_taken_over_the_locked_figures_are_the_live_totals(
    confirmed: dict[str, int], ways: list[dict[str, int]]
) -> None:
    locked = {place(month=month): Locked(held(confirmed.get(month, 0))) for month in MONTHS}
    for way in ways:
        live = totals(due=way)
        for difference in differences(locked, {EAST.code: live}):
            known = locked[difference.place]
            locked[difference.place] = Locked(known.confirmed, (*known.adjustments, taken_over(difference)))
        assert list(differences(locked, {EAST.code: live})) == []
        assert Closed(locked).over(live) == Closed().over(live)
        assert [known.confirmed.n for known in locked.values()] == [confirmed.get(month, 0) for month in MONTHS]


async def test_settling_takes_the_locked_figures_and_the_trace_says_so() -> None:
    made = await locked_at_eight_of_ten(totals(closed_in_time={"2026-03": 10, "2026-04": 5}, due={"2026-03": 10, "2026-04": 5}))
    await settle_what_moved(made.work)
    trace = next(one.trace for one in made.scores.written[EAST.code].scores if one.score.indicator == CLOSED)
    assert (trace["inputs"], trace["locked"]) == ({"a": "13", "b": "15"}, ["2026-03"])
    assert "adjustments" not in trace
    assert again(trace) == trace["result"]


async def test_a_recorded_adjustment_moves_the_locked_figure_and_unsettles_the_unit() -> None:
    made = await locked_at_eight_of_ten(totals(closed_in_time={"2026-03": 9}, due={"2026-03": 10}))
    await settle_what_moved(made.work)
    desk = Desk(made.work, caller("office"))
    await handlers.adjust(handlers.Adjust(place=place("closed_in_time"), seen=held(1), reason="来源更正"), desk)
    assert await handlers.differences_of(CYCLE.key, units=[EAST.code], work=made.work) == (
        [],
        list(made.closing.locks.locked[EAST.code][place("closed_in_time")].adjustments),  # type: ignore[attr-defined]  # the fake's
    )
    await settle_what_moved(made.work)
    trace = next(one.trace for one in made.scores.written[EAST.code].scores if one.score.indicator == CLOSED)
    assert trace["inputs"] == {"a": "9", "b": "10"}
    assert [(each["measure"], each["n"], each["reason"]) for each in trace["adjustments"]] == [("closed_in_time", "1", "来源更正")]


async def test_nothing_is_adjusted_in_the_middle_of_a_count() -> None:
    made = await locked_at_eight_of_ten(totals(due={"2026-03": 10}))
    made.figures.still = False
    with pytest.raises(Conflict):
        await handlers.adjust(handlers.Adjust(place=place(), seen=held(0), reason="x"), Desk(made.work, caller("office")))
