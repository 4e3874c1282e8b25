from dataclasses import replace
from fractions import Fraction

import pytest

from scoring.appraisal.domain.documents import document_of
from scoring.appraisal.domain.faults import NotAllowed, NotFound
from scoring.appraisal.domain.inputs import MeasureKey, MonthTotal
from scoring.appraisal.domain.periods import PeriodKey
from scoring.appraisal.domain.scheme_documents import scheme_of
from scoring.appraisal.domain.schemes import GroupKey, State
from scoring.appraisal.handlers import periods as handlers
from scoring.appraisal.handlers import reading
from tests.unit.scoring.appraisal.bureau import CYCLE, DOCUMENT, EAST, WORLD, totals
from tests.unit.scoring.appraisal.fakes import Office
from tests.unit.scoring.appraisal.test_confirmations import asked, confirmed

READ = totals(closed_in_time={"2026-03": 8, "2026-04": 9}, due={"2026-03": 10, "2026-04": 10})


async def locked_march() -> Office:
    made = await asked()
    await confirmed(made)
    made.figures.of_units[EAST.code] = READ
    return made


async def points(made: Office, period: str, *, locked_only: bool) -> dict[str, str | None]:
    found = await handlers.scores_of_period(CYCLE.key, EAST.code, PeriodKey(period), locked_only=locked_only, work=made.work)
    return {indicator.key: trace["result"] for indicator, trace in found.scores}


async def test_points_of_a_period_come_from_its_months_and_leave_out_what_people_judge() -> None:
    made = await locked_march()
    march = await points(made, "2026-03", locked_only=False)
    assert march == {"closed_in_time": "8.42", "corrected": "5.00", "overdue": "0.00"}
    assert (await points(made, "2026-Q2", locked_only=False))["closed_in_time"] == "9.47"
    assert (await points(made, "2026", locked_only=False))["closed_in_time"] == "8.95"  # 17 of 20


async def test_who_may_see_locked_months_only_sees_no_other_and_of_the_year_those_from_its_start() -> None:
    made = await locked_march()
    assert (await points(made, "2026-03", locked_only=True))["closed_in_time"] == "8.42"
    for period in ("2026-04", "2026-Q1", "2026"):
        with pytest.raises(NotAllowed):
            await points(made, period, locked_only=True)


async def test_a_series_shows_figures_to_all_and_points_only_of_locked_periods_to_the_unit() -> None:
    made = await locked_march()
    for points_of_all, own, shown in ((True, False, {"8.42", "9.47", "8.95", None}), (False, True, {"8.42", None}), (False, False, {None})):
        rows = await handlers.series_of(CYCLE.key, EAST.code, points=points_of_all, own=own, work=made.work)
        closed = rows[0].points
        assert {point.points for point in closed} <= shown
        by_key = {point.period.key: point for point in closed}
        assert by_key[PeriodKey("2026-03")].figure is not None
        assert by_key[PeriodKey("2026-03")].points == ("8.42" if points_of_all or own else None)
        assert PeriodKey("2026-07") not in by_key
        assert PeriodKey("2026-Q2") in by_key


async def test_measures_of_a_period_are_its_months_without_lines() -> None:
    made = await locked_march()
    rows = await reading.measures_of(CYCLE.key, EAST.code, period=PeriodKey("2026-04"), work=made.work)
    assert {measure: dict(months) for measure, months in rows[0].totals.items()} == {
        "closed_in_time": totals(x={"2026-04": 9})[MeasureKey("x")],
        "due": totals(x={"2026-04": 10})[MeasureKey("x")],
    }
    assert rows[0].lines == ()


async def test_two_more_closed_in_time_would_give_so_much() -> None:
    made = await locked_march()
    ground, (effect,) = await handlers.what_if(
        CYCLE.key, EAST.code, {MeasureKey("closed_in_time"): MonthTotal(1, Fraction(1))}, work=made.work
    )
    assert ground.unit == EAST
    assert (effect.now, effect.then, effect.difference) == (Fraction("8.95"), Fraction("9.47"), Fraction("0.52"))
    assert effect.words(2).en == "closed_in_time: closed_in_time +1 would give +0.52"
    assert effect.words(2).zh == "案件按期办结率：closed_in_time +1，可提高 0.52 分"


async def test_one_more_that_takes_points_says_so_and_is_not_suggested() -> None:
    made = await locked_march()
    _, effects = await handlers.what_if(CYCLE.key, EAST.code, {MeasureKey("revoked"): MonthTotal(1, Fraction(1))}, work=made.work)
    assert {effect.indicator.key: effect.difference for effect in effects} == {"corrected": Fraction(-2), "overdue": Fraction("-0.5")}
    assert "将降低 2.00 分" in effects[0].words(2).zh
    _, suggested = await handlers.suggested(CYCLE.key, EAST.code, work=made.work)
    assert [(effect.indicator.key, *effect.changes) for effect in suggested] == [("closed_in_time", "closed_in_time")]


async def test_a_period_that_has_not_begun_has_no_points() -> None:
    made = await locked_march()
    with pytest.raises(NotFound):
        await points(made, "2026-07", locked_only=False)


async def test_a_measure_that_the_scheme_does_not_know_is_not_found() -> None:
    made = await locked_march()
    with pytest.raises(NotFound):
        await handlers.what_if(CYCLE.key, EAST.code, {MeasureKey("nothing"): MonthTotal(1, Fraction(1))}, work=made.work)


async def test_points_of_a_period_are_those_of_the_version_that_counts_in_its_months() -> None:
    made = await locked_march()
    revised = document_of('effective: "2026-04"\n' + DOCUMENT.replace("target: 0.95", "target: 0.9"))
    made.schemes.kept[0] = replace(made.schemes.kept[0], state=State.SUPERSEDED)
    made.schemes.holds(scheme_of(revised, WORLD))
    assert (await points(made, "2026-03", locked_only=True))["closed_in_time"] == "8.42"  # 8/10/0.95, the first version
    assert (await points(made, "2026-04", locked_only=False))["closed_in_time"] == "10.00"  # 9/10/0.9, the second
    assert (await points(made, "2026", locked_only=False))["closed_in_time"] == "9.21"  # three months each
    rows = await handlers.series_of(CYCLE.key, EAST.code, points=False, own=True, work=made.work)
    assert {point.period.key: point.points for point in rows[0].points if point.points} == {"2026-03": "8.42"}


async def test_a_unit_that_no_version_appraised_then_has_no_points_of_the_period() -> None:
    made = await locked_march()
    revised = document_of('effective: "2026-04"\n' + DOCUMENT)
    others = replace(made.schemes.kept[0].scheme, groups=frozenset({GroupKey("brigade")}))
    made.schemes.kept[0] = replace(made.schemes.kept[0], state=State.SUPERSEDED, scheme=others)
    made.schemes.holds(scheme_of(revised, WORLD))
    with pytest.raises(NotFound):
        await points(made, "2026-03", locked_only=False)
    rows = await handlers.series_of(CYCLE.key, EAST.code, points=True, own=False, work=made.work)
    assert {point.period.key: point.points for point in rows[0].points}[PeriodKey("2026-03")] is None


async def test_a_what_if_weighs_the_versions_as_the_score_does() -> None:
    made = await locked_march()
    revised = document_of('effective: "2026-04"\n' + DOCUMENT.replace("target: 0.95", "target: 1"))
    made.schemes.kept[0] = replace(made.schemes.kept[0], state=State.SUPERSEDED)
    made.schemes.holds(scheme_of(revised, WORLD))
    _, (effect,) = await handlers.what_if(CYCLE.key, EAST.code, {MeasureKey("closed_in_time"): MonthTotal(1, Fraction(1))}, work=made.work)
    assert (effect.now, effect.then) == (Fraction("8.71"), Fraction("9.21"))  # (8.42.. + 9) / 2, then (8.42.. + 10) / 2
