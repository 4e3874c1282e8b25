"""The 12345 hotline: calls that are answered, called back about, and sometimes made again."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

from demo.bureau import Unit
from demo.simulator.chance import Share, chance
from demo.simulator.facts import Value
from demo.simulator.scenario import DAY, Record, Scenario

TERM: Final = timedelta(days=7)
SLUG: Final = "hotline"
TOPICS: Final = ("占道经营", "噪声扰民", "违法建设", "渣土遗撒", "油烟污染", "绿化破坏", "非机动车乱停", "小广告")
STREETS: Final = ("临砚街道", "听澜街道", "棠下镇", "霁月街道")
CALLED_BACK: Final = 0.6
NEW_DISTRICT: Final = "12345-17"  # a code that nobody has mapped to a unit yet


def calls(scenario: Scenario) -> Iterator[Record]:
    for unit in scenario.bureau.units:
        yield from _calls_of(scenario, unit)
    yield from _of_the_new_district(scenario)
    yield _miswritten(scenario)


def _calls_of(scenario: Scenario, unit: Unit) -> Iterator[Record]:
    made, late, again, back, unhappy = Share(), Share(), Share(), Share(), Share()
    habit = scenario.conduct.habit
    number = 0
    for day in scenario.days():
        for _ in range(made.count(habit(unit.code, "calls", day))):
            number += 1
            record = _call(scenario, unit.hotline_code, f"{day:%Y%m%d}-{unit.hotline_code}-{number:05d}")
            due_on = day + TERM
            _receive(record, day, repeated=again.falls(habit(unit.code, "repeated", day)))
            answered_on = _answer(record, day, is_late=late.falls(habit(unit.code, "call_late", due_on)))
            if back.falls(CALLED_BACK):
                called_on = answered_on + DAY * record.rng.randint(1, 3)
                record.say(called_on, called_back_on=called_on, satisfied=not unhappy.falls(habit(unit.code, "dissatisfied", called_on)))
            yield record


def _call(scenario: Scenario, code: str, subject: str, *, staged: bool = False) -> Record:
    return Record(scenario, scenario.source(SLUG), subject, "complaint", code, chance(scenario.seed, subject), staged=staged)


def _receive(record: Record, day: date, *, repeated: bool) -> None:
    received_at = record.scenario.at(day, record.rng.uniform(-8 * 60, 0)).isoformat()
    values: dict[str, Value | date] = {"received_at": received_at, "received_on": day, "due_on": day + TERM, "repeated": repeated}
    if record.rng.random() < 1 / 4:
        values["street"] = record.rng.choice(STREETS)  # not declared by the kind: systems add fields
    record.say(day, **values, status="open", topic=record.rng.choice(TOPICS))


def _answer(record: Record, received_on: date, *, is_late: bool) -> date:
    due_on = received_on + TERM
    answered_on = received_on + DAY * record.rng.randint(1, 6)
    if is_late:
        answered_on = due_on + DAY * record.rng.randint(2, 6)
        record.say(due_on + DAY, status="overdue")
    record.say(answered_on, status="answered", answered_on=answered_on)
    return answered_on


def _of_the_new_district(scenario: Scenario) -> Iterator[Record]:
    rng = chance(scenario.seed, NEW_DISTRICT)
    share = scenario.conduct.rates.unknown_units
    for day in scenario.days():
        if rng.random() < share * 100:
            record = _call(scenario, NEW_DISTRICT, f"{day:%Y%m%d}-{NEW_DISTRICT}-00001")
            _receive(record, day, repeated=False)
            _answer(record, day, is_late=False)
            yield record


def _miswritten(scenario: Scenario) -> Record:
    story = scenario.conduct.miswritten_call
    code = scenario.bureau.unit(story.unit).hotline_code
    record = _call(scenario, code, f"{story.received_on:%Y%m%d}-{code}-90001", staged=True)
    _receive(record, story.received_on, repeated=False)
    record.say(story.due_on + DAY, status="overdue")
    record.say(story.written_on, status="answered", answered_on=story.written_on)
    record.say(story.corrected_on, answered_on=story.answered_on)
    return record
