"""The story that a visitor meets lies in the simulated facts: found here by a count that uses nothing of the platform."""

import json
import math
from datetime import date
from fractions import Fraction

from demo.simulator.facts import Message
from tests.unit.demo.count import Count, crossings
from tests.unit.demo.played import LAST, VISIT, scenario, year

FOUND = crossings(year(), LAST)


def test_wanglan_falls_under_the_red_line_of_the_hotline_in_june() -> None:
    assert [day.month for day, unit, row, light in FOUND if (unit, row, light) == ("wanglan", "5", "red")] == [6]


def test_wanglan_falls_under_the_yellow_line_of_its_cases_and_not_under_the_red_one() -> None:
    assert [light for _, unit, row, light in FOUND if (unit, row) == ("wanglan", "1")] == ["yellow"]


def test_no_unit_falls_under_a_line_by_chance() -> None:
    spells = {(spell.unit, spell.habit) for spell in scenario().conduct.spells}
    habits = {
        "1": "case_late",
        "3": "unreviewed",
        "5": "call_late",
        "6": "dissatisfied",
        "7": "repeated",
        "8": "task_late",
        "10": "publish_late",
    }
    assert all((unit, habits[row]) in spells for _, unit, row, _ in FOUND)


def test_no_line_is_crossed_twice_in_the_year() -> None:
    crossed = [(unit, row, light) for _, unit, row, light in FOUND]
    assert len(crossed) == len(set(crossed))


def test_something_new_happens_within_the_first_week_of_the_visit() -> None:
    assert any(VISIT < day <= date(2026, 9, 21) for day, *_ in FOUND)


def test_three_cases_change_hands_four_days_before_they_are_due_and_the_taker_is_late() -> None:
    moved = [fact.subject for fact in year().facts if "transferred_on" in getattr(fact, "set", {})]
    assert len(moved) == 3
    count = Count()
    for messages in year().messages.values():
        for message in messages:
            count.take(message)
    for subject in moved:
        held = count.records["case-system", subject]
        assert held.counted()[0][:2] == ("1", "songji")
        assert held.values["closed_on"] > held.values["due_on"]
        assert (date.fromisoformat(held.values["due_on"]) - date.fromisoformat(held.values["transferred_on"])).days == 4


def points_of_row_5(ratio: Fraction) -> Fraction:
    """5 points less half a point for each begun hundredth under .98."""
    return 5 - Fraction(1, 2) * math.ceil(max(Fraction(0), Fraction("0.98") - ratio) / Fraction("0.01"))


def is_the_correction(message: Message) -> bool:
    said = json.loads(message.value) if message.usable and message.source.slug == "hotline" else {}
    return said.get("subject", "").endswith("-90001") and "status" not in said["data"]["set"]


def test_the_hotlines_correction_of_one_call_lifts_beiwei() -> None:
    story = scenario().conduct.miswritten_call
    sent = [message for day in sorted(year().messages) if day <= story.corrected_on for message in year().of(day)]
    place = next(place for place, message in enumerate(sent) if is_the_correction(message))
    count = Count()
    for message in sent[:place]:
        count.take(message)
    before, _ = count.ratio("5", story.unit, "2026-08")
    count.take(sent[place])
    after, _ = count.ratio("5", story.unit, "2026-08")
    assert before is not None
    assert after is not None
    assert points_of_row_5(after) - points_of_row_5(before) == Fraction(1, 2)
