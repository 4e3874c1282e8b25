"""The case system: penalty cases with a term of ninety days, and random inspections whose results must be published."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

from demo.bureau import Unit
from demo.simulator.chance import Share, chance
from demo.simulator.facts import Value
from demo.simulator.scenario import DAY, Record, Scenario

TERM: Final = timedelta(days=90)
TO_PUBLISH: Final = timedelta(days=20)
CAUSES: Final = ("占用道路经营", "擅自设置户外广告", "违法建设", "未密闭运输", "擅自砍伐树木", "夜间施工噪声", "乱倒建筑垃圾", "油烟扰民")
SLUG: Final = "case-system"


def cases(scenario: Scenario) -> Iterator[Record]:
    for unit in scenario.bureau.units:
        yield from _cases_of(scenario, unit)
    yield from _handed_over(scenario)


def _cases_of(scenario: Scenario, unit: Unit) -> Iterator[Record]:
    filed, late, major, unreviewed = Share(), Share(), Share(), Share()
    habit = scenario.conduct.habit
    number = 0
    for day in scenario.days(scenario.first - TERM):
        if not scenario.calendar.is_working(day):
            continue
        for _ in range(filed.count(habit(unit.code, "cases", day))):
            number += 1
            rng = chance(scenario.seed, "case", unit.code, number)
            closed_on = day + DAY * rng.randint(20, 80)
            if closed_on < scenario.first:
                continue
            due_on = day + TERM
            if late.falls(habit(unit.code, "case_late", due_on)):
                closed_on = due_on + DAY * rng.randint(3, 20)
            decided_on = closed_on - DAY * rng.randint(2, 10)
            is_major = major.falls(habit(unit.code, "major", day))
            reviewed = is_major and not unreviewed.falls(habit(unit.code, "unreviewed", decided_on))
            source = scenario.source(SLUG)
            record = Record(scenario, source, f"{unit.case_code}-{day.year}-{number:05d}", "case", source.code_of(unit), rng)
            _live(record, filed_on=day, decided_on=decided_on, closed_on=closed_on, major=is_major, reviewed=reviewed)
            yield record


def _live(record: Record, *, filed_on: date, decided_on: date, closed_on: date, major: bool, reviewed: bool) -> None:
    due_on = filed_on + TERM
    _register(record, filed_on, due_on)
    # 法制审核 comes before the decision and is reported with it: a message that is late can't make a decision look unreviewed.
    review: dict[str, Value | date] = {"reviewed_on": max(filed_on, decided_on - DAY * record.rng.randint(1, 3))} if reviewed else {}
    told: list[tuple[date, dict[str, Value | date]]]
    told = [(decided_on, {"decided_on": decided_on, "major": major, "penalty": 50 * record.rng.randint(2, 90), **review})]
    if closed_on > due_on:
        told.append((due_on + DAY, {"status": "overdue"}))
    for day, values in sorted(told, key=lambda step: step[0]):
        record.say(day, **values)
    record.say(closed_on, status="closed", closed_on=closed_on)


def _register(record: Record, filed_on: date, due_on: date) -> None:
    record.say(filed_on, filed_on=filed_on, due_on=due_on, status="open", cause=record.rng.choice(CAUSES))


def _handed_over(scenario: Scenario) -> Iterator[Record]:
    """The story's cases that change hands shortly before they are due: the taker is late with them."""
    story = scenario.conduct.transfer
    source = scenario.source(SLUG)
    giver, taker = (scenario.bureau.unit(code) for code in (story.giver, story.taker))
    for number in range(1, story.cases + 1):
        rng = chance(scenario.seed, "transfer", number)
        subject = f"{giver.case_code}-{story.filed_on.year}-9{number:04d}"
        record = Record(scenario, source, subject, "case", source.code_of(giver), rng, staged=True)
        _register(record, story.filed_on, story.due_on)
        record.hand_over(story.on, source.code_of(taker))
        record.say(story.due_on + DAY, status="overdue")
        closed_on = story.due_on + DAY * (10 + number)
        record.say(closed_on, status="closed", closed_on=closed_on, decided_on=closed_on - DAY, major=False, penalty=500)
        yield record


def inspections(scenario: Scenario) -> Iterator[Record]:
    for unit in scenario.bureau.units:
        yield from _inspections_of(scenario, unit)


def _inspections_of(scenario: Scenario, unit: Unit) -> Iterator[Record]:
    made, late = Share(), Share()
    habit = scenario.conduct.habit
    source = scenario.source(SLUG)
    number = 0
    for day in filter(scenario.calendar.is_working, scenario.days()):
        for _ in range(made.count(habit(unit.code, "inspections", day))):
            number += 1
            rng = chance(scenario.seed, "inspection", unit.code, number)
            record = Record(scenario, source, f"{unit.case_code}-SJ-{number:05d}", "inspection", source.code_of(unit), rng)
            due_on = day + TO_PUBLISH
            record.say(day, checked_on=day, publish_due_on=due_on, status="open")
            published_on = day + DAY * rng.randint(3, 18)
            if late.falls(habit(unit.code, "publish_late", due_on)):
                published_on = due_on + DAY * rng.randint(2, 9)
                record.say(due_on + DAY, status="overdue")
            record.say(published_on, status="published", published_on=published_on)
            yield record
