"""The smaller books: what courts and reviews decided, the tasks of the year, letters about discipline."""

from collections.abc import Iterator
from datetime import date
from typing import Final

from demo.bureau import Unit
from demo.simulator.chance import Share, chance
from demo.simulator.scenario import DAY, Record, Scenario

THEMES: Final = {"sub_bureaus": "违建治理", "brigades": "专项整治"}
UPHELD_A_YEAR: Final = 3


def tasks(scenario: Scenario) -> Iterator[Record]:
    for unit in scenario.bureau.units:
        late = Share()
        for month in range(scenario.first.month, scenario.last.month + 1):
            yield from _tasks_of(scenario, unit, date(scenario.first.year, month, 1), late)


def _tasks_of(scenario: Scenario, unit: Unit, month: date, late: Share) -> Iterator[Record]:
    source = scenario.source("task-register")
    for number in range(1, int(scenario.conduct.habit(unit.code, "tasks", month)) + 1):
        subject = f"{THEMES[unit.group]}-{unit.name}-{month:%Y%m}-{number:02d}"
        rng = chance(scenario.seed, "task", subject)
        record = Record(scenario, source, subject, "task", source.code_of(unit), rng)
        due_on = month + DAY * rng.randint(12, 24)
        theme = THEMES[unit.group]
        record.say(max(month, scenario.first), title=f"{theme}第{number}项", theme=theme, due_on=due_on, status="open")
        accepted_on = due_on - DAY * rng.randint(0, 6)
        if late.falls(scenario.conduct.habit(unit.code, "task_late", due_on)):
            accepted_on = due_on + DAY * rng.randint(3, 12)
            record.say(due_on + DAY, status="overdue")
        record.say(accepted_on, status="accepted", accepted_on=accepted_on)
        yield record


def reviews(scenario: Scenario) -> Iterator[Record]:
    """The outcomes that the conduct names, and some that were upheld: no unit stands out by being taken to court at all."""
    for number, review in enumerate(scenario.conduct.reviews, start=1):
        yield _review(scenario, scenario.bureau.unit(review.unit), review.final_on, review.procedure, f"{review.outcome}-{number}")
    for unit in scenario.bureau.units:
        rng = chance(scenario.seed, "upheld", unit.code)
        for number in range(1, UPHELD_A_YEAR + 1):
            day = scenario.first + DAY * rng.randint(20, (scenario.last - scenario.first).days)
            yield _review(scenario, unit, day, rng.choice(("行政复议", "行政诉讼")), f"upheld-{number}")


def _review(scenario: Scenario, unit: Unit, day: date, procedure: str, case: str) -> Record:
    source = scenario.source("review-register")
    subject = f"FY-{unit.case_code}-{case}"
    record = Record(scenario, source, subject, "review", source.code_of(unit), chance(scenario.seed, subject), staged=True)
    record.say(day, case_no=subject, procedure=procedure, outcome=case.rsplit("-", 1)[0], final_on=day)
    return record


def letters(scenario: Scenario) -> Iterator[Record]:
    source = scenario.source("discipline-register")
    for number, letter in enumerate(scenario.conduct.letters, start=1):
        subject = f"PZ-{scenario.first.year}-{number:03d}"
        unit = source.code_of(scenario.bureau.unit(letter.unit))
        record = Record(scenario, source, subject, "letter", unit, chance(scenario.seed, subject), staged=True)
        record.say(
            letter.decided_on,
            letter_no=f"派驻函〔{scenario.first.year}〕{number}号",
            level=letter.level,
            decided_on=letter.decided_on,
            accepted=letter.accepted,
            self_reported=letter.self_reported,
        )
        yield record
