from collections.abc import Collection, Mapping
from fractions import Fraction

from scoring.appraisal.domain.changes import LineCrossed, ScoreChanged
from scoring.appraisal.domain.inputs import Totals
from scoring.appraisal.domain.lights import Light
from scoring.appraisal.domain.marks import Mark
from scoring.appraisal.domain.schemes import IndicatorKey, Unit
from scoring.appraisal.domain.settling import Crossing, Ground, Settlement, score_of, settle
from scoring.appraisal.domain.standings import Standing
from scoring.appraisal.domain.traces import Trace
from tests.unit.scoring.appraisal.bureau import EAST, SQUAD, scheme, term, totals
from tests.unit.scoring.appraisal.test_traces import mark

CLOSED = IndicatorKey("closed_in_time")
DUTY = IndicatorKey("duty_report")


def ground(read: Totals, *marks: Mark, unit: Unit = EAST) -> Ground:
    given = {each.indicator: each.given for each in marks}
    return Ground(scheme=scheme(), term=term(), unit=unit, totals=read, given=given)


def rate(a: int, b: int) -> Totals:
    return totals(closed_in_time={"2026-03": a}, due={"2026-03": b})


def first(read: Totals, *marks: Mark) -> Settlement:
    return settle(ground(read, *marks), held={}, crossed=(), lights={})


def after(
    settlement: Settlement, read: Totals, *marks: Mark, held: Mapping[IndicatorKey, Trace] | None = None, crossed: Collection[Crossing] = ()
) -> Settlement:
    traces = {settled.score.indicator: settled.trace for settled in settlement.scores}
    return settle(ground(read, *marks), held={**(held or {}), **traces}, crossed=crossed or settlement.crossed, lights=settlement.lights)


def told(settlement: Settlement) -> list[tuple[str, str | None, str | None]]:
    return [(change.indicator, change.was, change.points) for change in settlement.changes if isinstance(change, ScoreChanged)]


def lines(settlement: Settlement) -> list[tuple[str, str]]:
    return [(change.line.level, change.direction) for change in settlement.changes if isinstance(change, LineCrossed)]


def test_the_first_settlement_writes_every_score_and_tells_those_that_have_points() -> None:
    done = first(rate(19, 20))
    assert len(done.scores) == 4
    assert told(done) == [("closed_in_time", None, "10.00"), ("corrected", None, "5.00"), ("overdue", None, "0.00")]


def test_settling_the_same_again_changes_nothing() -> None:
    done = first(rate(8, 10))
    again = after(done, rate(8, 10))
    assert (again.scores, again.changes, again.crossed, again.recovered) == ((), (), frozenset(), frozenset())


def test_a_trace_that_changes_without_its_points_is_written_and_not_told() -> None:
    done = after(first(rate(19, 20)), rate(38, 40))
    assert [(settled.score.indicator, settled.is_news) for settled in done.scores] == [(CLOSED, False)]
    assert done.changes == ()


def test_a_change_of_points_says_what_it_replaced_and_keeps_saying_so() -> None:
    fell = after(first(rate(190, 200)), rate(180, 200))
    assert told(fell) == [("closed_in_time", "10.00", "9.47")]
    assert fell.scores[0].trace["replaced"] == {"result": "10.00"}
    still = after(fell, rate(18, 20))
    assert still.scores[0].trace["replaced"] == {"result": "10.00"}
    assert not still.scores[0].is_news


def test_a_mark_ends_the_waiting() -> None:
    waiting = next(settled for settled in first({}).scores if settled.score.indicator == DUTY)
    assert waiting.score.standing is Standing.AWAITING
    given = after(first({}), {}, mark(7))
    assert [(settled.score.indicator, settled.score.points, settled.is_news) for settled in given.scores] == [(DUTY, Fraction(7), True)]


def test_nothing_to_judge_is_not_applicable_and_no_news() -> None:
    settled = next(settled for settled in first({}).scores if settled.score.indicator == CLOSED)
    assert settled.score.standing is Standing.NOT_APPLICABLE
    assert not settled.is_news
    assert score_of(settled.trace) == settled.score


def test_a_line_is_told_when_it_is_crossed_and_when_it_is_left_and_never_between() -> None:
    yellow = first(rate(90, 100))
    assert lines(yellow) == [("yellow", "fell")]
    assert lines(after(yellow, rate(89, 100))) == []
    red = after(yellow, rate(84, 100))
    assert lines(red) == [("red", "fell")]
    both = frozenset({(CLOSED, 0), (CLOSED, 1)})
    assert lines(after(red, rate(90, 100), crossed=both)) == [("red", "recovered")]
    assert lines(after(red, rate(95, 100), crossed=both)) == [("red", "recovered")]


def test_a_red_that_is_left_turns_its_light_to_repaired_and_a_new_version_keeps_that() -> None:
    red = first(rate(80, 100))
    assert red.lights == {CLOSED: Light.RED}
    left = after(red, rate(95, 100))
    assert left.lights == {CLOSED: Light.REPAIRED}
    under_a_new_version = settle(ground(rate(95, 100)), held={}, crossed=(), lights={CLOSED: Light.RED})
    assert under_a_new_version.lights == {CLOSED: Light.REPAIRED}
    still_red = settle(ground(rate(80, 100)), held={}, crossed=(), lights={CLOSED: Light.RED})
    assert still_red.lights == {}


def test_a_line_crossed_before_lights_were_kept_is_remembered_when_it_is_left() -> None:
    done = settle(ground(rate(95, 100)), held={}, crossed={(CLOSED, 0), (CLOSED, 1)}, lights={})
    assert done.lights == {CLOSED: Light.REPAIRED}


def test_of_two_lines_crossed_at_once_the_gravest_is_told() -> None:
    done = first(rate(80, 100))
    assert lines(done) == [("red", "fell")]
    assert done.crossed == {(CLOSED, 0), (CLOSED, 1)}


def test_units_of_any_group_are_settled_by_the_same_rule() -> None:
    done = settle(ground(rate(9, 10), unit=SQUAD), held={}, crossed=(), lights={})
    assert ("closed_in_time", None, "9.47") in told(done)
