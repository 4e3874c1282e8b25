"""Milestones of an indicator: stated in the scheme, dated by people, due by the day."""

from datetime import date

from scoring.appraisal.domain.given import Given
from scoring.appraisal.domain.inputs import Month
from scoring.appraisal.domain.schemes import IndicatorKey, Version
from scoring.appraisal.domain.settling import Ground, settle, trace_of
from scoring.appraisal.domain.traces import Trace, again, told
from scoring.appraisal.domain.versions import Term
from scoring.appraisal.handlers.settling import settle_what_moved, waiting
from tests.unit.scoring.appraisal.bureau import EAST, NODES, UNITS, scheme
from tests.unit.scoring.appraisal.fakes import Office

NODE = IndicatorKey("key_task")
SCHEME = scheme(NODES)


def ground(on: date | None, through: str = "2026-06", **done: str) -> Ground:
    given = {NODE: Given({"done": done}, {"by": "hua"})} if done else {}
    term = Term(version=Version(1), since=Month("2026-01"), through=Month(through))
    return Ground(scheme=SCHEME, term=term, unit=EAST, totals={}, given=given, reckoned_on=on)


def trace(on: date | None, through: str = "2026-06", **done: str) -> Trace:
    indicator = SCHEME.indicator(NODE)
    assert indicator is not None
    return trace_of(indicator, ground(on, through, **done))


def test_what_nobody_dated_is_not_done_and_does_not_wait() -> None:
    made = trace(date(2026, 4, 1))
    assert made["result"] == "0.00" == again(made)
    assert told(made).en == "(0.4 x 0) / 0.4 x 10 = 0.00, 1 more not due yet"


def test_a_date_that_people_gave_counts_with_where_it_came_from() -> None:
    made = trace(date(2026, 4, 20), plan="2026-04-10")
    assert made["result"] == "8.00" == again(made)
    assert made["inputs"]["milestones"][0] == {"key": "plan", "due": "2026-03-31", "done": "2026-04-10", "share": "0.4"}
    assert made["sources"] == {"by": "hua"}


def test_before_the_first_is_due_nothing_is_judged() -> None:
    assert trace(date(2026, 3, 30))["result"] is None
    assert trace(date(2026, 3, 31))["result"] == "0.00"


def test_a_cycle_that_is_over_is_reckoned_on_its_last_day() -> None:
    assert trace(date(2027, 2, 1), "2026-12")["inputs"]["reckoned_on"] == "2026-12-31"
    assert trace(None, "2026-02")["inputs"]["reckoned_on"] == "2026-02-28"


def test_settling_on_another_day_rewrites_the_trace_and_is_no_news() -> None:
    first = settle(ground(date(2026, 4, 1)), held={}, crossed=(), lights={})
    held = {settled.score.indicator: settled.trace for settled in first.scores}
    (second,) = settle(ground(date(2026, 4, 2)), held=held, crossed=(), lights={}).scores
    assert (second.score.indicator, second.is_news) == (NODE, False)


async def test_where_milestones_fall_due_every_day_is_settled_once() -> None:
    made = Office()
    made.registry.known_units = {unit.code: unit for unit in UNITS}
    made.schemes.holds(SCHEME)
    assert (await settle_what_moved(made.work)).units == len(UNITS)
    assert (await settle_what_moved(made.work)).units == 0
    made.clock.move(days=1)
    assert await waiting(made.work) == 1
    assert (await settle_what_moved(made.work)).units == len(UNITS)
    assert await waiting(made.work) == 0
